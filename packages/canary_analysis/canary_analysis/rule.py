"""The verdict on a step of a rollout: advance, hold or roll back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import log

from . import evalues
from .counts import CountPair, Counts
from .evalues import History


class Verdict(StrEnum):
    ADVANCE = "advance"
    HOLD = "hold"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Rule:
    """The tolerances, and how often the rule may be wrong about them."""

    tolerance: float = 0.01
    """Share of all requests that the new version may spoil at the next weight."""
    harm: float = 0.001
    """A difference too small to roll back for."""
    alpha: float = 0.01
    """At most this share of the rollouts of a harmless version is rolled back."""
    beta: float = 0.05
    """At most this share of the steps of a version beyond tolerance advances."""
    min_requests: int = 20
    ceiling: float = 0.10
    """A share of failed and slow requests that is too high, whatever the old version does."""
    largest_difference: float = 0.10
    """The most that `allowed` returns, however small the next weight."""
    compared: float = 0.65
    """The share of alpha for the comparison; the ceiling has the rest."""

    def allowed(self, next_weight: float) -> float:
        """Return how much worse the new version may be to get this share of the traffic."""
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
        """Return another verdict on the same numbers, for a reason outside of them."""
        return replace(self, verdict=verdict, reason=reason)


def decide(
    history: History, next_weight: float, steps: int, rule: Rule, *, interval: bool = True
) -> Decision:
    """Judge the last of `history`. `next_weight`: the share in (0, 1] that the new version gets if
    it advances; `steps`: the number of comparisons of the rollout, fixed when it began.
    """
    if not all(pair.credible for pair in history):
        return Decision(Verdict.HOLD, "the counts are not credible")
    pair = history[-1]
    level = rule.alpha * evalues.share_of_step(len(history) - 1, steps)
    to_roll_back, to_advance = -log(level * rule.compared), -log(rule.beta)
    allowed = rule.allowed(next_weight)
    low, high = -1.0, 1.0
    if interval:
        low = evalues.find_bound(lambda d: evalues.log_worse(pair, d), to_roll_back, -1.0)
        high = evalues.find_bound(lambda d: evalues.log_harmless(history, d), to_advance, 1.0)

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
    """Judge when there is no fair comparison any more: only the ceiling can roll back.

    The visitors who stay with the old version are not a sample of the new one's visitors.
    """
    if not pair.credible:
        return Decision(Verdict.HOLD, "the counts are not credible")
    if not _above(rule.ceiling, pair.new, rule.alpha * evalues.LEFT_TO_THE_DRAIN):
        return Decision(Verdict.HOLD, "below the ceiling")
    old = pair.old
    if old.requests >= rule.min_requests and old.severe / old.requests >= rule.ceiling:
        return Decision(Verdict.HOLD, "both versions are above the ceiling")
    return Decision(Verdict.ROLLBACK, "the new version is above the ceiling")


def _above(ceiling: float, new: Counts, level: float) -> bool:
    return evalues.log_above(new, ceiling) >= -log(level)
