"""The surroundings of a shift as they are: the target's releases, and what watches them."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from math import isnan

from release import paths
from release.canary.surroundings import Alarm, Inside
from release.clients.prometheus import Prometheus
from release.errors import ReleaseError, UnansweredError
from release.targets.target import Target

# Shown beside the evidence: not worth waiting for.
_SECONDS = 2.0
_ERRORS = (
    'sum(rate(http_requests_total{status=~"5.."}[1m])) or vector(0)',
    "sum(rate(http_requests_total[1m])) > 0",
)
_P95 = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))"


@dataclass(frozen=True)
class LiveSurroundings:
    """`namespaces`: where each version lives."""

    target: Target
    namespaces: Mapping[int, str]

    def release(self, version: int) -> Hashable:
        found = self.target.current(self.namespaces[version])
        if found is None:
            raise ReleaseError(f"version {version} is not deployed any more: the shift ends")
        return found.revision

    def alarms(self, version: int) -> frozenset[Alarm]:
        return frozenset(
            Alarm(component, labels.get("alertname", "?"))
            for component in paths.SERVICES
            for labels in self._prometheus(version, component).firing()
            if labels.get("release") == "rollback"
        )

    def inside(self, version: int) -> Inside | None:
        try:
            server = self._prometheus(version, "catalog")
            failed, all_of_them = _ERRORS
            return Inside(_one(server, f"({failed}) / ({all_of_them})"), _one(server, _P95))
        except UnansweredError:
            return None

    def _prometheus(self, version: int, component: str) -> Prometheus:
        try:
            found = self.target.prometheus(self.namespaces[version], component)
        except UnansweredError:
            raise
        except ReleaseError as error:
            # Without one there is nobody to ask; that is no reason to end a shift.
            raise UnansweredError(f"version {version}: cannot be asked: {error}") from error
        return replace(found, seconds=_SECONDS)


def _one(server: Prometheus, promql: str) -> float | None:
    found = server.query(promql)
    return None if not found or isnan(found[0].value) else found[0].value


class RealClock:
    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
