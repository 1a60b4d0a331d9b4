"""The verdict on a step of a rollout: advance, hold or roll back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import log

from canary_analysis import evalues
from canary_analysis.counts import CountPair, Counts
from canary_analysis.evalues import History


class Verdict(StrEnum):
    ADVANCE = "advance"
    HOLD = "hold"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Rule:
    """What is tolerated, and how often the rule may be wrong about it."""

    tolerance: float = 0.01
    """Share of all requests that the new version may spoil at the next weight."""
    harm: float = 0.001
    """A difference too small to roll back for."""
    alpha: float = 0.01
    """Rollouts of a harmless version that are rolled back, at most."""
    beta: float = 0.05
    """Steps at which a version beyond tolerance advances, at most."""
    min_requests: int = 20
    ceiling: float = 0.10
    """Failed and slow requests that are too many, whatever the old version does."""
    largest_difference: float = 0.10
    """However small the next weight: visitors of the new version are visitors, too."""
    compared: float = 0.65
    """Part of alpha for the comparison; the ceiling has the rest."""
    design_effect: float = 1.0
    """Requests that share one fate, and so are worth one."""

    def allowed(self, next_weight: float) -> float:
        """How much worse the new version may be, if it is to get this share of the traffic."""
        return min(self.largest_difference, self.tolerance / next_weight)


@dataclass(frozen=True)
class Decision:
    """`low` and `high` bound p2 - p1, each at its own error rate and valid at any look."""

    verdict: Verdict
    reason: str
    low: float = -1.0
    high: float = 1.0
    allowed: float | None = None

    def because(self, verdict: Verdict, reason: str) -> Decision:
        """Another verdict on the same numbers, for a reason that the numbers do not show."""
        return replace(self, verdict=verdict, reason=reason)


def decide(
    history: History, next_weight: float, steps: int, rule: Rule, *, interval: bool = True
) -> Decision:
    """The verdict on the last of `history`. `next_weight`: the share in (0, 1] that the new
    version gets if it advances; `steps`: the comparisons of the rollout, fixed when it began.
    """
    if not all(pair.credible for pair in history):
        return Decision(Verdict.HOLD, "the counts are not credible")
    history = [pair.divided(rule.design_effect) for pair in history]
    pair = history[-1]
    level = rule.alpha * evalues.share_of_step(len(history) - 1, steps)
    to_roll_back, to_advance = -log(level * rule.compared), -log(rule.beta)
    allowed = rule.allowed(next_weight)
    low, high = _interval(history, to_roll_back, to_advance) if interval else (-1.0, 1.0)

    def decision(verdict: Verdict, reason: str) -> Decision:
        return Decision(verdict, reason, low, high, allowed)

    if not pair.new.requests:
        return decision(Verdict.HOLD, "no traffic on the new version")
    if evalues.log_worse(pair, rule.harm) >= to_roll_back:
        return decision(Verdict.ROLLBACK, "the new version is worse than the old one")
    above = _above(rule.ceiling, pair.new, level * (1 - rule.compared))
    if pair.old.requests < rule.min_requests:
        if above:
            return decision(Verdict.ROLLBACK, "the new version is above the ceiling")
        return decision(Verdict.HOLD, "too little traffic on the old version to compare with")
    if above:
        return decision(
            Verdict.HOLD, "the new version is above the ceiling, but no worse than the old one"
        )
    if pair.new.requests < rule.min_requests:
        return decision(Verdict.HOLD, "too little traffic on the new version")
    if evalues.log_harmless(history, allowed) >= to_advance:
        return decision(Verdict.ADVANCE, "the new version is within tolerance")
    return decision(Verdict.HOLD, "not enough evidence yet")


def watch(pair: CountPair, rule: Rule) -> Decision:
    """The verdict when nobody is left to compare with fairly: only the ceiling can roll back.

    Those who stay with the old version chose to; they are not a sample of the new one's visitors.
    """
    if not pair.credible:
        return Decision(Verdict.HOLD, "the counts are not credible")
    pair = pair.divided(rule.design_effect)
    if not _above(rule.ceiling, pair.new, rule.alpha * evalues.LEFT_TO_THE_DRAIN):
        return Decision(Verdict.HOLD, "below the ceiling")
    old = pair.old
    if old.requests >= rule.min_requests and old.severe / old.requests >= rule.ceiling:
        return Decision(Verdict.HOLD, "both versions are above the ceiling")
    return Decision(Verdict.ROLLBACK, "the new version is above the ceiling")


def _above(ceiling: float, new: Counts, level: float) -> bool:
    return evalues.log_above(new, ceiling) >= -log(level)


def _interval(history: History, to_roll_back: float, to_advance: float) -> tuple[float, float]:
    low = evalues.lower_bound(lambda d: evalues.log_worse(history[-1], d), to_roll_back)
    high = evalues.upper_bound(lambda d: evalues.log_harmless(history, d), to_advance)
    return low, high
