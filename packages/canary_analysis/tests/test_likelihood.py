"""Mixtures and best fits, against the same numbers computed in another way."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, log

import pytest

from canary_analysis.likelihood import (
    PLAIN,
    Stream,
    log_best_fit,
    log_likelihood,
    log_mixture,
    log_sum,
)


def rising(start: Fraction, times: int) -> Fraction:
    product = Fraction(1)
    for step in range(times):
        product *= start + step
    return product


def exact_mixture(requests: int, bad: int) -> Fraction:
    """In fractions, from the definition of the beta function's quotient."""
    total = Fraction(0)
    for x, y in ((Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 2), Fraction(50))):
        total += rising(x, bad) * rising(y, requests - bad) / rising(x + y, requests)
    return total / 2


@pytest.mark.parametrize(("requests", "bad"), [(0, 0), (1, 0), (1, 1), (30, 4), (200, 0), (90, 90)])
def test_a_mixture_is_what_fractions_say(requests: int, bad: int) -> None:
    assert exp(log_mixture((requests, bad))) == pytest.approx(float(exact_mixture(requests, bad)))


def test_a_mixture_is_a_bet_on_every_outcome_together() -> None:
    total = sum(comb(40, bad) * exp(log_mixture((40, bad))) for bad in range(41))
    assert total == pytest.approx(1)


def test_certainties_allow_nothing_else() -> None:
    assert log_likelihood((10, 0), 0.0) == 0
    assert log_likelihood((10, 10), 1.0) == 0
    assert exp(log_likelihood((10, 1), 0.0)) == 0
    assert exp(log_likelihood((10, 9), 1.0)) == 0


def test_sums_survive_numbers_that_no_float_holds() -> None:
    assert log_sum(-5000, -5000) == pytest.approx(-5000 + log(2))


@pytest.mark.parametrize("at_least", [True, False])
@pytest.mark.parametrize("difference", [-0.2, 0.0, 0.001, 0.07, 0.6])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((50, 0), (20, 0)),
        ((50, 1), (20, 6)),
        ((50, 30), (20, 1)),
        ((5, 5), (9, 9)),
        ((7, 0), (3, 3)),
    ],
)
def test_the_best_fit_is_the_best_of_a_fine_grid(
    old: Stream, new: Stream, difference: float, at_least: bool
) -> None:
    shares = [number / 400 for number in range(401)]
    edge = [(p, p + difference) for p in shares if 0 <= p + difference <= 1]
    inside = [
        (p1, p2)
        for p1 in shares
        for p2 in shares
        if (p2 - p1 > difference if at_least else p2 - p1 < difference)
    ]
    best = max(log_likelihood(old, p1) + log_likelihood(new, p2) for p1, p2 in (*edge, *inside))
    found = log_best_fit(old, new, difference, at_least=at_least)
    assert best - 1e-9 <= found <= best + 0.02


def test_both_priors_have_their_say() -> None:
    assert len(PLAIN) == 2
    # Many good requests speak for the prior near zero, many bad ones for the other.
    assert log_mixture((1000, 0)) > log_mixture((1000, 0), PLAIN[:1])
    assert log_mixture((1000, 900)) > log_mixture((1000, 900), PLAIN[1:])
