"""The acts of the demo, in order. Each says what it is about, and runs the commands that do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from release.demo.audience import Audience
from release.demo.stage import Stage

RATE = 40
EVERYBODY = ("browsers", "browsers", "v1-clients", "browsers", "browsers", "v2-clients")
MODERN = ("browsers", "browsers", "v2-clients")
WINDOW = 20
_ALERTS = 8
"""Seconds until the Prometheus servers have scraped and judged the last failure."""
_WHY = "demo: the warehouse has moved, and nobody waits for a date here"


def deploy(stage: Stage, audience: Audience) -> None:
    stage.say(
        "Version 1 serves people and programs. Version 2, with another API, starts beside it:"
    )
    audience.come(("v1-clients", "browsers"), RATE / 2)
    stage.run("deploy", VERSION=2)


def merge(stage: Stage, audience: Audience) -> None:
    stage.say(
        "Both get one host. Programs pin their version; nobody else reaches version 2 so far:"
    )
    stage.run("merge", WEIGHT=0)
    audience.come(EVERYBODY, RATE)


def bad_shift(stage: Stage, audience: Audience) -> None:
    stage.say("Version 2 fails a third of its requests. Traffic moves to it, but on evidence only:")
    with audience.injecting():
        stage.run("fault", VERSION=2, SERVICE="catalog", ERRORS=0.33)
        stage.run("shift", exits=1, shows=True, TO=2, PROFILE="demo")
        stage.say("It went back by itself. The mistake is mended:")
        stage.run("fault", VERSION=2, SERVICE="catalog", OFF=1)
    # An alert that only begins now would be held against the next attempt.
    audience.stay(_ALERTS)


def good_shift(stage: Stage, audience: Audience) -> None:
    stage.say("Step by step, as fast as evidence allows; who began with version 1 may finish:")
    stage.run("shift", shows=True, TO=2, PROFILE="demo")
    reached = audience.reached(1), audience.reached(2)
    stage.say(
        f"Browsers had {reached[0]} pages of version 1 so far, and {reached[1]} of version 2."
    )


def deprecate(stage: Stage, audience: Audience) -> None:
    sunset = datetime.now(UTC).date() + timedelta(days=90)
    stage.say("Its answers say so from now on, with the date and with what comes after it:")
    stage.run("deprecate", VERSION=1, SUNSET=sunset)


def refuse(stage: Stage, audience: Audience) -> None:
    stage.say("Programs still call it. Who?")
    stage.run("consumers", shows=True, VERSION=1, WINDOW=f"{WINDOW}s")
    stage.run("decommission", exits=1, VERSION=1, WINDOW=f"{WINDOW}s")


def decommission(stage: Stage, audience: Audience) -> None:
    stage.say(f"Those programs move to version 2, and for {WINDOW} s nobody calls version 1.")
    audience.come(MODERN, RATE)
    audience.stay(WINDOW + 5)
    stage.say(
        "A contract still needs it, and its date is ahead. Why it goes all the same is recorded:"
    )
    stage.run("decommission", VERSION=1, WINDOW=f"{WINDOW}s", FORCE=_WHY)
    stage.visit(audience.gateway, audience.gateway.versioned("catalog", 1))


Act = Callable[[Stage, Audience], None]
ACTS: Mapping[str, Act] = {
    "Version 2 comes beside version 1": deploy,
    "One entry point for both": merge,
    "A bad version 2 is sent back": bad_shift,
    "A good version 2 gets everybody": good_shift,
    "Version 1 is told to end": deprecate,
    "Version 1 may not go yet": refuse,
    "Version 1 goes": decommission,
}
