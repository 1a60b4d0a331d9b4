"""From weight to weight, as fast as the evidence allows; back to nothing when it speaks against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NoReturn

from release.analysis import Decision, Pair, Profile, Verdict
from release.errors import LockedError, RolledBackError, UnansweredError
from release.release import new_change
from release.shift.drain import Drain
from release.shift.events import Event, findings
from release.shift.judging import Stage, judge, judge_drain
from release.shift.surroundings import Clock, Entry, Evidence, Surroundings
from release.shift.watching import Glance, ReplacedError, Watch

# A deploy holds the target while it changes it; a rollback has to wait for that, not to fail.
_WAIT = 300.0
_PAUSE = 0.5


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
        """Raises RolledBackError, and MovedError when somebody else moves the weights."""
        self._known = {self.entry.change()}
        self._weight = self.entry.weights()[self.new]
        self._drains = self.entry.layout().drain == self.old
        schedule = self._schedule()
        while True:
            try:
                self._climb(schedule)
                break
            except ReplacedError as replaced:
                self._history = []
                self._tell("note", f"{replaced}: the evidence so far is void")
                if replaced.version == self.new and self._weight > schedule[0]:
                    self._insist(schedule[0], str(replaced))
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
        self._persist(lambda: watch.begin(self._known))
        if not self._weight:
            self._insist(schedule[0], "the first step")
        begin = self._weight
        weights = [begin, *(weight for weight in schedule if weight > begin)]
        for number, (weight, following) in enumerate(pairwise(weights), 1):
            self._advance(watch, Stage(weight, following, number, len(weights) - 1))
        if self._drains:
            self._drain(watch)

    def _advance(self, watch: Watch, stage: Stage) -> None:
        """To the next weight, on evidence that is not from before an outage."""
        begun, following = self.clock.now(), stage.following
        while True:
            decision = self._prove(watch, stage)
            try:
                self._move(following, decision.reason, decision, drain=following == 100)
                return
            except (LockedError, UnansweredError) as error:
                failed = f"the step to {following} % failed: {error}"
            self._history.pop()
            self._tell("note", failed)
            if self.clock.now() - begun > self.profile.hold_limit:
                self._roll_back(f"no advance within {self.profile.hold_limit:g} s: {failed}")
            # It may be done, or half done: evidence is about a weight that is known.
            self._insist(stage.weight, failed)

    def _prove(self, watch: Watch, stage: Stage) -> Decision:
        """Stay at a weight until there is a verdict; the counts are kept as they were then."""
        self.evidence.begin()
        begun = self.clock.now()
        while True:
            glance = watch.look(self._known, self.clock.now())
            seconds = self.clock.now() - begun
            decision = judge(glance, self._history, stage, seconds, self.profile)
            self._conclude(glance, decision, stage, seconds)
            if decision.verdict is Verdict.ADVANCE:
                self._history.append(glance.pair)
                return decision
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
            if over:
                self._insist(100, f"version {self.old}'s visitors {over}")
                return
            self.clock.sleep(_PAUSE)

    def _conclude(self, glance: Glance, decision: Decision, stage: Stage, seconds: float) -> None:
        if glance.fresh or decision.verdict is not Verdict.HOLD:
            event = Event(
                "look", self.old, self.new, stage.weight, decision.reason, stage, seconds, glance
            )
            self.show(event.judged(decision))
        if decision.verdict is Verdict.ROLLBACK:
            self._history.append(glance.pair)
            self._roll_back(decision.reason, decision)

    def _roll_back(self, why: str, decision: Decision | None = None) -> NoReturn:
        self._insist(0, why, decision, action="rollback")
        raise RolledBackError(f"version {self.new} was rolled back: {why}")

    def _insist(
        self, weight: int, why: str, decision: Decision | None = None, *, action: str = "shift"
    ) -> None:
        """Move as soon as that can be done: nobody is better off for staying."""
        change = new_change()
        self._persist(lambda: self._move(weight, why, decision, action=action, change=change))

    def _persist(self, call: Callable[[], None]) -> None:
        """Try until there is an answer, however long there is none: somebody has to watch."""
        said = ""
        while True:
            try:
                call()
                return
            except (LockedError, UnansweredError) as error:
                if str(error) != said:
                    said = str(error)
                    self._tell("note", f"{said}; trying again")
                self.clock.sleep(_PAUSE)

    def _move(
        self,
        weight: int,
        why: str,
        decision: Decision | None = None,
        *,
        drain: bool = False,
        action: str = "shift",
        change: str = "",
    ) -> None:
        change = change or new_change()
        self._known.add(change)
        self.entry.move(
            {self.old: 100 - weight, self.new: weight},
            action=action,
            why=why,
            evidence=findings(self._history[-1], decision) if decision else None,
            drain=self.old if drain else 0,
            change=change,
            known=self._known,
            wait=_WAIT,
        )
        self._weight, self._drains, self._known = weight, drain, {change}
        self._tell("move", f"{weight} %: {why}")

    def _tell(self, kind: str, text: str) -> None:
        self.show(Event(kind, self.old, self.new, self._weight, text))
