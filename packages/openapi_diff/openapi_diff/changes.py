"""The kinds of changes between two descriptions of a service, and which of them break consumers.

Consumers are expected to be robust: they ignore unknown fields, headers and media types, and treat
an unknown error status as any other of its class. So requests may only come to allow more, and
responses may only come to allow less.
"""

from dataclasses import dataclass
from enum import Enum


class Side(Enum):
    REQUEST = "request"
    RESPONSE = "response"


# The sides on which a change breaks consumers.
NEVER, ALWAYS = frozenset[Side](), frozenset(Side)
REQUESTS, RESPONSES = frozenset({Side.REQUEST}), frozenset({Side.RESPONSE})

RULES: dict[str, frozenset[Side]] = {
    "path removed": ALWAYS,
    "path added": NEVER,
    "operation removed": ALWAYS,
    "operation added": NEVER,
    "operation deprecated": NEVER,
    "operation no longer deprecated": NEVER,
    # The service would ignore it.
    "parameter removed": ALWAYS,
    "required parameter added": ALWAYS,
    "optional parameter added": NEVER,
    "parameter made required": ALWAYS,
    "parameter made optional": NEVER,
    "body removed": ALWAYS,
    "required body added": ALWAYS,
    "optional body added": NEVER,
    "body made required": ALWAYS,
    "body made optional": NEVER,
    "media type removed": ALWAYS,
    "media type added": NEVER,
    "status removed": ALWAYS,
    "status of success added": ALWAYS,
    "status of failure added": NEVER,
    "header removed": ALWAYS,
    "header added": NEVER,
    "header made required": NEVER,
    "header made optional": ALWAYS,
    "type narrowed": REQUESTS,
    "type widened": RESPONSES,
    "type changed": ALWAYS,
    "values narrowed": REQUESTS,
    "values widened": RESPONSES,
    "values changed": ALWAYS,
    "bound narrowed": REQUESTS,
    "bound widened": RESPONSES,
    "constraint added": REQUESTS,
    "constraint removed": RESPONSES,
    "constraint changed": ALWAYS,
    "default changed": REQUESTS,
    "property removed": ALWAYS,
    "property added": NEVER,
    "property made required": REQUESTS,
    "property made optional": RESPONSES,
    "other properties refused": REQUESTS,
    "other properties allowed": NEVER,
    # The effect is unknown: expect the worst.
    "something else changed": ALWAYS,
}


@dataclass(frozen=True)
class Change:
    """One difference: its kind, which is a key of RULES, its place, and the values."""

    rule: str
    place: str
    detail: str
    side: Side

    @property
    def breaking(self) -> bool:
        """True if a robust consumer of the old description fails with the new one."""
        return self.side in RULES[self.rule]

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True)
class Place:
    """A place in a description, and the side of the exchange that it describes."""

    side: Side
    path: tuple[str, ...] = ()

    def at(self, *steps: str) -> "Place":
        return Place(self.side, (*self.path, *steps))

    def on(self, side: Side) -> "Place":
        return Place(side, self.path)

    def change(self, rule: str, detail: str = "") -> Change:
        return Change(rule, " > ".join(self.path) or "the whole", detail, self.side)
