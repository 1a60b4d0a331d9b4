"""Ending a version: saying so, seeing who still needs it, rehearsing, and removing it."""

from __future__ import annotations

from release import project
from release import tools as programs
from release.command import command
from release.console import note
from release.deprecation import Deprecation, announce, announced
from release.errors import UsageError
from release.rollout import Rollout
from release.settings import Settings
from release.targets import open_target


@command
def deprecate(settings: Settings) -> None:
    """Announce that VERSION ends on SUNSET; OFF=1 takes it back."""
    version, target = settings.version, open_target(settings)
    target.check()
    before = announced(target.current(settings.namespace))
    if settings.flag("OFF"):
        wanted = Deprecation()
    else:
        wanted = announce(before, settings.sunset, settings.link, _successor(version))
    rollout = Rollout(target, programs.ensure(target.tools), version, settings.namespace)
    with target.lock(f"make deprecate VERSION={version}"):
        rollout.amend(wanted.as_values())
    if wanted.since:
        note(f"version {version} ends on {wanted.sunset}; {wanted.successor} comes after it")
    else:
        note(f"version {version} is not deprecated any more")


def _successor(version: int) -> int:
    later = [number for number in project.known_versions() if number > version]
    if not later:
        raise UsageError(f"VERSION={version} is the newest: nothing comes after it")
    return later[0]
