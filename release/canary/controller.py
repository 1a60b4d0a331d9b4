"""Raise the new version's weight step by step on evidence; roll back when the evidence is bad."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import NoReturn

from canary_analysis import CountPair, Decision, Profile, Verdict
from release.canary.decision import Step, judge, judge_drain
from release.canary.events import Event, Look, as_evidence
from release.canary.interfaces import Clock, GatewayCounts, TrafficRouter, Versions
from release.canary.observer import Observation, Observer, ReplacedError
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

# A deploy holds the lock while it changes the target; a rollback waits for it.
_WAIT = 300.0
_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
# Retrying does not help against these; every other error may be temporary.
_PERMANENT = (ChartError, ConflictError, NotAllowedError, UnsupportedError, UsageError)

Judgement = tuple[CountPair, Decision]
"""The counts, and the verdict on them."""


@dataclass
class CanaryController:
    """Runs one `make shift`. An interruption at any moment leaves the weights as they are."""

    entry_point: TrafficRouter
    metrics: GatewayCounts
    versions: Versions
    clock: Clock
    profile: Profile
    old: int
    new: int
    show: Callable[[Event], None]
    _weight: int = 0
    _drains: bool = False
    _known: set[str] = field(default_factory=set)
    """The changes of the entry point that may be current: the last confirmed one, and those of this
    shift with an unknown outcome."""
    _history: list[CountPair] = field(default_factory=list)

    def run(self) -> None:
        """Run the shift. Raises RolledBackError, and ConflictError when others move weights."""
        self._known = {self.entry_point.change()}
        split = self.entry_point.split()
        self._weight = {share.version: share.weight for share in split.shares}[self.new]
        self._drains = split.drain == self.old
        schedule = self._schedule()
        while True:
            try:
                self._advance_all(schedule)
                break
            except ReplacedError as replaced:
                self._history = []
                self._emit("note", f"{replaced}: the evidence so far is void")
                if replaced.version == self.new and self._weight > schedule[0]:
                    self._return(schedule[0], str(replaced))
        self._emit("end", f"version {self.new} has everybody")

    def _schedule(self) -> tuple[int, ...]:
        try:
            rate = self.metrics.rate()
        except UnansweredError as error:
            self._emit("note", f"{error}; taking the weights for little traffic")
            rate = 0.0
        schedule = self.profile.schedule(rate)
        weights = "-".join(map(str, schedule))
        self._emit(
            "begin", f"{rate:.1f} requests a second, profile {self.profile.name}: {weights} %"
        )
        return schedule

    def _advance_all(self, schedule: Sequence[int]) -> None:
        observer = Observer(self.entry_point, self.metrics, self.versions, self.old, self.new)
        self._begin(observer)
        if not self._weight:
            self._enter(schedule[0])
        begin = self._weight
        weights = [begin, *(weight for weight in schedule if weight > begin)]
        for number, (weight, following) in enumerate(pairwise(weights), 1):
            self._advance(observer, Step(weight, following, number, len(weights) - 1))
        if self._drains:
            self._drain(observer)

    def _begin(self, observer: Observer) -> None:
        """Begin to observe. If the new version already has visitors, wait for an answer."""
        limit = self.profile.hold_limit
        if not self._weight:
            observer.begin(self._known)
        elif not self._retry(lambda: observer.begin(self._known), limit, UnansweredError):
            self._roll_back(f"the state was unknown for {limit:g} s")

    def _enter(self, weight: int) -> None:
        """Take the first step. If its outcome is unknown, roll back."""
        try:
            self._move(weight, "the first step")
        except (LockedError, *_PERMANENT):
            raise
        except ReleaseError as error:
            self._roll_back(f"the first step failed: {error}")

    def _advance(self, observer: Observer, step: Step) -> None:
        """Move to the next weight. A failed move needs new evidence, gathered after the outage."""
        begun, following, limit = self.clock.monotonic(), step.following, self.profile.hold_limit
        while True:
            judgement = self._prove(observer, step)
            try:
                self._move(following, judgement[1].reason, judgement, drain=following == 100)
            except _PERMANENT:
                raise
            except ReleaseError as error:
                failed = f"the step to {following} % failed: {error}"
                is_uncertain = not isinstance(error, LockedError)
            else:
                self._history.append(judgement[0])
                return
            self._emit("note", failed)
            if is_uncertain:
                # Evidence needs a known weight.
                self._return(step.weight, failed)
            if self.clock.monotonic() - begun > limit:
                self._roll_back(f"no advance within {limit:g} s: {failed}")

    def _prove(self, observer: Observer, step: Step) -> Judgement:
        """Stay at a weight until the verdict is to advance; return the counts and the verdict."""
        self.metrics.begin()
        begun = self.clock.monotonic()
        while True:
            observation = observer.observe(self._known, self.clock.monotonic())
            seconds = self.clock.monotonic() - begun
            decision = judge(observation, self._history, step, seconds, self.profile)
            self._conclude(observation, decision, step, seconds)
            if decision.verdict is Verdict.ADVANCE:
                return observation.pair, decision
            self.clock.sleep(_PAUSE)

    def _drain(self, observer: Observer) -> None:
        """Observe until the old version's visitors have left, or their time is up."""
        self.metrics.begin()
        begun = last_request = self.clock.monotonic()
        requests, reason = 0.0, ""
        while True:
            now = self.clock.monotonic()
            observation = observer.observe(self._known, now)
            decision = judge_drain(observation, self.profile)
            self._conclude(observation, decision, Step(100, 100, 0, 0), now - begun)
            # Unknown traffic counts as traffic.
            if observation.doubt or observation.pair.old.requests != requests:
                requests, last_request = observation.pair.old.requests, now
            if now - last_request >= self.profile.quiet:
                reason = "have left"
            elif now - begun >= self.profile.drain_limit:
                reason = f"had {self.profile.drain_limit:g} s to leave"
            if reason and self._end_drain(reason):
                return
            self.clock.sleep(_PAUSE)

    def _end_drain(self, reason: str) -> bool:
        """End the drain. Return False if that failed; the caller keeps observing."""
        try:
            self._move(100, f"version {self.old}'s visitors {reason}")
        except _PERMANENT:
            raise
        except ReleaseError as error:
            self._emit("note", f"the drain goes on: {error}")
            return False
        return True

    def _conclude(
        self, observation: Observation, decision: Decision, step: Step, seconds: float
    ) -> None:
        if observation.fresh or decision.verdict is not Verdict.HOLD:
            look = Look(step, seconds, observation, decision)
            self.show(Event("look", self.old, self.new, step.weight, decision.reason, look))
        if decision.verdict is Verdict.ROLLBACK:
            self._roll_back(decision.reason, (observation.pair, decision))

    def _roll_back(self, why: str, judgement: Judgement | None = None) -> NoReturn:
        """Send all visitors to the old version, retrying without a limit."""
        change = new_change()
        self._retry(
            lambda: self._move(0, why, judgement, action="rollback", change=change), limit=inf
        )
        raise RolledBackError(f"version {self.new} was rolled back: {why}")

    def _return(self, weight: int, why: str) -> None:
        """Go back to a weight at which the shift continues; roll back when that takes too long."""
        change = new_change()
        if not self._retry(lambda: self._move(weight, why, change=change), self.profile.hold_limit):
            self._roll_back(why)

    def _retry(
        self,
        call: Callable[[], None],
        limit: float,
        temporary: type[ReleaseError] = ReleaseError,
    ) -> bool:
        """Retry `call` until it succeeds; return False once `limit` seconds have passed."""
        message, pause, begun = "", _PAUSE, self.clock.monotonic()
        while True:
            try:
                call()
                return True
            except _PERMANENT:
                raise
            except temporary as error:
                if str(error) != message:
                    message = str(error)
                    self._emit("note", f"{message}; trying again")
            if self.clock.monotonic() - begun > limit:
                return False
            self.clock.sleep(pause)
            # Each attempt may add a revision, and only a limited number is kept.
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _move(
        self,
        weight: int,
        why: str,
        judgement: Judgement | None = None,
        *,
        drain: bool = False,
        action: str = "shift",
        change: str = "",
    ) -> None:
        change = change or new_change()
        self._known.add(change)
        self.entry_point.set_weights(
            {self.old: 100 - weight, self.new: weight},
            action=action,
            why=why,
            evidence=as_evidence(*judgement) if judgement else None,
            drain=self.old if drain else 0,
            change=change,
            known=self._known,
            wait=_WAIT,
        )
        self._weight, self._drains, self._known = weight, drain, {change}
        self._emit("move", f"{weight} %: {why}")

    def _emit(self, kind: str, text: str) -> None:
        self.show(Event(kind, self.old, self.new, self._weight, text))
