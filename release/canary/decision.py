"""Combine the rule's verdict with alarms, doubts and limits. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from canary_analysis import CountPair, Decision, Profile, Verdict, decide, watch
from release.canary.observer import Observation


class Step(NamedTuple):
    """A weight of the new version and the next weight, in percent."""

    weight: int
    following: int
    number: int
    of: int


# Observations are more frequent than scrapes and repeat the same counts in between.
_decide = lru_cache(maxsize=1)(decide)


def judge(
    observation: Observation,
    history: Sequence[CountPair],
    step: Step,
    seconds: float,
    profile: Profile,
) -> Decision:
    """Advance only on fresh evidence without a doubt; roll back when a hold lasts too long."""
    decision = _decide((*history, observation.pair), step.following / 100, step.of, profile.rule)
    if decision.verdict is Verdict.ROLLBACK:
        return decision
    if observation.alarm:
        return decision.because(Verdict.ROLLBACK, observation.alarm)
    if seconds > profile.hold_limit:
        why = f"no advance within {profile.hold_limit:g} s: {observation.doubt or decision.reason}"
        return decision.because(Verdict.ROLLBACK, why)
    if observation.doubt:
        return decision.because(Verdict.HOLD, observation.doubt)
    if decision.verdict is Verdict.ADVANCE:
        least = profile.patience + 2 * observation.interval
        if not observation.fresh:
            # The evidence sufficed at the last scrape; nothing newer is known.
            return decision.because(Verdict.HOLD, f"{decision.reason}; waiting for the next scrape")
        if not observation.flowing:
            return decision.because(
                Verdict.HOLD, "no traffic on both versions in the latest scrape"
            )
        if seconds < least:
            return decision.because(Verdict.HOLD, f"{decision.reason}; a step lasts {least:.0f} s")
    return decision


def judge_drain(observation: Observation, profile: Profile) -> Decision:
    """Judge a drain: without traffic to compare with, only the error ceiling and alerts count."""
    decision = watch(observation.pair, profile.rule)
    if observation.alarm:
        return decision.because(Verdict.ROLLBACK, observation.alarm)
    if observation.doubt and decision.verdict is Verdict.HOLD:
        return decision.because(Verdict.HOLD, observation.doubt)
    return decision
