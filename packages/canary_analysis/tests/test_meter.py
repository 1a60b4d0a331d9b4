"""What counters rose by, although processes come, go and start again."""

from __future__ import annotations

from canary_analysis import Meter
from canary_analysis.meter import Scrape, Values


def scrape(
    at: float, counters: dict[str, Values], *, started: float = 0, process: str = "a"
) -> Scrape[str]:
    return Scrape(process, at, started, counters)


def test_what_was_counted_before_is_past() -> None:
    meter = Meter[str](since=100)
    assert meter.add(scrape(100, {"x": (7.0,)})) is None
    assert meter.newest() is None
    assert meter.add(scrape(102, {"x": (9.0,)})) == {}
    assert meter.add(scrape(104, {"x": (12.0,)})) == {"x": (3.0,)}
    assert meter.newest() == 104


def test_a_scrape_counts_once_and_in_its_time() -> None:
    meter = Meter[str](since=0)
    meter.add(scrape(1, {"x": (1.0,)}))
    meter.add(scrape(3, {"x": (5.0,)}))
    assert meter.add(scrape(3, {"x": (5.0,)})) is None
    assert meter.add(scrape(2, {"x": (4.0,)})) is None


def test_a_new_series_of_a_known_process_counts_from_zero() -> None:
    """The first error is often the first value of its series."""
    meter = Meter[str](since=0)
    meter.add(scrape(1, {"good": (90.0,)}))
    assert meter.add(scrape(2, {"good": (95.0,), "bad": (2.0,)})) == {"good": (5.0,), "bad": (2.0,)}


def test_an_unknown_process_brings_no_history_along() -> None:
    meter = Meter[str](since=0)
    meter.add(scrape(1, {"x": (90.0,)}))
    assert meter.add(scrape(2, {"x": (5000.0,)}, process="b")) == {}
    assert meter.add(scrape(3, {"x": (5001.0,)}, process="b")) == {"x": (1.0,)}


def test_a_counter_that_fell_counts_whole_with_all_that_is_read_with_it() -> None:
    meter = Meter[str](since=0)
    meter.add(scrape(1, {"x": (101.0, 100.0)}))
    # One bucket happens to be where it was; only its neighbour shows the restart.
    assert meter.add(scrape(2, {"x": (100.0, 100.0)})) == {"x": (100.0, 100.0)}


def test_a_process_that_started_again_counts_whole_even_where_nothing_fell() -> None:
    meter = Meter[str](since=0)
    meter.add(scrape(1, {"good": (50.0,), "bad": (3.0,)}, started=0))
    risen = meter.add(scrape(2, {"good": (60.0,), "bad": (3.0,)}, started=1.5))
    assert risen == {"good": (60.0,), "bad": (3.0,)}


def test_a_series_that_went_and_came_back_begins_again() -> None:
    meter = Meter[str](since=0)
    meter.add(scrape(1, {"x": (50.0,)}))
    meter.add(scrape(2, {}))
    assert meter.add(scrape(3, {"x": (60.0,)})) == {"x": (60.0,)}
