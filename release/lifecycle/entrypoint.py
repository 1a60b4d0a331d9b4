"""The one host for every version: who gets which share of new visitors.

Every change is a revision of the entry point's release; it says who made it, why, on what evidence.
"""

from __future__ import annotations

import getpass
import socket
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from release.charts import charts
from release.errors import MovedError, ReleaseError
from release.model.layout import Layout, as_values, of_values
from release.model.release import Deployed, Record, Release, new_change
from release.targets.target import Target


@dataclass(frozen=True)
class EntryPoint:
    """Reads and changes the release of charts/entrypoint."""

    target: Target
    tools: Mapping[str, Path]
    domain: str | None = None  # None: as it is
    overlays: Sequence[Mapping[str, Any]] = field(default=())

    def current(self) -> Deployed | None:
        """The release, if there is one."""
        return self.target.current(self._name)

    def layout(self) -> Layout:
        """What it serves; nothing when it was never installed."""
        found = self.current()
        try:
            return of_values(found.values) if found else Layout()
        except (KeyError, TypeError) as error:
            raise ReleaseError(
                f"the entry point was recorded by another version of this tool ({error}): "
                "make down, then deploy again"
            ) from error

    def weights(self) -> dict[int, int]:
        """Version -> percentage of new visitors. Raises ReleaseError when merge never ran."""
        shares = self.layout().shares
        if not shares:
            raise ReleaseError("there is no entry point yet: make merge")
        return {share.version: share.weight for share in shares}

    def change(self) -> str:
        """The id of the change that serves; empty without one. Unlike a revision's number it stays
        when a revision is put back.
        """
        found = self.current()
        return str(found.values.get("change", {}).get("id", "")) if found else ""

    def history(self) -> list[Record]:
        """Who changed what, oldest first."""
        return self.target.history(self._name)

    def check_unmoved(self, known: Collection[str]) -> None:
        """Raises MovedError naming who changed it when none of these changes serves."""
        if self.change() not in known:
            raise MovedError(self._last_move())

    def move(
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
        """Give each version its percentage of new visitors, in a change of that id.

        `drain` names a version whose visitors stay. Raises MovedError when changes are `known` and
        another one serves, LockedError when another command is at work for longer than `wait`
        seconds, UnansweredError when it may be done or not.
        """
        with self.target.lock(f"make {action}", wait):
            if known:
                self.check_unmoved(known)
            layout = self.layout()
            shares = tuple(
                replace(share, weight=weights.get(share.version, 0)) for share in layout.shares
            )
            if sum(share.weight for share in shares) != 100:
                given = ", ".join(f"version {v}: {weight}" for v, weight in weights.items())
                raise ReleaseError(f"the weights must add up to 100 percent, not {given}")
            wanted = replace(layout, shares=shares, drain=drain)
            release = self._release(wanted, _change(action, why, evidence, change))
            self.target.reroute(release, self.tools)

    def lay_out(
        self,
        layout: Layout,
        *,
        action: str,
        why: str,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        """Serve other versions, or other tombstones."""
        with self.target.lock(f"make {action}"):
            self.target.apply(self._release(layout, _change(action, why, evidence)), self.tools)

    def _release(self, layout: Layout, change: Mapping[str, Any]) -> Release:
        helm = self.tools["helm"]
        chart = charts.of_entrypoint(charts.build(helm, self.target.cache))
        found = self.current()
        before = dict(found.values) if found else {}
        chosen = self.domain or before.get("global", {}).get("domain")
        domain = chosen or self.target.names.domain
        # What somebody once chose stays chosen; the change is always new.
        before.pop("change", None)
        added = self.target.entrypoint_values(domain, before)
        values = charts.merge(before, added, *self.overlays, as_values(layout))
        values["change"] = {
            **change,
            "weights": {str(share.version): share.weight for share in layout.shares},
            "drain": layout.drain,
        }
        number = charts.chart_version(chart)
        objects = charts.render(helm, chart, self._name, values)
        major = int(number.partition(".")[0])
        return Release(self._name, major, chart, number, values, objects)

    @property
    def _name(self) -> str:
        return self.target.names.entrypoint

    def _last_move(self) -> str:
        history = self.history()
        if not history:
            return "the entry point is gone: make merge"
        last = history[-1]
        return (
            f"the entry point was changed by {last.change.get('by', 'somebody')} "
            f"(make {last.change.get('action', '?')}: {last.change.get('why', '?')})"
        )


def _change(
    action: str, why: str, evidence: Mapping[str, Any] | None, change: str = ""
) -> dict[str, Any]:
    by = f"{getpass.getuser()}@{socket.gethostname()}"
    return {
        "id": change or new_change(),
        "at": time.time(),
        "by": by,
        "action": action,
        "why": why[:500],
        "evidence": dict(evidence or {}),
    }
