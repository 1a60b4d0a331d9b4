"""`make shift`: moves traffic from one version to another, step by step, as the evidence allows."""

from release.shift.climb import Climb
from release.shift.events import Event
from release.shift.surroundings import Alarm, Clock, Entry, Evidence, Inside, Surroundings

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
