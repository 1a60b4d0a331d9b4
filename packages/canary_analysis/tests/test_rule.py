"""What the rule says of a rollout, as those who read its verdicts see it."""

from __future__ import annotations

from math import inf, nan

import pytest

from canary_analysis import CountPair, Counts, Rule, Verdict, decide

RULE = Rule()
NOBODY = Counts()


def verdict(
    pair: CountPair, next_weight: float = 0.25, rule: Rule = RULE, **options: int
) -> Verdict:
    return decide([pair], next_weight, options.get("steps", 3), rule).verdict


def test_a_good_version_advances() -> None:
    assert verdict(CountPair(Counts(900), Counts(100))) is Verdict.ADVANCE


@pytest.mark.parametrize("kind", ["failed", "slow", "wrong"])
def test_a_bad_version_is_rolled_back_whatever_the_kind(kind: str) -> None:
    assert verdict(CountPair(Counts(900), Counts(100, **{kind: 20}))) is Verdict.ROLLBACK


def test_a_few_failures_are_neither_enough_to_advance_nor_to_roll_back() -> None:
    decision = decide([CountPair(Counts(900), Counts(100, 3))], 0.25, 3, RULE)
    assert (decision.verdict, decision.reason) == (Verdict.HOLD, "not enough evidence yet")


def test_nobody_advances_without_requests() -> None:
    for pair in (
        CountPair(NOBODY, NOBODY),
        CountPair(Counts(5000), NOBODY),
        CountPair(NOBODY, Counts(5000)),
    ):
        assert verdict(pair) is Verdict.HOLD


@pytest.mark.parametrize("few", [1, 19])
def test_a_handful_of_requests_is_too_little_on_either_side(few: int) -> None:
    plenty = Counts(100_000)
    for pair in (CountPair(plenty, Counts(few)), CountPair(Counts(few), plenty)):
        decision = decide([pair], 0.25, 3, Rule(tolerance=0.9, largest_difference=0.9, beta=0.9))
        assert decision.verdict is Verdict.HOLD
        assert decision.reason.startswith("too little traffic")


@pytest.mark.parametrize(
    "counts",
    [Counts(10, 11), Counts(10, 6, 5), Counts(-1), Counts(10, -1), Counts(inf), Counts(10, nan)],
)
def test_counts_that_cannot_be_true_decide_nothing(counts: Counts) -> None:
    for pair in (CountPair(counts, Counts(9000)), CountPair(Counts(9000), counts)):
        decision = decide([pair, CountPair(Counts(900), Counts(900))], 0.25, 3, RULE)
        assert decision.verdict is Verdict.HOLD
        assert decision.reason == "the counts are not credible"


@pytest.mark.parametrize("share", [0.02, 0.05, 0.3, 1.0])
def test_the_new_version_is_not_blamed_for_what_both_do(share: float) -> None:
    both = CountPair(Counts(3000, 3000 * share), Counts(1000, 1000 * share))
    assert verdict(both) is not Verdict.ROLLBACK
    assert verdict(both, next_weight=1.0) is not Verdict.ROLLBACK


def test_both_above_the_ceiling_is_a_hold_that_says_so() -> None:
    decision = decide([CountPair(Counts(900, 270), Counts(900, 270))], 1.0, 3, RULE)
    assert decision.verdict is Verdict.HOLD
    assert "no worse than the old one" in decision.reason


def test_without_an_old_version_to_compare_with_only_the_ceiling_rolls_back() -> None:
    assert verdict(CountPair(Counts(5), Counts(300, failed=20))) is Verdict.HOLD
    decision = decide([CountPair(Counts(5), Counts(300, failed=90))], 0.25, 3, RULE)
    assert (decision.verdict, decision.reason) == (
        Verdict.ROLLBACK,
        "the new version is above the ceiling",
    )


def test_refusals_do_not_count_against_the_ceiling() -> None:
    """Otherwise a scanner could roll a release back in an hour when nobody else is there."""
    assert verdict(CountPair(NOBODY, Counts(300, wrong=300))) is Verdict.HOLD
    assert verdict(CountPair(NOBODY, Counts(300, slow=300))) is Verdict.ROLLBACK


def test_the_larger_the_next_weight_the_more_evidence_it_takes() -> None:
    pair = CountPair(Counts(900), Counts(60))
    assert verdict(pair, next_weight=0.1) is Verdict.ADVANCE
    assert verdict(pair, next_weight=1.0) is Verdict.HOLD
    assert RULE.allowed(1.0) == pytest.approx(0.01)
    # However small the weight, visitors of the new version are visitors.
    assert RULE.allowed(0.001) == RULE.largest_difference


def test_what_earlier_steps_showed_is_carried_over_but_not_without_end() -> None:
    good, now = CountPair(Counts(9000), Counts(3000)), CountPair(Counts(300), Counts(300))
    assert decide([now], 1.0, 3, RULE).verdict is Verdict.HOLD
    assert decide([good, now], 1.0, 3, RULE).verdict is Verdict.ADVANCE
    # The current step has to show something of its own.
    young = CountPair(Counts(150), Counts(150))
    assert decide([good, good, young], 1.0, 3, RULE).verdict is Verdict.HOLD


def test_a_version_that_turns_bad_later_is_rolled_back_despite_its_past() -> None:
    past = [CountPair(Counts(9000), Counts(3000))] * 2
    assert decide([*past, CountPair(Counts(600), Counts(300, 60))], 1.0, 3, RULE).verdict is (
        Verdict.ROLLBACK
    )


def test_the_interval_holds_what_was_seen_and_the_verdict_follows_from_it() -> None:
    decision = decide([CountPair(Counts(900, 9), Counts(900, 90))], 1.0, 3, RULE)
    assert decision.low < 0.09 < decision.high
    assert decision.verdict is Verdict.ROLLBACK
    assert decision.low > RULE.harm
    good = decide([CountPair(Counts(900), Counts(900))], 0.25, 3, RULE)
    assert good.verdict is Verdict.ADVANCE
    assert good.allowed is not None
    assert good.high <= good.allowed


def test_nothing_seen_is_no_information() -> None:
    decision = decide([CountPair(NOBODY, NOBODY)], 1.0, 3, RULE)
    assert (decision.low, decision.high) == (-1.0, 1.0)
    assert decision.reason == "no traffic on the new version"
