"""When the last visitors of the old version have left, or had long enough to."""

from __future__ import annotations

from dataclasses import dataclass

from canary_analysis import Profile
from release.canary.watching import Glance


@dataclass
class Drain:
    """New visitors have moved on; those who were there before may finish."""

    profile: Profile
    begun: float
    _seen: float = 0.0
    _requests: float = 0.0

    def __post_init__(self) -> None:
        self._seen = self.begun

    def over(self, glance: Glance, now: float) -> str:
        """Why it is over; empty while it is not. Not knowing is not silence."""
        if glance.doubt or glance.pair.old.requests != self._requests:
            self._requests, self._seen = glance.pair.old.requests, now
        if now - self._seen >= self.profile.quiet:
            return "have left"
        if now - self.begun >= self.profile.drain_limit:
            return f"had {self.profile.drain_limit:g} s to leave"
        return ""
