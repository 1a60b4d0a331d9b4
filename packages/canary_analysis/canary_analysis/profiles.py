"""How a rollout goes: the rule, the weights, and the limits. Each default says why it is so."""

from __future__ import annotations

from dataclasses import dataclass, field

from canary_analysis.rule import Rule

MINUTE, HOUR = 60.0, 3600.0

_SLOW_TRAFFIC, _BUSY_TRAFFIC = 5.0, 50.0
_FEW, _USUAL, _STEEP = (10, 25, 50, 100), (5, 10, 25, 50, 100), (5, 14, 37, 100)


@dataclass(frozen=True)
class Profile:
    """A way to roll out, by name."""

    name: str
    rule: Rule = field(default_factory=Rule)
    weights: tuple[int, ...] = ()
    """The same at any rate of requests; empty: chosen by it."""
    patience: float = 10.0
    """Seconds that a step lasts at least, besides two scrapes: so long may a request take, and one
    that hangs is seen only when it ends."""
    hold_limit: float = 2 * HOUR
    """Seconds that one step may take. An honest rollout at 2 requests a second needs up to an hour
    for all of its steps; who waits for twice that is not waiting for evidence any more."""
    drain_limit: float = 15 * MINUTE
    """Seconds that visitors may stay with the old version after the last step: longer than most
    visits to a shop, and its pages lead on to the new version afterwards."""
    quiet: float = 60.0
    """Seconds without a request after which the old version's visitors have left."""

    def schedule(self, rate: float) -> tuple[int, ...]:
        """The weights in percent, for so many requests a second.

        Few requests give little evidence at a small weight, so there it begins higher; many give
        enough for larger strides.
        """
        if self.weights:
            return self.weights
        if rate < _SLOW_TRAFFIC:
            return _FEW
        return _USUAL if rate <= _BUSY_TRAFFIC else _STEEP


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("default"),
        # To show in a minute what takes longer: it tolerates three times as much.
        Profile(
            "demo",
            Rule(tolerance=0.03),
            weights=(25, 50, 100),
            patience=1.0,
            hold_limit=60.0,
            drain_limit=10.0,
            quiet=4.0,
        ),
    )
}
