"""Rehearse the end of a version: answer 503 for a while, then recover without a command."""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from release.clients import http
from release.clients.prometheus import Prometheus
from release.console import step
from release.errors import UnansweredError
from release.lifecycle.deploy import VersionRelease
from release.model import services
from release.targets.target import Target

_METRIC = "http_requests_brownout_total"


@dataclass(frozen=True)
class BrownoutResult:
    """Refused requests by consumer, and for how many seconds every process refused them."""

    refused: Mapping[str, int]
    seconds: float


def brown_out(target: Target, version: int, namespace: str, seconds: int) -> BrownoutResult:
    """Answer every business request with 503 for so many seconds, and return who called.

    The processes know the end as a moment, so it comes even if this command is killed.
    """
    # The rollout that starts the brownout takes part of the time.
    limit = seconds + target.rollout_timeout
    until = int(time.time()) + limit
    with target.lock(f"make brownout VERSION={version}"):
        VersionRelease(target, version, namespace).change_values(
            {"global": {"brownoutUntil": until}}
        )
    remaining = max(until - time.time(), 0)
    clock = time.strftime("%H:%M:%S", time.localtime(until))
    with step(f"version {version} answers 503 until {clock}"):
        http.wait_until(lambda: time.time() >= until, limit=limit)
    refused: Counter[str] = Counter()
    for service in services.NAMES:
        counts = _refused(target.prometheus(namespace, service), until)
        own = services.callers(service)
        refused.update({name: count for name, count in counts.items() if name not in own})
    return BrownoutResult(refused, remaining)


def _refused(prometheus: Prometheus, until: float) -> dict[str, int]:
    """Return the number of 503 answers that the running processes gave, by consumer."""

    def is_scraped() -> bool:
        with suppress(UnansweredError):
            newest = prometheus.query(f"min(timestamp({_METRIC}))")
            return bool(newest) and newest[0].value >= until
        return False

    # Only the scrape after the end knows the calls of the last second.
    http.wait_until(is_scraped, limit=60, pause=0.5)
    series = prometheus.query(f"sum by (consumer) ({_METRIC}) > 0")
    return {one.labels["consumer"]: round(one.value) for one in series}
