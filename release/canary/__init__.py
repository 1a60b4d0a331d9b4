"""`make shift`: moves traffic from one version to another, step by step, as the evidence allows."""

from release.canary.controller import CanaryController
from release.canary.events import Event
from release.canary.interfaces import Alarm, InsideView

__all__ = ["Alarm", "CanaryController", "Event", "InsideView"]
