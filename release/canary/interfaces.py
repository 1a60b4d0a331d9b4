"""The interfaces of a shift. They name no target, so tests need no processes."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from release.canary.metrics import GatewaySample
from release.model.routing import TrafficSplit


class TrafficRouter(Protocol):
    """The entry point: the one host for both versions."""

    def split(self) -> TrafficSplit: ...

    def change(self) -> str: ...

    def check_unchanged(self, known: Collection[str]) -> None:
        """Raise ConflictError when the current change is not a `known` one, UnansweredError when
        the current change cannot be read.
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
        """Raises LockedError, and UnansweredError when the outcome is unknown."""


class GatewayCounts(Protocol):
    """The requests that the gateway counted. Every method may raise UnansweredError."""

    def begin(self) -> None: ...

    def sample(self) -> GatewaySample | None: ...

    def rate(self) -> float: ...


class Alarm(NamedTuple):
    """A firing alert with the label `release: rollback`."""

    component: str
    name: str


@dataclass(frozen=True)
class InsideView:
    """A version's last minute by its own Prometheus. Shown, never decided on."""

    errors: float | None
    p95: float | None


class Versions(Protocol):
    """The deployed versions and their monitoring."""

    def release(self, version: int) -> Hashable:
        """Return an id that changes with every deploy of the version.

        Raises ReleaseError when it is not deployed, UnansweredError when the target cannot tell.
        """

    def alarms(self, version: int) -> frozenset[Alarm]:
        """Return the firing alarms. Raises UnansweredError."""

    def inside(self, version: int) -> InsideView | None:
        """Return None when the version's Prometheus does not answer."""


class Clock(Protocol):
    """The module `time` is one."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float, /) -> None: ...
