"""The one host for every version: it sends each version its percentage of new visitors.

Every change is a revision of the entry point's release and records who made it, why, on what
evidence.
"""

import getpass
import socket
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from release.charts import rendering
from release.console import note, step
from release.errors import ConflictError, RefusedError, ReleaseError, UsageError
from release.model.release import Deployed, Record, Release, new_change
from release.model.routing import TrafficSplit, Weight, from_values, to_values
from release.targets.target import Target


@dataclass(frozen=True)
class EntryPoint:
    """Reads and changes the release of charts/entrypoint. `domain` None keeps the recorded one."""

    target: Target
    domain: str | None = None
    overlays: Sequence[Mapping[str, Any]] = field(default=())

    def current(self) -> Deployed | None:
        """Return the release, or None when it is not installed."""
        return self.target.current(self._name)

    def split(self) -> TrafficSplit:
        """Return the current split; an empty one when the entry point is not installed."""
        deployed = self.current()
        try:
            return from_values(deployed.values) if deployed else TrafficSplit()
        except (KeyError, TypeError) as error:
            raise ReleaseError(
                f"the entry point was recorded by another version of this tool ({error}): "
                "make down, then deploy again"
            ) from error

    def weights(self) -> dict[int, int]:
        """Return version -> percentage of new visitors. Raises ReleaseError before a merge."""
        split = self.split()
        if not split.shares:
            raise ReleaseError("there is no entry point yet: make merge")
        return {item.version: item.weight for item in split.shares}

    def serves(self, namespace: str) -> bool:
        """True if the entry point routes to the release, even with a weight of 0."""
        return any(item.namespace == namespace for item in self.split().shares)

    def change(self) -> str:
        """Return the id of the current change, "" without one. Unlike a revision's number, the id
        survives a rollback of the revision.
        """
        deployed = self.current()
        return str(deployed.values.get("change", {}).get("id", "")) if deployed else ""

    def history(self) -> list[Record]:
        """Return who changed what, oldest first."""
        return self.target.history(self._name)

    def check_unchanged(self, known: Collection[str]) -> None:
        """Raise ConflictError, naming the author, when the current change is not a `known` one."""
        if self.change() not in known:
            raise ConflictError(self._describe_last_change())

    def set_weights(
        self,
        weights: Mapping[int, int],
        *,
        action: str,
        why: str,
        evidence: Mapping[str, Any] | None = None,
        drain: int = 0,
        change: str = "",
        known: Collection[str] = (),
        wait: float = 0,
    ) -> None:
        """Give each version its percentage of new visitors, in a change with that id.

        `drain` names a version that keeps its visitors. Raises ConflictError when `known` changes
        are given and the current one is not among them, LockedError when another command holds the
        lock for longer than `wait` seconds, UnansweredError when the outcome is unknown.
        """
        with self.target.lock(f"make {action}", wait):
            if known:
                self.check_unchanged(known)
            split = self.split()
            moved = tuple(
                replace(item, weight=weights.get(item.version, 0)) for item in split.shares
            )
            if sum(item.weight for item in moved) != 100:
                listed = ", ".join(f"version {v}: {weight}" for v, weight in weights.items())
                raise ReleaseError(f"the weights must add up to 100 percent, not {listed}")
            split = replace(split, shares=moved, drain=drain)
            release = self._render(split, _describe_change(action, why, evidence, change))
            self.target.update_routes(release)

    def roll_back(self) -> int:
        """Send all visitors to the oldest version at once, and return its number."""
        weights = self.weights()
        oldest = min(weights)
        self.set_weights(
            dict.fromkeys(weights, 0) | {oldest: 100},
            action="rollback",
            why="asked for by hand",
            wait=60,
        )
        return oldest

    def apply_routes(
        self,
        split: TrafficSplit,
        *,
        action: str,
        why: str,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        """Change which versions are served, and the tombstones of removed ones."""
        with self.target.lock(f"make {action}"):
            change = _describe_change(action, why, evidence)
            self.target.apply(self._render(split, change))

    def remove_tombstone(self, namespace: str) -> None:
        """Stop answering 410 at the host names of a release that runs again."""
        split = self.split()
        remaining = tuple(item for item in split.tombstones if item.namespace != namespace)
        if remaining != split.tombstones:
            why = f"{namespace} is deployed again"
            self.apply_routes(replace(split, tombstones=remaining), action="deploy", why=why)

    def remove_version(self, namespace: str) -> None:
        """Stop routing to a release. Raises RefusedError while visitors are routed to it."""
        split = self.split()
        [leaving] = (item for item in split.shares if item.namespace == namespace)
        if leaving.weight or split.drain == leaving.version:
            raise RefusedError(
                f"version {leaving.version} still has visitors at the entry point: make shift or "
                "make rollback moves them, make down without VERSION stops everything"
            )
        remaining = tuple(item for item in split.shares if item != leaving)
        why = f"version {leaving.version} is taken down"
        self.apply_routes(replace(split, shares=remaining), action="down", why=why)

    def merge(self, versions: Sequence[int], weight: int | None) -> None:
        """Serve the last two of `versions`; the newest gets `weight` percent of new visitors.

        Without a weight, versions that are served already keep theirs, and a new one gets nobody.
        Raises UsageError for a weight of the only version.
        """
        split, names = self.split(), self.target.names
        *older, newest = versions[-2:]
        if weight is None and {share.version for share in split.shares} == {*older, newest}:
            note(f"unchanged: {split} of new visitors")
            return
        if not older and weight not in (None, 100):
            raise UsageError(f"WEIGHT={weight}: version {newest} is the only one that is deployed")
        part = (weight or 0) if older else 100
        shares = tuple(Weight(old, names.version(old), 100 - part) for old in older)
        shares = (*shares, Weight(newest, names.version(newest), part))
        split = TrafficSplit(shares, split.tombstones)
        with step("merging " + " and ".join(f"version {share.version}" for share in shares)):
            self.apply_routes(split, action="merge", why=f"{split} of new visitors")
        note(f"{split} of new visitors")

    def _render(self, split: TrafficSplit, change: Mapping[str, Any]) -> Release:
        helm = self.target.tools["helm"]
        chart = rendering.build_charts(helm, self.target.cache) / "entrypoint"
        deployed = self.current()
        recorded = dict(deployed.values) if deployed else {}
        domain = self.domain or recorded.get("global", {}).get("domain") or self.target.names.domain
        # Keep every recorded value but the change, which is always a new one.
        recorded.pop("change", None)
        added = self.target.entrypoint_values(domain, recorded)
        values = rendering.merge_values(recorded, added, *self.overlays, to_values(split))
        values["change"] = {
            **change,
            "weights": {str(item.version): item.weight for item in split.shares},
            "drain": split.drain,
        }
        chart_version = rendering.read_chart_version(chart)
        objects = rendering.render_chart(helm, chart, self._name, values)
        major = int(chart_version.partition(".")[0])
        return Release(self._name, major, chart, chart_version, values, objects)

    @property
    def _name(self) -> str:
        return self.target.names.entrypoint

    def _describe_last_change(self) -> str:
        history = self.history()
        if not history:
            return "the entry point is gone: make merge"
        last = history[-1]
        return (
            f"the entry point was changed by {last.change.get('by', 'somebody')} "
            f"(make {last.change.get('action', '?')}: {last.change.get('why', '?')})"
        )


def _describe_change(
    action: str, why: str, evidence: Mapping[str, Any] | None, change: str = ""
) -> dict[str, Any]:
    return {
        "id": change or new_change(),
        "at": time.time(),
        "by": f"{getpass.getuser()}@{socket.gethostname()}",
        "action": action,
        "why": why[:500],
        "evidence": dict(evidence or {}),
    }
