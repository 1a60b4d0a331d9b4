"""The traffic split of the entry point, and its form as values of the entry point's release."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from release.model import services


@dataclass(frozen=True)
class Weight:
    """A version behind the entry point, and its percentage of new visitors."""

    version: int
    namespace: str
    weight: int


@dataclass(frozen=True)
class Tombstone:
    """A removed version, and the successor that its host names point to."""

    version: int
    namespace: str
    successor: int
    successor_namespace: str
    since: int  # Unix seconds
    link: str = ""


@dataclass(frozen=True)
class TrafficSplit:
    """The versions behind the entry point, and the tombstones of removed ones."""

    shares: tuple[Weight, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    drain: int = 0  # a version that gets no new visitors and keeps its own; 0: none

    def __str__(self) -> str:
        return ", ".join(f"version {share.version}: {share.weight} %" for share in self.shares)


def to_values(split: TrafficSplit) -> dict[str, Any]:
    """Return the values of charts/entrypoint that serve the split."""
    tombstones = [asdict(item) for item in split.tombstones]
    for item in tombstones:
        item["successorNamespace"] = item.pop("successor_namespace")
    versions = [asdict(item) for item in split.shares]
    notice = {"versions": versions, "tombstones": tombstones, "services": list(services.NAMES)}
    return {"drain": split.drain, "notice": notice}


def from_values(values: Mapping[str, Any]) -> TrafficSplit:
    """Read what `to_values` wrote. Raises KeyError or TypeError for anything else."""
    fields = {"successorNamespace": "successor_namespace"}
    tombstones = tuple(
        Tombstone(**{fields.get(key, key): item[key] for key in item})
        for item in values["notice"]["tombstones"]
    )
    shares = tuple(Weight(**item) for item in values["notice"]["versions"])
    return TrafficSplit(shares, tombstones, values["drain"])
