"""Log-likelihoods of a share of bad requests: no float can hold those of 100,000 requests."""

from collections.abc import Sequence
from math import exp, inf, lgamma, log

Prior = tuple[float, float]
"""Parameters of a beta distribution: as many bad and good requests as if seen before."""

Stream = tuple[float, float]
"""Requests, and the bad ones among them."""

SPREAD: Prior = (0.5, 0.5)
NEAR_ZERO: Prior = (0.5, 50.0)
PLAIN = (SPREAD, NEAR_ZERO)

# So many halvings leave an interval below the precision of a float.
_HALVINGS = 50


def log_sum(*parts: float) -> float:
    """Return log(e^a + e^b + ...) without overflow."""
    top = max(parts)
    return top + log(sum(exp(part - top) for part in parts))


def log_likelihood(stream: Stream, share: float) -> float:
    """Return log(p^b · (1-p)^(n-b)): the likelihood of this sequence under the share p."""
    requests, bad = stream
    good = requests - bad
    if (bad > 0 and share <= 0) or (good > 0 and share >= 1):
        return -inf
    return (bad * log(share) if bad > 0 else 0.0) + (good * log(1 - share) if good > 0 else 0.0)


def log_mixture(stream: Stream, priors: Sequence[Prior] = PLAIN) -> float:
    """Return the log of the mean likelihood over the priors, in equal parts (Robbins 1970)."""
    requests, bad = stream
    parts = (_log_beta(x + bad, y + requests - bad) - _log_beta(x, y) for x, y in priors)
    return log_sum(*parts) - log(len(priors))


def _log_beta(x: float, y: float) -> float:
    return lgamma(x) + lgamma(y) - lgamma(x + y)


def log_best_fit(old: Stream, new: Stream, difference: float, *, at_least: bool) -> float:
    """Return the largest log-likelihood of two shares for both streams, if the new one is larger by
    at least (or at most) `difference`. Both streams need requests.
    """
    p1, p2 = old[1] / old[0], new[1] / new[0]
    allowed = p2 - p1 >= difference if at_least else p2 - p1 <= difference
    if not allowed:
        # The maximum lies on the edge, where the sum of two concave curves has one top.
        p1 = _top(old, new, difference)
        p2 = p1 + difference
    return log_likelihood(old, p1) + log_likelihood(new, min(p2, 1.0))


def _top(old: Stream, new: Stream, difference: float) -> float:
    low, high = max(0.0, -difference), min(1.0, 1.0 - difference)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rising = _slope(old, middle) + _slope(new, middle + difference) > 0
        low, high = (middle, high) if rising else (low, middle)
    return (low + high) / 2


def _slope(stream: Stream, share: float) -> float:
    requests, bad = stream
    tiny = 1e-300
    return bad / max(share, tiny) - (requests - bad) / max(1 - share, tiny)
