"""Evidence against a hypothesis, as e-values: bets whose mean is at most 1 while it is true.

By Ville's inequality (1939), the chance that an e-value ever reaches 1/a is at most a, however
often one looks and whenever one stops. Robbins (1970) has the mixtures, Howard, Ramdas, McAuliffe
and Sekhon (2021) the modern account, Lindon, Sanden and Shirikian (2022) the use for releases.

Each e-value is a mixture of likelihoods, divided by the best likelihood under the hypothesis.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import log

from .counts import CountPair, Counts
from .likelihood import (
    NEAR_ZERO,
    Prior,
    Stream,
    log_best_fit,
    log_likelihood,
    log_mixture,
    log_sum,
)

History = Sequence[CountPair]
"""The counts of each step so far, the current one last, each since its weights were set."""

ON_THE_NEW_ALONE = 0.8
CARRIED_AT_MOST = 4.0
"""The most that earlier steps may contribute to an advance: the version may have become worse."""
REMEMBERED = 1000
"""The weight of the old version's earlier rate as a prior, in requests."""
FIRST_STEP, LEFT_TO_THE_DRAIN = 0.4, 0.1
"""Shares of the false rollbacks that a rollout may have; the other steps share the rest."""

# To 0.0002 percentage points.
_HALVINGS = 20


def log_worse(pair: CountPair, harm: float) -> float:
    """R, against `p2 - p1 <= harm`: M(old) M(new) / max over p2 - p1 <= harm of L1 L2."""
    old, new = _bad(pair.old), _bad(pair.new)
    if not (old[0] and new[0]):
        return 0.0  # A version without requests allows any difference.
    return log_mixture(old) + log_mixture(new) - log_best_fit(old, new, harm, at_least=False)


def log_above(counts: Counts, ceiling: float) -> float:
    """Against `p <= ceiling`, failed and slow requests only: M / max over p <= ceiling of L."""
    stream = (counts.requests, counts.severe)
    if not counts.requests:
        return 0.0
    best = min(counts.severe / counts.requests, ceiling)
    return log_mixture(stream) - log_likelihood(stream, best)


def log_harmless(history: History, difference: float) -> float:
    """Against `p2 - p1 >= difference`, from the whole rollout:

    0.8 min(4, product of C of earlier steps) C(now) + 0.2 J(now)

    C = M(new) / max over p2 >= difference of L2 needs no old version, since p2 - p1 >= d implies
    p2 >= d: a fault of both, which only raises p2, can never speak for the new version.
    J = half of [M(old) M(new) + M(both together)] / max over p2 - p1 >= difference of L1 L2.
    """
    old, new = _bad(history[-1].old), _bad(history[-1].new)
    if not (old[0] and new[0]):
        return 0.0
    alone = log_alone(history, difference)
    together = log_mixture((old[0] + new[0], old[1] + new[1]), _priors(history[:-1]))
    apart = log_mixture(old) + log_mixture(new)
    best = log_best_fit(old, new, difference, at_least=True)
    compared = log_sum(apart, together) - log(2) - best
    carried = min(log(CARRIED_AT_MOST), sum(alone[:-1]))
    return log_sum(
        log(ON_THE_NEW_ALONE) + carried + alone[-1], log(1 - ON_THE_NEW_ALONE) + compared
    )


def log_alone(history: History, difference: float) -> list[float]:
    """Return C of each step. Its prior knows the old version's earlier steps, never the current
    one: a bet is placed before looking.
    """
    return [
        _log_alone(_bad(pair.new), difference, _priors(history[:step]))
        for step, pair in enumerate(history)
    ]


def share_of_step(step: int, steps: int) -> float:
    """Return the share of the permitted false rollbacks for the comparison number `step`."""
    left = 1 - LEFT_TO_THE_DRAIN
    if steps == 1:
        return left
    return FIRST_STEP if step == 0 else (left - FIRST_STEP) / (steps - 1)


def find_bound(log_evidence: Callable[[float], float], needed: float, rejected: float) -> float:
    """Return the last difference that the evidence rejects, starting from `rejected`: -1 for a
    lower bound, 1 for an upper one.
    """
    # The side that is rejected is the answer: a bound may be too wide, never too narrow.
    kept = -rejected
    for _ in range(_HALVINGS):
        middle = (rejected + kept) / 2
        if log_evidence(middle) >= needed:
            rejected = middle
        else:
            kept = middle
    return rejected


@lru_cache(4096)
def _log_alone(new: Stream, difference: float, priors: tuple[Prior, ...]) -> float:
    requests, bad = new
    if difference <= 0 or not requests:
        return 0.0  # No statement about the new version alone.
    return log_mixture(new, priors) - log_likelihood(new, max(difference, bad / requests))


def _priors(earlier: History) -> tuple[Prior, ...]:
    """Put two thirds of the weight on the old version's rate in earlier steps."""
    requests = sum(pair.old.requests for pair in earlier)
    bad = sum(pair.old.bad for pair in earlier)
    scale = min(1.0, REMEMBERED / requests) if requests else 0.0
    known = (NEAR_ZERO[0] + bad * scale, NEAR_ZERO[1] + (requests - bad) * scale)
    return (known, known, NEAR_ZERO)


def _bad(counts: Counts) -> Stream:
    return counts.requests, counts.bad
