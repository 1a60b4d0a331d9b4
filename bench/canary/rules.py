"""The rule of `make shift`, and those that Flagger and Argo Rollouts document, with the settings of
their own examples.

Flagger: every 10 s five points more, to 50 %; a check wants 99 % of the last minute to succeed and
its p99 below 500 ms; the tenth failed check rolls back. Argo Rollouts: 20-40-60-80 % with pauses of
ten minutes; from the second step on, every five minutes, 95 % have to succeed; the fourth failure
rolls back, as does the fifth answer in a row without data. Both also in a variant that looks every
5 seconds.
"""

from collections.abc import Callable, Sequence
from functools import partial

from bench.canary.simulation import SCRAPE, RequestCounts, RunResult, SimulatedTraffic
from canary_analysis import PROFILES, CountPair, Counts, Verdict, decide

_LIMIT = 4 * 3600.0
# Longer than any of the rules needs, so that what still holds then is a hold.
_OUR_LIMITS = {2: 7200.0, 20: 3600.0, 200: 1800.0}


def shift(traffic: SimulatedTraffic) -> RunResult:
    profile = PROFILES["default"]
    weights = profile.schedule(traffic.rate)
    steps, history = len(weights) - 1, list[CountPair]()
    while len(history) < steps:
        weight, following = weights[len(history)], weights[len(history) + 1]
        traffic.begin_at_a_scrape(weight / 100)
        begun, old, new = traffic.now, traffic.old[-1], traffic.new[-1]
        while True:
            if traffic.now >= min(_OUR_LIMITS[int(traffic.rate)], traffic.shares.stops_after + 600):
                return traffic.ended("held")
            traffic.scrape(weight / 100)
            pair = CountPair(
                Counts(*traffic.old[-1].minus(old)), Counts(*traffic.new[-1].minus(new))
            )
            verdict = decide(
                [*history, pair], following / 100, steps, profile.rule, interval=False
            ).verdict
            if verdict is Verdict.ROLLBACK:
                return traffic.ended("rolled back")
            flowing = traffic.new[-1] != traffic.new[-2] and traffic.old[-1] != traffic.old[-2]
            lasted = traffic.now - begun >= profile.patience + 2 * traffic.every
            if verdict is Verdict.ADVANCE and flowing and lasted:
                history.append(pair)
                break
    return traffic.ended("promoted")


def _flagger(traffic: SimulatedTraffic, *, every: float, weights: Sequence[float]) -> RunResult:
    step = failed = 0
    while traffic.now < _LIMIT:
        for _ in range(int(every / SCRAPE)):
            traffic.scrape(weights[step])
        if failed >= 10:
            return traffic.ended("rolled back")
        success, late = _success(traffic.new, 60.0, slow=False), _late(traffic.new, 60.0)
        if success is None or success < 0.99 or late is None or late > 0.01:
            failed += 1
        elif step == len(weights) - 1:
            return traffic.ended("promoted")
        else:
            step += 1
    return traffic.ended("held")


def _argo(
    traffic: SimulatedTraffic,
    *,
    weights: Sequence[float],
    pause: float,
    every: float,
    first: int,
    window: float,
    slow: bool = False,
) -> RunResult:
    failures = errors = 0
    due: float | None = None
    for step, weight in enumerate(weights):
        if step == first:
            due = traffic.now
        end = traffic.now + pause
        while traffic.now < end:
            if due is not None and traffic.now >= due:
                success = _success(traffic.new, window, slow=slow)
                if success is None:
                    errors, due = errors + 1, traffic.now + 10.0
                else:
                    errors, due = 0, traffic.now + every
                    failures += success < 0.95
                if failures > 3 or errors > 4:
                    return traffic.ended("rolled back")
            traffic.scrape(weight)
    return traffic.ended("promoted")


def _success(scrapes: Sequence[RequestCounts], window: float, *, slow: bool) -> float | None:
    """As a query with increase() has it, which does not see the first value of a series."""

    def good(seen: RequestCounts) -> int:
        return seen.requests - bad(seen)

    def bad(seen: RequestCounts) -> int:
        return seen.failed + (seen.slow if slow else 0)

    fine, wrong = (_increase(scrapes, window, which) for which in (good, bad))
    if fine is None:
        return None
    total = fine + (wrong or 0)
    return fine / total if total else None


def _increase(
    scrapes: Sequence[RequestCounts], window: float, which: Callable[[RequestCounts], int]
) -> int | None:
    seen = [which(one) for one in scrapes[-int(window / SCRAPE) - 1 :]]
    there = [number for number in seen if number]
    return there[-1] - there[0] if len(there) > 1 else None


def _late(scrapes: Sequence[RequestCounts], window: float) -> float | None:
    now = scrapes[-1]
    risen = now.minus(scrapes[max(0, len(scrapes) - 1 - int(window / SCRAPE))])
    return risen.slow / risen.requests if risen.requests else None


_IMPATIENT = (0.05, 0.10, 0.25, 0.50)
RULES: dict[str, Callable[[SimulatedTraffic], RunResult]] = {
    "make shift": shift,
    "Flagger, documented": partial(
        _flagger, every=10.0, weights=[number / 100 for number in range(5, 51, 5)]
    ),
    "Flagger, every 5 s": partial(_flagger, every=5.0, weights=_IMPATIENT),
    "Argo, documented": partial(
        _argo, weights=(0.2, 0.4, 0.6, 0.8), pause=600.0, every=300.0, first=1, window=SCRAPE
    ),
    "Argo, every 5 s": partial(
        _argo, weights=_IMPATIENT, pause=60.0, every=5.0, first=0, window=60.0, slow=True
    ),
}
