"""Decide when a drain is over: the old version's visitors have left, or their time is up."""

from __future__ import annotations

from dataclasses import dataclass

from canary_analysis import Profile
from release.canary.observer import Observation


@dataclass
class Drain:
    """The drain of the old version, which keeps its visitors and gets no new ones."""

    profile: Profile
    begun: float
    _last_request: float = 0.0
    _requests: float = 0.0

    def __post_init__(self) -> None:
        self._last_request = self.begun

    def end_reason(self, observation: Observation, now: float) -> str:
        """Return why the drain is over, or "". Unknown traffic counts as traffic."""
        if observation.doubt or observation.pair.old.requests != self._requests:
            self._requests, self._last_request = observation.pair.old.requests, now
        if now - self._last_request >= self.profile.quiet:
            return "have left"
        if now - self.begun >= self.profile.drain_limit:
            return f"had {self.profile.drain_limit:g} s to leave"
        return ""
