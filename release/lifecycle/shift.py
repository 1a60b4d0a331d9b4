"""Shift traffic on evidence, and the adapters through which the controller sees a target."""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from math import isnan

from canary_analysis import Profile
from release.canary import CanaryController, Event
from release.canary.interfaces import Alarm, InsideView
from release.canary.metrics import GatewayMetrics
from release.clients.prometheus import Prometheus
from release.errors import ReleaseError, UnansweredError, UsageError
from release.lifecycle.entrypoint import EntryPoint
from release.model import services
from release.targets.target import Target

# Only the weighted route leads to this port; pinned requests take another one.
_WEIGHTED = (services.FRONT.name, "weighted")
# The versions' own metrics are only displayed, so they are not worth a long wait.
_SECONDS = 2.0
_ERRORS = (
    'sum(rate(http_requests_total{status=~"5.."}[1m])) or vector(0)',
    "sum(rate(http_requests_total[1m])) > 0",
)
_P95 = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))"


def shift(
    entry: EntryPoint, new: int, profile: Profile, slow: float, show: Callable[[Event], None]
) -> None:
    """Move traffic to version `new` step by step; answers slower than `slow` seconds are bad.

    Raises RolledBackError, and UsageError when the entry point does not serve both versions.
    """
    target = entry.target
    with target.shift_lock(f"make shift TO={new}"):
        namespaces = {share.version: share.namespace for share in entry.split().shares}
        others = set(entry.weights()) - {new}
        if new not in namespaces or len(others) != 1:
            served = " and ".join(f"version {version}" for version in namespaces)
            raise UsageError(f"TO={new}: the entry point serves {served}: make merge first")
        old = others.pop()
        evidence = GatewayMetrics(
            target.prometheus(target.names.entrypoint, "gateway"),
            old=target.traefik_service_name(namespaces[old], *_WEIGHTED),
            new=target.traefik_service_name(namespaces[new], *_WEIGHTED),
            slow=slow,
        )
        versions = TargetVersions(target, namespaces)
        CanaryController(entry, evidence, versions, time, profile, old, new, show).run()


@dataclass(frozen=True)
class TargetVersions:
    """The versions as the target runs them. `namespaces`: version -> namespace."""

    target: Target
    namespaces: Mapping[int, str]

    def release(self, version: int) -> Hashable:
        deployed = self.target.current(self.namespaces[version])
        if deployed is None:
            raise ReleaseError(f"version {version} is not deployed any more: the shift ends")
        return deployed.revision

    def alarms(self, version: int) -> frozenset[Alarm]:
        return frozenset(
            Alarm(component, labels.get("alertname", "?"))
            for component in services.NAMES
            for labels in self._prometheus(version, component).firing()
            if labels.get("release") == "rollback"
        )

    def inside(self, version: int) -> InsideView | None:
        try:
            server = self._prometheus(version, services.FRONT.name)
            failed, total = _ERRORS
            return InsideView(
                _query_one(server, f"({failed}) / ({total})"), _query_one(server, _P95)
            )
        except UnansweredError:
            return None

    def _prometheus(self, version: int, component: str) -> Prometheus:
        try:
            prometheus = self.target.prometheus(self.namespaces[version], component)
        except UnansweredError:
            raise
        except ReleaseError as error:
            # A release without a Prometheus must not end the shift.
            raise UnansweredError(f"version {version}: cannot be asked: {error}") from error
        return replace(prometheus, seconds=_SECONDS)


def _query_one(server: Prometheus, promql: str) -> float | None:
    series = server.query(promql)
    return None if not series or isnan(series[0].value) else series[0].value
