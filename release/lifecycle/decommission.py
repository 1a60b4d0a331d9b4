"""The end of a version: what is known about it, a rehearsal, and its removal."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from release import contracts, paths
from release.clients import web
from release.clients.prometheus import Prometheus
from release.console import step
from release.errors import UnansweredError
from release.lifecycle.blockers import OWN_CALLERS, DecommissionFacts, Dependent
from release.lifecycle.deploy import Rollout
from release.lifecycle.entrypoint import EntryPoint
from release.lifecycle.usage import Usage, usage
from release.model.deprecation import announced
from release.model.layout import Tombstone
from release.targets.target import Target


@dataclass(frozen=True)
class BrownoutResult:
    """Who called, and how often; for how many seconds it was every process that refused them."""

    called: Mapping[str, int]
    seconds: float


@dataclass(frozen=True)
class Decommission:
    """What ends one version."""

    target: Target
    tools: Mapping[str, Path]
    version: int
    namespace: str

    def facts(self, window: float) -> DecommissionFacts:
        """What is known for and against its removal."""
        known: dict[str, Usage] = {}
        unanswered: dict[str, str] = {}
        clocks = {"this machine": time.time()}
        for service in paths.SERVICES:
            try:
                prometheus = self._prometheus(service)
                known[service] = usage(service, prometheus, window)
                clocks[f"prometheus-{service}"] = prometheus.now()
            except UnansweredError as error:
                unanswered[service] = str(error)
        return DecommissionFacts(
            version=self.version,
            clocks=clocks,
            layout=self._entry.layout(),
            deprecation=announced(self.target.current(self.namespace)),
            usage=known,
            unanswered=unanswered,
            dependents=tuple(
                Dependent(item.name, item.contact) for item in contracts.left_behind(self.version)
            ),
            successor_lives=self.successor is not None,
        )

    @property
    def successor(self) -> int | None:
        """The next version that runs."""
        later = [item.version for item in self.target.deployed() if self._follows(item.namespace)]
        return min(later, default=None)

    def _follows(self, namespace: str) -> bool:
        version = self.target.names.version_of(namespace)
        return version is not None and version > self.version

    def brown_out(self, seconds: int) -> BrownoutResult:
        """Have every business request answered 503 for a while.

        The end is a moment that the processes know: they need nobody to come back.
        """
        # Processes are replaced first, so it is longer than asked for by what that may take.
        most = seconds + self.target.settling
        until = int(time.time()) + most
        rollout = Rollout(self.target, self.tools, self.version, self.namespace)
        with self.target.lock(f"make brownout VERSION={self.version}"):
            rollout.amend({"global": {"brownoutUntil": until}})
        left = max(until - time.time(), 0)
        clock = time.strftime("%H:%M:%S", time.localtime(until))
        with step(f"version {self.version} answers 503 until {clock}"):
            web.wait_until(lambda: time.time() >= until, limit=most)
        called: dict[str, int] = {}
        for service in paths.SERVICES:
            for consumer, count in _browned_out(self._prometheus(service), until).items():
                if consumer not in OWN_CALLERS.get(service, ()):
                    called[consumer] = called.get(consumer, 0) + count
        return BrownoutResult(called, left)

    def remove(self, why: str, evidence: Sequence[str]) -> None:
        """Nobody is routed to it any more, its hosts say so, and then it goes."""
        with self.target.lock(f"make decommission VERSION={self.version}"):
            entry = self._entry
            with step("closing its hosts"):
                layout = entry.layout()
                successor = self.successor or self.version + 1
                said = announced(self.target.current(self.namespace))
                shares = tuple(share for share in layout.shares if share.version != self.version)
                if len(shares) == 1:
                    shares = (replace(shares[0], weight=100),)
                stone = Tombstone(
                    version=self.version,
                    namespace=self.namespace,
                    successor=successor,
                    successor_namespace=self.target.names.version(successor),
                    since=int(time.time()),
                    link=said.link,
                )
                others = (s for s in layout.tombstones if s.namespace != self.namespace)
                wanted = replace(layout, shares=shares, tombstones=(*others, stone), drain=0)
                facts = {"overridden": list(evidence)} if evidence else {}
                entry.lay_out(wanted, action="decommission", why=why, evidence=facts)
            with step(f"ending {self.namespace}"):
                self.target.remove(self.namespace)

    @property
    def _entry(self) -> EntryPoint:
        return EntryPoint(self.target, self.tools)

    def _prometheus(self, service: str) -> Prometheus:
        return self.target.prometheus(self.namespace, service)


def _browned_out(prometheus: Prometheus, until: float) -> dict[str, int]:
    """The consumers that were answered 503 by the processes that run now."""
    metric = "http_requests_brownout_total"

    def scraped_since() -> bool:
        with suppress(UnansweredError):
            found = prometheus.query(f"min(timestamp({metric}))")
            return bool(found) and found[0].value >= until
        return False

    # Whoever called in the last second is only known from the scrape after it.
    web.wait_until(scraped_since, limit=60, pause=0.5)
    found = prometheus.query(f"sum by (consumer) ({metric}) > 0")
    return {series.labels["consumer"]: round(series.value) for series in found}
