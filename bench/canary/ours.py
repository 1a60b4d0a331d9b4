"""The rule of `make shift`, at every scrape."""

from __future__ import annotations

from bench.canary.simulation import RequestCounts, RunResult, SimulatedTraffic
from canary_analysis import PROFILES, CountPair, Counts, Verdict, decide

# Longer than any of the rules needs, so that what still holds then is a hold.
_LONGEST = {2: 7200.0, 20: 3600.0, 200: 1800.0}


def shift(traffic: SimulatedTraffic) -> RunResult:
    profile = PROFILES["default"]
    weights = profile.schedule(traffic.rate)
    steps, history = len(weights) - 1, list[CountPair]()
    while len(history) < steps:
        weight, following = weights[len(history)], weights[len(history) + 1]
        traffic.begin_at_a_scrape(weight / 100)
        begun, old, new = traffic.now, traffic.old[-1], traffic.new[-1]
        while True:
            if traffic.now >= min(_LONGEST[int(traffic.rate)], traffic.shares.stops_after + 600):
                return traffic.ended("held")
            traffic.scrape(weight / 100)
            pair = CountPair(
                _counts(traffic.old[-1].minus(old)), _counts(traffic.new[-1].minus(new))
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


def _counts(seen: RequestCounts) -> Counts:
    return Counts(seen.requests, seen.failed, seen.slow)
