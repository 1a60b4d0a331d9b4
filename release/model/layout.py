"""What the entry point serves, and how the values of its release say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Share:
    """A version behind the entry point, and the percentage of new visitors that it gets."""

    version: int
    namespace: str
    weight: int


@dataclass(frozen=True)
class Tombstone:
    """A version that is gone, and the one that its hosts name instead."""

    version: int
    namespace: str
    successor: int
    successor_namespace: str
    since: int  # Unix seconds
    link: str = ""


@dataclass(frozen=True)
class Layout:
    """What the entry point serves."""

    shares: tuple[Share, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    drain: int = 0  # the version whose visitors stay although it gets no new ones; 0: none


def as_values(layout: Layout) -> dict[str, Any]:
    """The values of charts/entrypoint that serve it."""
    return {
        "drain": layout.drain,
        "notice": {
            "versions": [
                {"version": item.version, "namespace": item.namespace, "weight": item.weight}
                for item in layout.shares
            ],
            "tombstones": [
                {
                    "version": item.version,
                    "namespace": item.namespace,
                    "successor": item.successor,
                    "successorNamespace": item.successor_namespace,
                    "since": item.since,
                    "link": item.link,
                }
                for item in layout.tombstones
            ],
        },
    }


def of_values(values: Mapping[str, Any]) -> Layout:
    """What `as_values` wrote. Raises KeyError or TypeError for anything else."""
    known = values["notice"]
    return Layout(
        shares=tuple(Share(**item) for item in known["versions"]),
        tombstones=tuple(
            Tombstone(
                version=item["version"],
                namespace=item["namespace"],
                successor=item["successor"],
                successor_namespace=item["successorNamespace"],
                since=item["since"],
                link=item["link"],
            )
            for item in known["tombstones"]
        ),
        drain=values["drain"],
    )
