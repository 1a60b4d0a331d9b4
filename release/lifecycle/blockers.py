"""The reasons against removing a version. Each blocker names an owner who can resolve it.

Pure: facts in, blockers out. An unknown fact is a blocker.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from release.lifecycle.usage import Usage
from release.model import services
from release.model.deprecation import Deprecation
from release.model.routing import TrafficSplit


@dataclass(frozen=True)
class Dependent:
    """A consumer that has a contract with the version and none with a later one."""

    consumer: str
    contact: str


@dataclass(frozen=True)
class DecommissionFacts:
    """The known facts about a version. `clocks`: owner -> Unix seconds; `unanswered`: service ->
    why its callers are unknown.
    """

    version: int
    clocks: Mapping[str, float]
    split: TrafficSplit
    deprecation: Deprecation
    usage: Mapping[str, Usage]
    unanswered: Mapping[str, str] = field(default_factory=dict)
    dependents: Sequence[Dependent] = ()
    has_live_successor: bool = True


@dataclass(frozen=True)
class Blocker:
    """A reason against the removal, and who can resolve it."""

    owner: str
    reason: str

    def __str__(self) -> str:
        return f"{self.owner}: {self.reason}"


def blockers(facts: DecommissionFacts) -> list[Blocker]:
    """Return every reason against the removal, in the order in which to work on them."""
    return [
        *_successor(facts),
        *_weight(facts),
        *_dates(facts),
        *(Blocker(item.contact or item.consumer, _contract(item)) for item in facts.dependents),
        *_callers(facts),
        *_unknown(facts),
    ]


def _successor(facts: DecommissionFacts) -> list[Blocker]:
    if facts.has_live_successor:
        return []
    return [Blocker("this repository", f"nothing that comes after version {facts.version} runs")]


def _weight(facts: DecommissionFacts) -> list[Blocker]:
    shares = {share.version: share.weight for share in facts.split.shares}
    reasons = []
    if weight := shares.get(facts.version):
        reasons.append(f"gets {weight} % of the entry point's new visitors: make shift")
    if facts.split.drain == facts.version:
        reasons.append("keeps its visitors at the entry point until the shift ends")
    return [Blocker("entry point", f"version {facts.version} {reason}") for reason in reasons]


def _dates(facts: DecommissionFacts) -> list[Blocker]:
    end = facts.deprecation.end
    owner = "this repository"
    if end is None:
        return [Blocker(owner, f"no sunset was announced: make deprecate VERSION={facts.version}")]
    # A wrong clock must not end a version early: every clock has to have passed the date.
    whose, now = min(facts.clocks.items(), key=lambda clock: clock[1])
    if end > now:
        ahead = f"the sunset, {facts.deprecation.sunset}, is {(end - now) / 86400:.1f} days ahead"
        alone = max(facts.clocks.values()) >= end
        return [Blocker(owner, f"{ahead} by the clock of {whose}" if alone else ahead)]
    return []


def _contract(item: Dependent) -> str:
    return f"{item.consumer} has a contract with it, and none with its successor"


def _callers(facts: DecommissionFacts) -> list[Blocker]:
    return [
        Blocker(
            caller.consumer,
            f"{caller.requests} requests to {service} in the last {format_duration(usage.window)}, "
            f"the last one {_clock(caller.last_seen)}",
        )
        for service, usage in facts.usage.items()
        for caller in usage.callers
        if caller.consumer not in services.callers(service)
    ]


def _unknown(facts: DecommissionFacts) -> list[Blocker]:
    unknown = [
        Blocker(f"prometheus-{service}", f"who calls {service} is not known: {reason}")
        for service, reason in facts.unanswered.items()
    ]
    for service, usage in facts.usage.items():
        if not usage.is_complete:
            reason = (
                f"has watched {service} for {format_duration(usage.watched)} of the last "
                f"{format_duration(usage.window)}: wait, or give a shorter WINDOW"
            )
            unknown.append(Blocker(f"prometheus-{service}", reason))
    return unknown


def format_duration(seconds: float) -> str:
    """Format a length of time for people."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _clock(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
