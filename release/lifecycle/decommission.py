"""Decommission a version: collect the facts for and against it, and remove it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from release import contracts
from release.console import step
from release.errors import UnansweredError
from release.lifecycle.blockers import DecommissionFacts, Dependent
from release.lifecycle.entrypoint import EntryPoint
from release.lifecycle.usage import Usage, read_usage
from release.model import services
from release.model.deprecation import announced
from release.model.routing import Tombstone, TrafficSplit
from release.targets.target import Target


@dataclass(frozen=True)
class Decommission:
    """Ends one version."""

    target: Target
    version: int
    namespace: str

    def facts(self, window: float) -> DecommissionFacts:
        """Collect what speaks for and against removal; calls of the last `window` seconds count."""
        usages: dict[str, Usage] = {}
        unanswered: dict[str, str] = {}
        clocks = {"this machine": time.time()}
        for service in services.NAMES:
            try:
                prometheus = self.target.prometheus(self.namespace, service)
                usages[service] = read_usage(service, prometheus, window)
                clocks[f"prometheus-{service}"] = prometheus.now()
            except UnansweredError as error:
                unanswered[service] = str(error)
        return DecommissionFacts(
            version=self.version,
            clocks=clocks,
            split=self._entry.split(),
            deprecation=announced(self.target.current(self.namespace)),
            usage=usages,
            unanswered=unanswered,
            dependents=tuple(
                Dependent(item.name, item.contact)
                for item in contracts.unmigrated_consumers(self.version)
            ),
            has_live_successor=self.successor is not None,
        )

    @property
    def successor(self) -> int | None:
        """The next deployed version."""
        versions = (self.target.names.version_of(item.namespace) for item in self.target.deployed())
        return min((v for v in versions if v is not None and v > self.version), default=None)

    def remove(self, why: str, overridden: Sequence[str]) -> None:
        """Stop routing to the version, let its host names answer 410, and remove the release."""
        with self.target.lock(f"make decommission VERSION={self.version}"):
            with step("closing its hosts"):
                evidence = {"overridden": list(overridden)} if overridden else {}
                self._entry.apply_routes(
                    self._split_without_it(), action="decommission", why=why, evidence=evidence
                )
            with step(f"ending {self.namespace}"):
                self.target.remove(self.namespace)

    def _split_without_it(self) -> TrafficSplit:
        split = self._entry.split()
        shares = tuple(share for share in split.shares if share.version != self.version)
        if len(shares) == 1:
            shares = (replace(shares[0], weight=100),)
        successor = self.successor or self.version + 1
        tombstone = Tombstone(
            version=self.version,
            namespace=self.namespace,
            successor=successor,
            successor_namespace=self.target.names.version(successor),
            since=int(time.time()),
            link=announced(self.target.current(self.namespace)).link,
        )
        others = (item for item in split.tombstones if item.namespace != self.namespace)
        return replace(split, shares=shares, tombstones=(*others, tombstone), drain=0)

    @property
    def _entry(self) -> EntryPoint:
        return EntryPoint(self.target)
