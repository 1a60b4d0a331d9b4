"""The stated error rates hold: exactly for one look, in simulation for a look at each scrape."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import comb, exp, log

import pytest

from canary_analysis import LEFT_TO_THE_DRAIN, CountPair, Counts, Rule, Verdict, decide, watch
from canary_analysis.evalues import log_above, log_alone, log_harmless, log_worse, share_of_step
from canary_analysis.likelihood import log_likelihood, log_mixture

RULE = Rule()


def likely(requests: int, share: float) -> list[tuple[int, float]]:
    """Each number of bad requests with its chance."""
    return [
        (bad, comb(requests, bad) * share**bad * (1 - share) ** (requests - bad))
        for bad in range(requests + 1)
    ]


def pairs(old: tuple[int, float], new: tuple[int, float]) -> Iterator[tuple[CountPair, float]]:
    """Every outcome of a step with its chance."""
    for bad1, chance1 in likely(*old):
        for bad2, chance2 in likely(*new):
            yield CountPair(Counts(old[0], bad1), Counts(new[0], bad2)), chance1 * chance2


@pytest.mark.parametrize("share", [0.0, 0.002, 0.05, 0.5, 0.999])
def test_evidence_of_harm_has_mean_one_at_most_when_there_is_none(share: float) -> None:
    mean = sum(
        chance * exp(log_worse(pair, 0.001))
        for pair, chance in pairs((40, share), (25, min(1.0, share + 0.001)))
    )
    assert mean <= 1 + 1e-9


def test_evidence_of_harm_is_the_bet_over_the_best_that_no_harm_can_do() -> None:
    # Here the new version is the better one, so that the best explanation is what was seen.
    bets = log_mixture((80, 8)) + log_mixture((60, 3))
    best = log_likelihood((80, 8), 0.1) + log_likelihood((60, 3), 0.05)
    assert log_worse(CountPair(Counts(80, 8), Counts(60, 3)), 0.001) == pytest.approx(bets - best)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1])
def test_evidence_against_the_ceiling_has_mean_one_at_most_below_it(share: float) -> None:
    mean = sum(chance * exp(log_above(Counts(60, bad), 0.1)) for bad, chance in likely(60, share))
    assert mean <= 1 + 1e-9


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("difference", [0.01, 0.1])
def test_evidence_for_an_advance_has_mean_one_at_most_beyond_tolerance(
    share: float, difference: float
) -> None:
    truth = (30, share), (12, share + difference)
    mean = sum(chance * exp(log_harmless([pair], difference)) for pair, chance in pairs(*truth))
    assert mean <= 1 + 1e-9


def test_evidence_of_two_steps_has_mean_one_at_most_beyond_tolerance() -> None:
    first = list(pairs((9, 0.02), (6, 0.1)))
    second = list(pairs((6, 0.02), (9, 0.1)))
    mean = sum(
        before * chance * exp(log_harmless([early, late], 0.08))
        for early, before in first
        for late, chance in second
    )
    assert mean <= 1 + 1e-9


def test_a_bet_on_the_new_version_is_placed_before_looking_at_the_old_one() -> None:
    def bets(*old: Counts) -> list[float]:
        return log_alone([CountPair(seen, Counts(300, 2)) for seen in old], 0.05)

    calm, bad = Counts(2000, 2), Counts(2000, 90)
    assert bets(calm, calm) == bets(calm, bad)
    assert bets(calm, calm) != bets(bad, calm)


def test_a_fault_of_both_versions_never_speaks_for_the_new_one() -> None:
    """The old version's part of the evidence may be anything: an incident, an attack, luck."""
    for old in ((30, 0.9), (30, 0.0)):
        mean = sum(
            chance * exp(log_harmless([pair], 0.1)) for pair, chance in pairs(old, (20, 0.95))
        )
        assert mean <= 1 + 1e-9


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_the_steps_and_the_drain_share_the_permitted_false_rollbacks(steps: int) -> None:
    shares = [share_of_step(step, steps) for step in range(steps)]
    assert sum(shares) + LEFT_TO_THE_DRAIN == pytest.approx(1)
    assert min(shares) > 0


def stream(
    seed: int, old: tuple[int, float], new: tuple[int, float], looks: int
) -> Iterator[CountPair]:
    """Counts that grow from look to look; the same for a seed."""
    chance = random.Random(seed)
    n1 = b1 = n2 = b2 = 0
    for _ in range(looks):
        n1, n2 = n1 + old[0], n2 + new[0]
        b1 += sum(chance.random() < old[1] for _ in range(old[0]))
        b2 += sum(chance.random() < new[1] for _ in range(new[0]))
        yield CountPair(Counts(n1, b1), Counts(n2, b2))


@pytest.mark.parametrize(("share", "size"), [(0.0, 6), (0.03, 6), (0.3, 2)])
def test_a_version_beyond_tolerance_hardly_ever_advances(share: float, size: int) -> None:
    allowed, runs = RULE.allowed(0.25), 150
    advanced = sum(
        any(
            decide([pair], 0.25, 3, RULE, interval=False).verdict is Verdict.ADVANCE
            for pair in stream(seed, (3 * size, share), (size, share + allowed), 120)
        )
        for seed in range(runs)
    )
    # 5 % are permitted; a test that is right 999 times in 1000 leaves room for chance.
    assert advanced <= runs * RULE.beta + 3 * (runs * RULE.beta) ** 0.5


@pytest.mark.parametrize("share", [0.0, 0.03, 0.3])
def test_a_harmless_version_is_hardly_ever_rolled_back(share: float) -> None:
    runs = 150
    rolled_back = sum(
        any(
            decide([pair], 1.0, 1, RULE, interval=False).verdict is Verdict.ROLLBACK
            for pair in stream(seed, (RULE.min_requests, share), (8, share + RULE.harm), 80)
        )
        for seed in range(runs)
    )
    assert rolled_back <= runs * RULE.alpha + 3


def test_a_crowd_with_one_fate_misleads() -> None:
    """Ten requests of each visitor go the same way: evidence that looks ten times as strong."""

    def is_rolled_back(seed: int, size: int) -> bool:
        crowds = (
            sum([pair] * size, CountPair(Counts(), Counts()))
            for pair in stream(seed, (4, 0.02), (4, 0.02), 60)
        )
        decisions = (decide([crowd], 1.0, 1, RULE, interval=False) for crowd in crowds)
        return any(decision.verdict is Verdict.ROLLBACK for decision in decisions)

    assert sum(is_rolled_back(seed, 10) for seed in range(100)) > 3
    assert sum(is_rolled_back(seed, 1) for seed in range(100)) <= 1


def test_the_drain_rolls_back_for_nothing_but_the_ceiling() -> None:
    calm = CountPair(Counts(500), Counts(5000, failed=300))
    assert watch(calm, RULE).verdict is Verdict.HOLD
    burning = CountPair(Counts(500), Counts(500, failed=150))
    assert watch(burning, RULE).verdict is Verdict.ROLLBACK
    shared = CountPair(Counts(500, failed=150), Counts(500, failed=150))
    assert watch(shared, RULE).verdict is Verdict.HOLD
    # Refusals are no reason: who still asks for the old version's pages brings them along.
    assert watch(CountPair(Counts(500), Counts(500, wrong=400)), RULE).verdict is Verdict.HOLD


def test_the_drain_is_as_rarely_wrong_as_it_says() -> None:
    needed = -log(RULE.alpha * LEFT_TO_THE_DRAIN)
    for failed in range(0, 201, 5):
        counts = Counts(200, failed)
        rolls_back = watch(CountPair(Counts(), counts), RULE).verdict is Verdict.ROLLBACK
        assert rolls_back == (log_above(counts, RULE.ceiling) >= needed)
