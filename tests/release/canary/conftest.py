"""A world for a shift: time, traffic, alerts and releases that a test decides on."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from canary_analysis import PROFILES, CountPair, Counts, Profile
from release.canary import Alarm, CanaryController, Event, InsideView
from release.canary.metrics import GatewaySample
from release.errors import (
    ConflictError,
    LockedError,
    ReleaseError,
    RolledBackError,
    UnansweredError,
)
from release.model.routing import TrafficSplit, Weight

OLD, NEW = 1, 2


@dataclass
class World:
    """Everything a shift sees. `bad(version, now)` is the share of failures at a moment;
    `at(seconds, what)` makes something happen later.
    """

    requests: float = 20.0
    interval: float = 2.0
    weight: int = 0
    drain: int = 0
    bad: Callable[[int, float], float] = lambda version, now: 0.0
    staying: Callable[[float], float] = lambda now: 0.0
    """Requests a second of those who hold the old version's cookie during the drain."""
    gateway_answers: bool = True
    control_plane_answers: bool = True
    busy: bool = False
    """Somebody deploys."""
    refuses: ReleaseError | None = None
    """The error of every move."""
    after_move: Callable[[int], object] = lambda weight: None
    silent: set[int] = field(default_factory=set)
    """The versions whose own Prometheus servers do not answer."""
    scraping: bool = True
    alerts: dict[int, set[Alarm]] = field(default_factory=lambda: {OLD: set(), NEW: set()})
    releases: dict[int, int] = field(default_factory=lambda: {OLD: 1, NEW: 1})
    moves: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    time: float = 1000.0
    later: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(5))
    _failing: dict[tuple[int, int], tuple[int, bool]] = field(default_factory=dict)
    _change: str = "merge"
    _scraped: float = 1000.0
    _pair: CountPair = field(default_factory=lambda: CountPair(Counts(), Counts()))
    _flowing: bool = False
    _scrapes: int = 0

    def at(self, seconds: float, what: Callable[[], object]) -> None:
        self.later.append((self.time + seconds, what))

    def shift(self, profile: Profile | None = None, new: int = NEW) -> None:
        profile = profile or PROFILES["default"]
        old = OLD if new == NEW else NEW
        CanaryController(self, self, self, self, profile, old, new, self.events.append).run()

    @property
    def path(self) -> list[int]:
        """The new version's weights, in order."""
        return [move["weights"][NEW] for move in self.moves]

    def somebody_moves(self, weight: int) -> None:
        self.weight, self.drain, self._change = weight, 0, f"{weight} by somebody"

    def fail_to_move(
        self, weight: int, *, times: int = 1, drain: int | None = None, done: bool = False
    ) -> None:
        """The control plane goes away in the middle of so many moves to a weight, which are `done`
        for all that.
        """
        drains = OLD if weight == 100 else 0
        self._failing[weight, drains if drain is None else drain] = (times, done)

    # The entry point

    def split(self) -> TrafficSplit:
        self._ask_the_control_plane()
        shares = (Weight(OLD, "qv1", 100 - self.weight), Weight(NEW, "qv2", self.weight))
        return TrafficSplit(shares, drain=self.drain)

    def weights(self) -> dict[int, int]:
        return {share.version: share.weight for share in self.split().shares}

    def change(self) -> str:
        self._ask_the_control_plane()
        return self._change

    def somebody_goes_back_to(self, change: str) -> None:
        self._change = change

    def check_unchanged(self, known: Collection[str]) -> None:
        self._ask_the_control_plane()
        if self._change not in known:
            raise ConflictError("changed by somebody")

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
        assert change in known
        self.check_unchanged(known)
        if self.busy:
            raise LockedError("make deploy is at work")
        if self.refuses:
            raise self.refuses
        weight = weights[NEW]
        times, done = self._failing.get((weight, drain), (0, False))
        self._failing[weight, drain] = times - 1, done
        if times <= 0 or done:
            move = {"weights": weights, "action": action, "why": why, "evidence": evidence}
            self.moves.append({**move, "drain": drain, "time": self.time})
            self.weight, self.drain, self._change = weight, drain, change
            self.after_move(weight)
        if times > 0:
            raise UnansweredError("the cluster does not answer")

    def _ask_the_control_plane(self) -> None:
        if not self.control_plane_answers:
            raise UnansweredError("the cluster does not answer")

    # The evidence

    def begin(self) -> None:
        self._pair, self._scrapes, self._scraped = CountPair(Counts(), Counts()), 0, self.time

    def sample(self) -> GatewaySample | None:
        if not self.gateway_answers:
            raise UnansweredError("the gateway's Prometheus: cannot be asked")
        while self.scraping and self._scraped + self.interval <= self.time:
            self._scraped += self.interval
            self._scrapes += 1
            if self._scrapes > 1:
                old, new = self._traffic()
                self._pair += CountPair(old, new)
                self._flowing = old.requests > 0 and new.requests > 0
        if self._scrapes < 2:
            return None
        return GatewaySample(self._scraped, self.interval, self._pair, self._flowing)

    def rate(self) -> float:
        if not self.gateway_answers:
            raise UnansweredError("the gateway's Prometheus: cannot be asked")
        return self.requests

    def _traffic(self) -> tuple[Counts, Counts]:
        requests = round(self.requests * self.interval)
        new = sum(self.chance.random() * 100 < self.weight for _ in range(requests))
        old = requests - new if not self.drain else round(self.staying(self.time) * self.interval)
        return self._counts(OLD, old), self._counts(NEW, new)

    def _counts(self, version: int, requests: int) -> Counts:
        share = self.bad(version, self.time)
        return Counts(requests, failed=sum(self.chance.random() < share for _ in range(requests)))

    # The releases

    def release(self, version: int) -> Hashable:
        self._ask_the_control_plane()
        return self.releases[version]

    def alarms(self, version: int) -> frozenset[Alarm]:
        if version in self.silent:
            raise UnansweredError(f"version {version}: cannot be asked")
        return frozenset(self.alerts[version])

    def inside(self, version: int) -> InsideView | None:
        return None if version in self.silent else InsideView(self.bad(version, self.time), 0.02)

    # The clock

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        assert self.time < 100_000, "the shift never ends"
        for due in [item for item in self.later if item[0] <= self.time]:
            self.later.remove(due)
            due[1]()


@pytest.fixture
def world() -> World:
    return World()


def rolled_back(world: World) -> str:
    """Why; everybody is back with the old version then."""
    with pytest.raises(RolledBackError) as caught:
        world.shift()
    assert world.weights() == {OLD: 100, NEW: 0}
    assert world.moves[-1]["action"] == "rollback"
    return str(caught.value)
