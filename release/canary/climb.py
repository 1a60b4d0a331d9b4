"""From weight to weight, as fast as the evidence allows; back to nothing when it speaks against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import NoReturn

from canary_analysis import Decision, Pair, Profile, Verdict
from release.canary.drain import Drain
from release.canary.events import Event, findings
from release.canary.judging import Stage, judge, judge_drain
from release.canary.surroundings import Clock, Entry, Evidence, Surroundings
from release.canary.watching import Glance, ReplacedError, Watch
from release.errors import (
    ChartError,
    ConflictError,
    LockedError,
    NotAllowedError,
    ReleaseError,
    RolledBackError,
    UnansweredError,
    UnsupportedError,
    UsageError,
)
from release.model.release import new_change

# A deploy holds the target while it changes it; a rollback has to wait for that, not to fail.
_WAIT = 300.0
_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
# What waiting does not change. Anything else may pass: what is away comes back.
_FOR_GOOD = (ChartError, ConflictError, NotAllowedError, UnsupportedError, UsageError)

Found = tuple[Pair, Decision]
"""What was counted, and the verdict."""


@dataclass
class Climb:
    """One `make shift`. Interrupted at any moment it leaves the weights as they are."""

    entry: Entry
    evidence: Evidence
    surroundings: Surroundings
    clock: Clock
    profile: Profile
    old: int
    new: int
    show: Callable[[Event], None]
    _weight: int = 0
    _drains: bool = False
    _known: set[str] = field(default_factory=set)
    """The changes of the entry point that may serve: the last one that was heard of, and those of
    this shift that may be done or not."""
    _history: list[Pair] = field(default_factory=list)

    def run(self) -> None:
        """Raises RolledBackError, and ConflictError when somebody else moves the weights."""
        self._known = {self.entry.change()}
        self._weight = self.entry.weights()[self.new]
        self._drains = self.entry.split().drain == self.old
        schedule = self._schedule()
        while True:
            try:
                self._climb(schedule)
                break
            except ReplacedError as replaced:
                self._history = []
                self._tell("note", f"{replaced}: the evidence so far is void")
                if replaced.version == self.new and self._weight > schedule[0]:
                    self._return(schedule[0], str(replaced))
        self._tell("end", f"version {self.new} has everybody")

    def _schedule(self) -> tuple[int, ...]:
        try:
            rate = self.evidence.rate()
        except UnansweredError as error:
            self._tell("note", f"{error}; taking the weights for little traffic")
            rate = 0.0
        schedule = self.profile.schedule(rate)
        said = "-".join(map(str, schedule))
        self._tell("begin", f"{rate:.1f} requests a second, profile {self.profile.name}: {said} %")
        return schedule

    def _climb(self, schedule: Sequence[int]) -> None:
        watch = Watch(self.entry, self.evidence, self.surroundings, self.old, self.new)
        self._begin(watch)
        if not self._weight:
            self._enter(schedule[0])
        begin = self._weight
        weights = [begin, *(weight for weight in schedule if weight > begin)]
        for number, (weight, following) in enumerate(pairwise(weights), 1):
            self._advance(watch, Stage(weight, following, number, len(weights) - 1))
        if self._drains:
            self._drain(watch)

    def _begin(self, watch: Watch) -> None:
        """With visitors at stake an answer is waited for, as long as for a step."""
        limit = self.profile.hold_limit
        if not self._weight:
            watch.begin(self._known)
        elif not self._keep_trying(lambda: watch.begin(self._known), limit, UnansweredError):
            self._roll_back(f"nothing was known for {limit:g} s")

    def _enter(self, weight: int) -> None:
        """The first step; when it may be done or not, the new version has nobody afterwards."""
        try:
            self._move(weight, "the first step")
        except (LockedError, *_FOR_GOOD):
            raise
        except ReleaseError as error:
            self._roll_back(f"the first step failed: {error}")

    def _advance(self, watch: Watch, stage: Stage) -> None:
        """To the next weight, on evidence that is not from before an outage."""
        begun, following, limit = self.clock.now(), stage.following, self.profile.hold_limit
        while True:
            found = self._prove(watch, stage)
            try:
                self._move(following, found[1].reason, found, drain=following == 100)
            except _FOR_GOOD:
                raise
            except ReleaseError as error:
                failed = f"the step to {following} % failed: {error}"
                may_be_done = not isinstance(error, LockedError)
            else:
                self._history.append(found[0])
                return
            self._tell("note", failed)
            if may_be_done:
                # Evidence is about a weight that is known.
                self._return(stage.weight, failed)
            if self.clock.now() - begun > limit:
                self._roll_back(f"no advance within {limit:g} s: {failed}")

    def _prove(self, watch: Watch, stage: Stage) -> Found:
        """Stay at a weight until it may be left: what was counted there, and the verdict."""
        self.evidence.begin()
        begun = self.clock.now()
        while True:
            glance = watch.look(self._known, self.clock.now())
            seconds = self.clock.now() - begun
            decision = judge(glance, self._history, stage, seconds, self.profile)
            self._conclude(glance, decision, stage, seconds)
            if decision.verdict is Verdict.ADVANCE:
                return glance.pair, decision
            self.clock.sleep(_PAUSE)

    def _drain(self, watch: Watch) -> None:
        self.evidence.begin()
        drain = Drain(self.profile, self.clock.now())
        while True:
            now = self.clock.now()
            glance = watch.look(self._known, now)
            decision = judge_drain(glance, self.profile)
            self._conclude(glance, decision, Stage(100, 100, 0, 0), now - drain.begun)
            over = drain.over(glance, now)
            if over and self._end_drain(over):
                return
            self.clock.sleep(_PAUSE)

    def _end_drain(self, over: str) -> bool:
        """Whether that could be done. If not, what happens meanwhile is looked at."""
        try:
            self._move(100, f"version {self.old}'s visitors {over}")
        except _FOR_GOOD:
            raise
        except ReleaseError as error:
            self._tell("note", f"the drain goes on: {error}")
            return False
        return True

    def _conclude(self, glance: Glance, decision: Decision, stage: Stage, seconds: float) -> None:
        if glance.fresh or decision.verdict is not Verdict.HOLD:
            event = Event(
                "look", self.old, self.new, stage.weight, decision.reason, stage, seconds, glance
            )
            self.show(event.judged(decision))
        if decision.verdict is Verdict.ROLLBACK:
            self._roll_back(decision.reason, (glance.pair, decision))

    def _roll_back(self, why: str, found: Found | None = None) -> NoReturn:
        """However long it takes: nobody is better off for staying."""
        change = new_change()
        self._keep_trying(
            lambda: self._move(0, why, found, action="rollback", change=change), limit=inf
        )
        raise RolledBackError(f"version {self.new} was rolled back: {why}")

    def _return(self, weight: int, why: str) -> None:
        """To a weight from which the shift goes on; to nothing when that takes too long."""
        change = new_change()
        if not self._keep_trying(
            lambda: self._move(weight, why, change=change), self.profile.hold_limit
        ):
            self._roll_back(why)

    def _keep_trying(
        self,
        call: Callable[[], None],
        limit: float,
        passing: type[ReleaseError] = ReleaseError,
    ) -> bool:
        """Until it can be done; whether that was within so many seconds."""
        said, pause, begun = "", _PAUSE, self.clock.now()
        while True:
            try:
                call()
                return True
            except _FOR_GOOD:
                raise
            except passing as error:
                if str(error) != said:
                    said = str(error)
                    self._tell("note", f"{said}; trying again")
            if self.clock.now() - begun > limit:
                return False
            self.clock.sleep(pause)
            # Each attempt may be a revision of which only so many are kept.
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _move(
        self,
        weight: int,
        why: str,
        found: Found | None = None,
        *,
        drain: bool = False,
        action: str = "shift",
        change: str = "",
    ) -> None:
        change = change or new_change()
        self._known.add(change)
        self.entry.set_weights(
            {self.old: 100 - weight, self.new: weight},
            action=action,
            why=why,
            evidence=findings(*found) if found else None,
            drain=self.old if drain else 0,
            change=change,
            known=self._known,
            wait=_WAIT,
        )
        self._weight, self._drains, self._known = weight, drain, {change}
        self._tell("move", f"{weight} %: {why}")

    def _tell(self, kind: str, text: str) -> None:
        self.show(Event(kind, self.old, self.new, self._weight, text))
