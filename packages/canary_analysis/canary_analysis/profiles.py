"""Profiles of a rollout: the rule, the weights, and the limits, each with its reason."""

from dataclasses import dataclass, field

from .rule import Rule

MINUTE, HOUR = 60.0, 3600.0

_SLOW_TRAFFIC, _BUSY_TRAFFIC = 5.0, 50.0
_FEW, _USUAL, _STEEP = (10, 25, 50, 100), (5, 10, 25, 50, 100), (5, 14, 37, 100)


@dataclass(frozen=True)
class Profile:
    name: str
    rule: Rule = field(default_factory=Rule)
    weights: tuple[int, ...] = ()
    """Empty: the rate of requests decides."""
    patience: float = 10.0
    """Seconds that a step lasts at least, besides two scrapes: a request that hangs is seen only
    when it ends."""
    hold_limit: float = 2 * HOUR
    """Seconds that one step may take: twice as long as all steps of a good version at 2 requests a
    second need."""
    drain_limit: float = 15 * MINUTE
    """Seconds that visitors may stay with the old version after the last step: longer than most
    visits to a shop, and its pages lead on to the new version afterwards."""
    quiet: float = 60.0
    """Seconds without a request after which the old version's visitors have left."""

    def schedule(self, rate: float) -> tuple[int, ...]:
        """Return the weights in percent for so many requests a second.

        Few requests give little evidence at a small weight, so the first weight is higher; many
        give enough for larger steps.
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
