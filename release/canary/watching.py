"""One look at everything: who moved the weights, what runs, what fires, what was counted."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from math import inf

from canary_analysis import Counts, Pair
from release.canary.evidence import Look
from release.canary.surroundings import Alarm, Entry, Evidence, Inside, Surroundings
from release.errors import UnansweredError

_NOTHING = Pair(Counts(), Counts())
# Scrapes that may be missing before what was counted is called old.
_MISSING = 3
# Seconds between two questions to the versions' own servers, when nothing new was counted.
_PAUSE = 2.0


class ReplacedError(Exception):
    """A version is not the release any more that the evidence is about."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} was replaced by a new release")
        self.version = version


@dataclass(frozen=True)
class Glance:
    """`alarm`: why to go back; `doubt`: why this is nothing to advance on; `fresh`: there is
    something new to tell.
    """

    pair: Pair = _NOTHING
    alarm: str = ""
    doubt: str = ""
    flowing: bool = False
    interval: float = 0.0
    fresh: bool = False
    inside: Mapping[int, Inside | None] = field(default_factory=dict)


@dataclass
class Watch:
    """Looks again and again, and remembers what it saw first."""

    entry: Entry
    evidence: Evidence
    surroundings: Surroundings
    old: int
    new: int
    _releases: dict[int, Hashable] = field(default_factory=dict)
    _known: frozenset[Alarm] = frozenset()
    _at: float = -inf
    _scraped: float = -inf
    _asked: float = -inf
    _alarm: str = ""
    _alarms_unknown: str = ""
    _doubt: str = ""
    _inside: dict[int, Inside | None] = field(default_factory=dict)

    def begin(self, known: Collection[str]) -> None:
        """What fires already is about the past: it counts once it has resolved. `known` are the
        changes of the entry point of which one serves.
        """
        self.entry.check_unchanged(known)
        for version in (self.old, self.new):
            self._releases[version] = self.surroundings.release(version)
        try:
            self._known = self.surroundings.alarms(self.new)
        except UnansweredError:
            self._known = frozenset()

    def look(self, known: Collection[str], now: float) -> Glance:
        """Raises ConflictError, and ReplacedError."""
        if unknown := self._check_unchanged(known):
            fresh, self._doubt = unknown != self._doubt, unknown
            return Glance(alarm=self._alarm, doubt=unknown, fresh=fresh, inside=self._inside)
        look, doubt = self._counted(now)
        if self._scraped == now or now - self._asked >= _PAUSE:
            self._ask_the_versions(now)
        doubt = doubt or self._alarms_unknown
        fresh, self._doubt = self._scraped == now or doubt != self._doubt, doubt
        if look is None:
            return Glance(alarm=self._alarm, doubt=doubt, fresh=fresh, inside=self._inside)
        return Glance(
            look.pair, self._alarm, doubt, look.flowing, look.interval, fresh, dict(self._inside)
        )

    def _check_unchanged(self, known: Collection[str]) -> str:
        """Raise ConflictError or ReplacedError; return why the state is unknown, or "".

        Visitors are served without the control plane, so its absence must not end the shift.
        """
        try:
            self.entry.check_unchanged(known)
            for version, release in self._releases.items():
                if self.surroundings.release(version) != release:
                    raise ReplacedError(version)
        except UnansweredError as error:
            return str(error)
        return ""

    def _counted(self, now: float) -> tuple[Look | None, str]:
        try:
            look = self.evidence.look()
        except UnansweredError as error:
            return None, str(error)
        if look is None:
            return None, "waiting for the gateway to be scraped"
        if look.at != self._at:
            self._at, self._scraped = look.at, now
        silent = now - self._scraped
        late = silent > _MISSING * max(look.interval, 1.0)
        return look, f"the gateway was not scraped for {silent:.0f} s" if late else ""

    def _ask_the_versions(self, now: float) -> None:
        self._asked = now
        self._inside = {
            version: self.surroundings.inside(version) for version in (self.old, self.new)
        }
        try:
            self._alarm, self._alarms_unknown = self._alarms()
        except UnansweredError as error:
            self._alarm, self._alarms_unknown = "", str(error)

    def _alarms(self) -> tuple[str, str]:
        """Why to go back, and why not to go on."""
        # Both, always: a version that nobody watches is none to move visitors to, or back to.
        firing, also = (self.surroundings.alarms(version) for version in (self.new, self.old))
        self._known &= firing
        begun = firing - self._known
        if not begun:
            return "", ""
        own = begun - also
        names = ", ".join(f"{alarm.name} ({alarm.component})" for alarm in sorted(own or begun))
        if not own:
            return "", f"both versions set off {names}"
        return f"version {self.new} sets off {names}, version {self.old} does not", ""
