"""Moving traffic from one version to the other, on evidence."""

from __future__ import annotations

from canary_analysis import Profile
from release.canary.display import display
from release.cli.command import main
from release.cli.open_target import open_target
from release.lifecycle import shift as shifts
from release.lifecycle.entrypoint import EntryPoint
from release.settings import options
from release.settings.target import TargetSettings
from release.toolchain import tools as programs


@main.command()
@options.target_options
@options.TO
@options.profile_options
@options.SLOW
@options.JSON
def shift(place: TargetSettings, to: int, profile: Profile, slow: float, as_json: bool) -> None:
    """Move traffic to version TO, step by step, as the evidence allows."""
    target = open_target(place)
    entry = EntryPoint(target, programs.ensure(target.tools), place.given_domain)
    with display(as_json=as_json) as show:
        shifts.shift(entry, to, profile, slow, show)
