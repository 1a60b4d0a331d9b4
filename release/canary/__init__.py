"""`make shift`: moves traffic from one version to another, step by step, as the evidence allows."""

from release.canary.climb import Climb
from release.canary.events import Event
from release.canary.surroundings import Alarm, Clock, Entry, Evidence, Inside, Surroundings

__all__ = [
    "Alarm",
    "Climb",
    "Clock",
    "Entry",
    "Event",
    "Evidence",
    "Inside",
    "Surroundings",
]
