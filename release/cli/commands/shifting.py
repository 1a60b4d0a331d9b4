"""Moving traffic from one version to the other, on evidence."""

from __future__ import annotations

from release.canary import Climb
from release.canary.display import display
from release.canary.evidence import GatewayEvidence
from release.cli.command import command
from release.cli.open_target import open_target
from release.errors import UsageError
from release.lifecycle.entrypoint import EntryPoint
from release.lifecycle.shift import LiveSurroundings, RealClock
from release.settings import Settings
from release.toolchain import tools as programs

# The port of its own that the weighted route leads to: pinned requests take another.
_WEIGHTED = ("catalog", "weighted")


@command
def shift(settings: Settings) -> None:
    """Move traffic to version TO, step by step, as the evidence allows."""
    new, target = settings.to, open_target(settings)
    entry = EntryPoint(target, programs.ensure(target.tools), settings.given_domain)
    with target.shifting(f"make shift TO={new}"):
        namespaces = {share.version: share.namespace for share in entry.layout().shares}
        others = set(entry.weights()) - {new}
        if new not in namespaces or len(others) != 1:
            known = " and ".join(f"version {version}" for version in namespaces)
            raise UsageError(f"TO={new}: the entry point serves {known}: make merge first")
        old = others.pop()
        evidence = GatewayEvidence(
            target.prometheus(target.names.entrypoint, "gateway"),
            {version: target.leaf(namespaces[version], *_WEIGHTED) for version in (old, new)},
            old=old,
            new=new,
            slow=settings.slow,
        )
        surroundings = LiveSurroundings(target, namespaces)
        with display(as_json=settings.flag("JSON")) as show:
            profile = settings.profile
            Climb(entry, evidence, surroundings, RealClock(), profile, old, new, show).run()
