"""The rule's verdict, and everything else that may overrule it: pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from canary_analysis import Decision, Pair, Profile, Verdict, decide, watch
from release.canary.watching import Glance


class Stage(NamedTuple):
    """A weight of the new version, and the one that comes after it, in percent."""

    weight: int
    following: int
    number: int
    of: int


# Looks come more often than scrapes, and say the same until the next one.
_decide = lru_cache(maxsize=1)(decide)


def judge(
    glance: Glance, history: Sequence[Pair], stage: Stage, seconds: float, profile: Profile
) -> Decision:
    """Advance only on fresh evidence without a doubt; a hold that lasts too long is a no."""
    found = _decide((*history, glance.pair), stage.following / 100, stage.of, profile.rule)
    if found.verdict is Verdict.ROLLBACK:
        return found
    if glance.alarm:
        return found.because(Verdict.ROLLBACK, glance.alarm)
    if seconds > profile.hold_limit:
        why = f"no advance within {profile.hold_limit:g} s: {glance.doubt or found.reason}"
        return found.because(Verdict.ROLLBACK, why)
    if glance.doubt:
        return found.because(Verdict.HOLD, glance.doubt)
    if found.verdict is Verdict.ADVANCE:
        least = profile.patience + 2 * glance.interval
        if not glance.fresh:
            # It was enough at the last scrape; what happened since then is not known.
            return found.because(Verdict.HOLD, f"{found.reason}; waiting for the next scrape")
        if not glance.flowing:
            return found.because(Verdict.HOLD, "no traffic on both versions in the latest scrape")
        if seconds < least:
            return found.because(Verdict.HOLD, f"{found.reason}; a step lasts {least:.0f} s")
    return found


def judge_drain(glance: Glance, profile: Profile) -> Decision:
    """Nobody is left to compare with: the ceiling and the alerts watch."""
    found = watch(glance.pair, profile.rule)
    if glance.alarm:
        return found.because(Verdict.ROLLBACK, glance.alarm)
    if glance.doubt and found.verdict is Verdict.HOLD:
        return found.because(Verdict.HOLD, glance.doubt)
    return found
