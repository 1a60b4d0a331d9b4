"""Moving traffic from one version to the other, on evidence."""

from __future__ import annotations

from release.canary.display import display
from release.cli.command import command
from release.cli.open_target import open_target
from release.lifecycle import shift as shifts
from release.lifecycle.entrypoint import EntryPoint
from release.settings import Settings
from release.toolchain import tools as programs


@command
def shift(settings: Settings) -> None:
    """Move traffic to version TO, step by step, as the evidence allows."""
    target = open_target(settings)
    entry = EntryPoint(target, programs.ensure(target.tools), settings.given_domain)
    with display(as_json=settings.flag("JSON")) as show:
        shifts.shift(entry, settings.to, settings.profile, settings.slow, show)
