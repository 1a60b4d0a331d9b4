"""What a shift needs to know and to do; it knows no target, and tests need no processes."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from release.canary.evidence import Look
from release.model.routing import TrafficSplit


class Entry(Protocol):
    """The one host for both versions."""

    def split(self) -> TrafficSplit: ...

    def weights(self) -> dict[int, int]: ...

    def change(self) -> str: ...

    def check_unchanged(self, known: Collection[str]) -> None:
        """Raises ConflictError when somebody else changed it, so that none of the known changes
        serves, UnansweredError when that cannot be known.
        """

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
        """Raises LockedError, and UnansweredError when it may be done or not."""


class Evidence(Protocol):
    """What the gateway counted. Each may raise UnansweredError."""

    def begin(self) -> None: ...

    def look(self) -> Look | None: ...

    def rate(self) -> float: ...


class Alarm(NamedTuple):
    """An alert that is labelled `release: rollback`, without the version that it is about."""

    component: str
    name: str


@dataclass(frozen=True)
class Inside:
    """What a version's own Prometheus says of its last minute; shown, never decided on."""

    errors: float | None
    p95: float | None


class Surroundings(Protocol):
    """The releases themselves, and what watches them."""

    def release(self, version: int) -> Hashable:
        """Changes when another release of the version is deployed. Raises ReleaseError for none,
        UnansweredError when that cannot be known.
        """

    def alarms(self, version: int) -> frozenset[Alarm]:
        """Those that fire now. Raises UnansweredError."""

    def inside(self, version: int) -> Inside | None:
        """None when its Prometheus does not answer."""


class Clock(Protocol):
    def now(self) -> float:
        """Seconds; only differences mean something."""

    def sleep(self, seconds: float) -> None: ...
