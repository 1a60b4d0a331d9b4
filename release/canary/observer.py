"""Observe a shift: the weights, the deployed versions, firing alarms, and the gateway's counts."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from math import inf

from canary_analysis import CountPair, Counts
from release.canary.interfaces import Alarm, GatewayCounts, InsideView, TrafficRouter, Versions
from release.canary.metrics import GatewaySample
from release.errors import UnansweredError

_NO_SAMPLE = GatewaySample(0.0, 0.0, CountPair(Counts(), Counts()), flowing=False)
# Scrapes that may be missing before the counts are out of date.
_MISSING = 3
# Seconds between two queries to the versions' own servers while there are no new counts.
_PAUSE = 2.0


class ReplacedError(Exception):
    """A new release replaced the version that the evidence is about."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} was replaced by a new release")
        self.version = version


@dataclass(frozen=True)
class Observation:
    """`alarm`: a reason to roll back; `doubt`: a reason not to advance; `fresh`: differs from the
    observation before.
    """

    pair: CountPair
    alarm: str
    doubt: str
    flowing: bool
    interval: float
    fresh: bool
    inside: Mapping[int, InsideView | None]


@dataclass
class Observer:
    """Observes again and again, and compares with the state at the beginning."""

    entry_point: TrafficRouter
    metrics: GatewayCounts
    versions: Versions
    old: int
    new: int
    _releases: dict[int, Hashable] = field(default_factory=dict)
    _ignored: frozenset[Alarm] = frozenset()
    _at: float = -inf
    _scraped: float = -inf
    _asked: float = -inf
    _alarm: str = ""
    _alarm_doubt: str = ""
    _doubt: str = ""
    _inside: dict[int, InsideView | None] = field(default_factory=dict)

    def begin(self, known: Collection[str]) -> None:
        """Record the releases and alarms at the beginning. An alarm that already fires is ignored
        until it has resolved. `known`: the changes of the entry point that may be current.
        """
        self.entry_point.check_unchanged(known)
        for version in (self.old, self.new):
            self._releases[version] = self.versions.release(version)
        try:
            self._ignored = self.versions.alarms(self.new)
        except UnansweredError:
            self._ignored = frozenset()

    def observe(self, known: Collection[str], now: float) -> Observation:
        """Return an observation. Raises ConflictError, and ReplacedError."""
        sample, doubt = _NO_SAMPLE, self._check_unchanged(known)
        if not doubt:
            sample, doubt = self._read_counts(now)
            if self._scraped == now or now - self._asked >= _PAUSE:
                self._query_versions(now)
            doubt = doubt or self._alarm_doubt
        fresh, self._doubt = self._scraped == now or doubt != self._doubt, doubt
        counts, flowing, interval = sample.pair, sample.flowing, sample.interval
        return Observation(counts, self._alarm, doubt, flowing, interval, fresh, dict(self._inside))

    def _check_unchanged(self, known: Collection[str]) -> str:
        """Raise ConflictError or ReplacedError; return why the state is unknown, or "".

        Visitors are served without the control plane, so its absence must not end the shift.
        """
        try:
            self.entry_point.check_unchanged(known)
            for version, release in self._releases.items():
                if self.versions.release(version) != release:
                    raise ReplacedError(version)
        except UnansweredError as error:
            return str(error)
        return ""

    def _read_counts(self, now: float) -> tuple[GatewaySample, str]:
        try:
            sample = self.metrics.sample()
        except UnansweredError as error:
            return _NO_SAMPLE, str(error)
        if sample is None:
            return _NO_SAMPLE, "waiting for the gateway to be scraped"
        if sample.at != self._at:
            self._at, self._scraped = sample.at, now
        silent = now - self._scraped
        late = silent > _MISSING * max(sample.interval, 1.0)
        return sample, f"the gateway was not scraped for {silent:.0f} s" if late else ""

    def _query_versions(self, now: float) -> None:
        self._asked = now
        self._inside = {version: self.versions.inside(version) for version in (self.old, self.new)}
        try:
            self._alarm, self._alarm_doubt = self._alarms()
        except UnansweredError as error:
            self._alarm, self._alarm_doubt = "", str(error)

    def _alarms(self) -> tuple[str, str]:
        """Return a reason to roll back, and a reason not to advance."""
        # Always query both: neither direction is safe with an unmonitored version.
        firing, also = (self.versions.alarms(version) for version in (self.new, self.old))
        self._ignored &= firing
        new = firing - self._ignored
        if not new:
            return "", ""
        own = new - also
        names = ", ".join(f"{alarm.name} ({alarm.component})" for alarm in sorted(own or new))
        if not own:
            return "", f"both versions set off {names}"
        return f"version {self.new} sets off {names}, version {self.old} does not", ""
