"""The acts of the demo, in order. Each explains itself and runs its commands."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from load.browser import KIND as BROWSERS
from release import paths
from release.demo.audience import Audience
from release.demo.narrator import Narrator

RATE = 40
# With one version only, the first command of the demo refuses version 0.
*_, OLD, NEW = (0, *paths.known_versions())
EVERYBODY = (*2 * [BROWSERS], f"v{OLD}-clients", *2 * [BROWSERS], f"v{NEW}-clients")
MODERN = (BROWSERS, BROWSERS, f"v{NEW}-clients")
WINDOW = 20
_ALERTS = 8
"""Seconds until the Prometheus servers have evaluated the last failure."""
_WHY = "demo: the warehouse has moved, and nobody waits for a date here"


def deploy(narrator: Narrator, audience: Audience) -> None:
    narrator.say(
        f"Version {OLD} serves people and programs. "
        f"Version {NEW}, with another API, starts beside it:"
    )
    audience.come((f"v{OLD}-clients", BROWSERS), RATE / 2)
    narrator.run("deploy", VERSION=NEW)


def merge(narrator: Narrator, audience: Audience) -> None:
    narrator.say(
        f"Both get one host. Programs pin their version; nobody else reaches version {NEW} so far:"
    )
    narrator.run("merge", WEIGHT=0)
    audience.come(EVERYBODY, RATE)


def bad_shift(narrator: Narrator, audience: Audience) -> None:
    narrator.say(
        f"Version {NEW} fails a third of its requests. Traffic moves to it on evidence only:"
    )
    with audience.injecting():
        narrator.run("fault", VERSION=NEW, SERVICE="catalog", ERRORS=0.33)
        narrator.run("shift", exits=1, shows=True, TO=NEW, PROFILE="demo")
        narrator.say("The shift rolled back by itself. Now the fault is fixed:")
        narrator.run("fault", VERSION=NEW, SERVICE="catalog", OFF=1)
    # An alert that begins now would count against the next attempt.
    time.sleep(_ALERTS)


def good_shift(narrator: Narrator, audience: Audience) -> None:
    narrator.say(
        f"Step by step, as fast as the evidence allows; visitors of version {OLD} may finish:"
    )
    narrator.run("shift", shows=True, TO=NEW, PROFILE="demo")
    old, new = audience.count_pages(OLD), audience.count_pages(NEW)
    narrator.say(
        f"Browsers loaded {old} pages of version {OLD} so far, and {new} of version {NEW}."
    )


def deprecate(narrator: Narrator, audience: Audience) -> None:
    sunset = datetime.now(UTC).date() + timedelta(days=90)
    narrator.say("From now on its answers carry the date and a link to the successor:")
    narrator.run("deprecate", VERSION=OLD, SUNSET=sunset)


def refuse(narrator: Narrator, audience: Audience) -> None:
    narrator.say("Which programs still call it?")
    narrator.run("consumers", shows=True, VERSION=OLD, WINDOW=f"{WINDOW}s")
    narrator.run("decommission", exits=1, VERSION=OLD, WINDOW=f"{WINDOW}s")


def decommission(narrator: Narrator, audience: Audience) -> None:
    narrator.say(
        f"Those programs move to version {NEW}, and for {WINDOW} s nobody calls version {OLD}."
    )
    audience.come(MODERN, RATE)
    time.sleep(WINDOW + 5)
    narrator.say(
        "A contract still needs it, and its date is ahead. The reason to remove it is recorded:"
    )
    narrator.run("decommission", VERSION=OLD, WINDOW=f"{WINDOW}s", FORCE=_WHY)
    narrator.visit(audience.gateway, audience.gateway.versioned("catalog", OLD))


ACTS: Mapping[str, Callable[[Narrator, Audience], None]] = {
    f"Version {NEW} starts beside version {OLD}": deploy,
    "One entry point for both": merge,
    f"A bad version {NEW} is rolled back": bad_shift,
    f"A good version {NEW} gets all visitors": good_shift,
    f"Version {OLD} is deprecated": deprecate,
    f"Version {OLD} is still needed": refuse,
    f"Version {OLD} is removed": decommission,
}
