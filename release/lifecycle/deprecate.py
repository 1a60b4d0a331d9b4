"""Announce the end of a version in the values of its release, or withdraw the announcement."""

from datetime import date

from release import paths
from release.errors import UsageError
from release.lifecycle.deploy import VersionRelease
from release.model.deprecation import Deprecation, announce, announced
from release.targets.target import Target, fetch_tools


def deprecate(
    target: Target, version: int, namespace: str, sunset: date | None, link: str = ""
) -> Deprecation:
    """Announce that the version will be removed on `sunset`; None withdraws the announcement.

    Raises UsageError for an impossible date, and for the newest version.
    """
    target.check()
    deprecation = Deprecation()
    if sunset is not None:
        later = [number for number in paths.known_versions() if number > version]
        if not later:
            raise UsageError(f"VERSION={version} is the newest: nothing comes after it")
        before = announced(target.current(namespace))
        deprecation = announce(before, sunset, link, later[0])
    fetch_tools(target)
    release = VersionRelease(target, version, namespace)
    with target.lock(f"make deprecate VERSION={version}"):
        release.change_values(deprecation.as_values())
    return deprecation
