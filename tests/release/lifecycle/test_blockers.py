"""Every reason against removing a version is a blocker, with somebody who can take it away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from release.errors import UsageError
from release.lifecycle.blockers import DecommissionFacts, Dependent, blockers
from release.lifecycle.usage import Caller, Usage
from release.model.deprecation import Deprecation, announce, beginning
from release.model.routing import TrafficSplit, Weight

NOW = beginning(date(2027, 3, 2))


def clocks(now: float) -> dict[str, float]:
    return dict.fromkeys(("this machine", "prometheus-catalog", "prometheus-stock"), now)


SILENCE = Usage(callers=(), watched=3600, window=3600)
NOBODY = DecommissionFacts(
    version=1,
    clocks=clocks(NOW),
    split=TrafficSplit((Weight(1, "qv1", 0), Weight(2, "qv2", 100))),
    deprecation=Deprecation(since=int(NOW) - 86400 * 90, sunset="2027-03-01", successor=2),
    usage={"catalog": SILENCE, "stock": SILENCE},
)


def used_by(service: str, consumer: str) -> DecommissionFacts:
    usage = replace(SILENCE, callers=(Caller(service, consumer, 3, NOW - 60),))
    return replace(NOBODY, usage={**NOBODY.usage, service: usage})


def test_a_version_that_nobody_needs_may_go() -> None:
    assert blockers(NOBODY) == []


@pytest.mark.parametrize(
    ("facts", "owner", "reason"),
    [
        (
            replace(NOBODY, split=TrafficSplit((Weight(1, "qv1", 5), Weight(2, "qv2", 95)))),
            "entry point",
            "5 % of the entry point's new visitors",
        ),
        (
            replace(NOBODY, split=replace(NOBODY.split, drain=1)),
            "entry point",
            "keeps its visitors",
        ),
        (
            replace(NOBODY, deprecation=Deprecation()),
            "this repository",
            "no sunset was announced",
        ),
        (
            replace(NOBODY, clocks=clocks(beginning(date(2027, 2, 28)) + 43200)),
            "this repository",
            "the sunset, 2027-03-01, is 0.5 days ahead",
        ),
        (
            replace(NOBODY, dependents=(Dependent("Warehouse Report", "#warehouse"),)),
            "#warehouse",
            "Warehouse Report has a contract with it",
        ),
        (used_by("stock", "warehouse-report"), "warehouse-report", "3 requests to stock"),
        (used_by("catalog", "browser"), "browser", "3 requests to catalog"),
        (used_by("catalog", "other"), "other", "3 requests to catalog"),
        (used_by("catalog", "catalog"), "catalog", "3 requests to catalog"),
        (
            replace(NOBODY, usage={"stock": SILENCE}, unanswered={"catalog": "no answer"}),
            "prometheus-catalog",
            "who calls catalog is not known: no answer",
        ),
        (
            replace(NOBODY, usage={**NOBODY.usage, "stock": replace(SILENCE, watched=1800)}),
            "prometheus-stock",
            "has watched stock for 30 min of the last 60 min",
        ),
        (
            replace(NOBODY, has_live_successor=False),
            "this repository",
            "nothing that comes after version 1 runs",
        ),
    ],
)
def test_each_reason_against_it_has_an_owner(
    facts: DecommissionFacts, owner: str, reason: str
) -> None:
    [blocker] = blockers(facts)
    assert blocker.owner == owner
    assert reason in blocker.reason


def test_its_own_catalog_goes_with_it() -> None:
    assert blockers(used_by("stock", "catalog")) == []


def test_all_reasons_are_told_at_once() -> None:
    facts = replace(
        used_by("stock", "warehouse-report"),
        dependents=(Dependent("Warehouse Report", ""),),
        deprecation=Deprecation(),
    )
    assert [blocker.owner for blocker in blockers(facts)] == [
        "this repository",
        "Warehouse Report",
        "warehouse-report",
    ]


def test_the_sunset_is_the_first_moment_of_its_day() -> None:
    at = beginning(date(2027, 3, 1))
    assert blockers(replace(NOBODY, clocks=clocks(at))) == []
    assert blockers(replace(NOBODY, clocks=clocks(at - 1))) != []


@pytest.mark.parametrize("behind", clocks(0))
def test_a_clock_that_is_ahead_does_not_bring_the_sunset_nearer(behind: str) -> None:
    [blocker] = blockers(replace(NOBODY, clocks=clocks(NOW) | {behind: NOW - 86400 * 8}))
    assert blocker.reason == f"the sunset, 2027-03-01, is 7.0 days ahead by the clock of {behind}"


def test_a_new_date_keeps_the_beginning_of_the_deprecation() -> None:
    first = announce(Deprecation(), date(2027, 5, 1), "https://shop.example/v1", 2, NOW)
    later = announce(first, date(2027, 6, 1), "", 2, NOW + 1000)
    assert later == replace(first, sunset="2027-06-01")
    assert first.since == int(NOW)


@pytest.mark.parametrize("sunset", [date(2027, 3, 1), date(2027, 3, 2), date(1999, 1, 1)])
def test_a_day_that_has_begun_is_no_sunset(sunset: date) -> None:
    with pytest.raises(UsageError, match="that day has begun"):
        announce(Deprecation(), sunset, "", 2, NOW)


def test_a_sunset_before_the_deprecation_is_refused() -> None:
    """As after a clock that was wrong when the deprecation was announced."""
    ahead = Deprecation(since=int(NOW) + 86400 * 400, sunset="2029-01-01", successor=2)
    with pytest.raises(UsageError, match="before the deprecation began"):
        announce(ahead, date(2027, 5, 1), "", 2, NOW)
