"""What changed between two descriptions of a service, and whether it breaks its consumers.

Consumers are expected to be robust: they ignore fields, headers and media types that they do not
know, and treat an unknown error status as any other of its class. Whatever they may send must stay
welcome, so requests may only take more; what they get must stay what they know, so answers may only
hold less than they were prepared for.
"""

from dataclasses import dataclass
from enum import Enum


class Side(Enum):
    """Where in an exchange something is described."""

    REQUEST = "request"
    RESPONSE = "response"


class Breaks(Enum):
    """On which side a change breaks consumers."""

    NEVER = frozenset[Side]()
    REQUESTS = frozenset({Side.REQUEST})
    RESPONSES = frozenset({Side.RESPONSE})
    ALWAYS = frozenset(Side)


RULES = {
    "path removed": Breaks.ALWAYS,
    "path added": Breaks.NEVER,
    "operation removed": Breaks.ALWAYS,
    "operation added": Breaks.NEVER,
    "operation deprecated": Breaks.NEVER,
    "operation no longer deprecated": Breaks.NEVER,
    # Who sends it would no longer be heeded.
    "parameter removed": Breaks.ALWAYS,
    "required parameter added": Breaks.ALWAYS,
    "optional parameter added": Breaks.NEVER,
    "parameter made required": Breaks.ALWAYS,
    "parameter made optional": Breaks.NEVER,
    "body removed": Breaks.ALWAYS,
    "required body added": Breaks.ALWAYS,
    "optional body added": Breaks.NEVER,
    "body made required": Breaks.ALWAYS,
    "body made optional": Breaks.NEVER,
    "media type removed": Breaks.ALWAYS,
    "media type added": Breaks.NEVER,
    "status removed": Breaks.ALWAYS,
    "status of success added": Breaks.ALWAYS,
    "status of failure added": Breaks.NEVER,
    "header removed": Breaks.ALWAYS,
    "header added": Breaks.NEVER,
    "header made required": Breaks.NEVER,
    "header made optional": Breaks.ALWAYS,
    "type narrowed": Breaks.REQUESTS,
    "type widened": Breaks.RESPONSES,
    "type changed": Breaks.ALWAYS,
    "values narrowed": Breaks.REQUESTS,
    "values widened": Breaks.RESPONSES,
    "values changed": Breaks.ALWAYS,
    "bound narrowed": Breaks.REQUESTS,
    "bound widened": Breaks.RESPONSES,
    "constraint added": Breaks.REQUESTS,
    "constraint removed": Breaks.RESPONSES,
    "constraint changed": Breaks.ALWAYS,
    "default changed": Breaks.REQUESTS,
    "property removed": Breaks.ALWAYS,
    "property added": Breaks.NEVER,
    "property made required": Breaks.REQUESTS,
    "property made optional": Breaks.RESPONSES,
    "other properties refused": Breaks.REQUESTS,
    "other properties allowed": Breaks.NEVER,
    # Whatever is not understood here is taken for the worst.
    "something else changed": Breaks.ALWAYS,
}


@dataclass(frozen=True)
class Change:
    """One difference: the rule that it falls under, its place, and what is different."""

    rule: str
    place: str
    detail: str
    side: Side

    @property
    def breaking(self) -> bool:
        """Whether a robust consumer of the old description fails with the new one."""
        return self.side in RULES[self.rule].value

    def __str__(self) -> str:
        told = f"{self.place}: {self.rule}"
        return f"{told} ({self.detail})" if self.detail else told


@dataclass(frozen=True)
class Place:
    """A spot in a description, from which changes are told."""

    side: Side
    path: tuple[str, ...] = ()

    def at(self, *steps: str) -> "Place":
        """A spot further down."""
        return Place(self.side, (*self.path, *steps))

    def on(self, side: Side) -> "Place":
        """The same spot, seen as a part of requests or of answers."""
        return Place(side, self.path)

    def change(self, rule: str, detail: str = "") -> Change:
        """A change here."""
        return Change(rule, " > ".join(self.path) or "the whole", detail, self.side)
