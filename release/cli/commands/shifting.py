"""Shift traffic from one version to the other on evidence."""

from dataclasses import replace

from canary_analysis import PROFILES
from release.canary.display import display
from release.cli.main import main
from release.cli.open_target import open_target
from release.lifecycle import shift as shifts
from release.lifecycle.entrypoint import EntryPoint
from release.settings import options, types
from release.settings.options import option
from release.settings.target import TargetSettings
from release.targets.target import fetch_tools


@main.command()
@options.target_options
@option("TO", types.Major(), "Version that traffic moves to.", required=True, example="2")
@option("PROFILE", types.OneOf(tuple(PROFILES)), "How traffic moves.", default="default")
@option("HOLD_LIMIT", types.Duration("48h"), "Longest time without enough evidence.")
@option("DRAIN_LIMIT", types.Duration("48h"), "Longest time that visitors may stay.")
@option(
    "SLOW",
    types.Number(0.001, 600, decimal=True),
    "Seconds after which an answer is too late.",
    default=1.2,
)
@options.JSON
def shift(
    place: TargetSettings,
    to: int,
    profile: str,
    hold_limit: int | None,
    drain_limit: int | None,
    slow: float,
    as_json: bool,
) -> None:
    """Shift traffic to version TO step by step, as the evidence allows."""
    target = open_target(place)
    fetch_tools(target)
    entry = EntryPoint(target, place.given_domain)
    chosen = PROFILES[profile]
    chosen = replace(
        chosen,
        hold_limit=hold_limit or chosen.hold_limit,
        drain_limit=drain_limit or chosen.drain_limit,
    )
    with display(as_json=as_json) as show:
        shifts.shift(entry, to, chosen, slow, show)
