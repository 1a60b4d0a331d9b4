"""Telling a Pact Broker."""

from __future__ import annotations

import re
from collections.abc import Iterator

from release import paths
from release.cli.command import command
from release.cli.open_target import open_target
from release.console import out, step
from release.contracts import publication
from release.contracts.broker import Broker, Version
from release.errors import ReleaseError, ToolError, UsageError
from release.model.release import Deployed
from release.settings import Settings
from release.toolchain.subprocesses import run


@command
def publish(settings: Settings) -> None:
    """Publish pacts, what verifying them gave, and what runs where, to a Pact Broker."""
    access, branch = settings.pact_broker, settings.branch or _branch()
    broker = Broker(access)
    with step(f"publishing to {access.address}"):
        for line in publication.publish(broker, branch):
            out.print(line, markup=False)
    unknown = []
    for release in open_target(settings).deployed():
        versions = list(_versions(release))
        if strange := [version for version in versions if not broker.knows(version)]:
            unknown.append(f"{release.namespace} ({', '.join(map(str, strange))})")
            continue
        if versions:
            broker.ensure_environment(release.namespace)
        for version in versions:
            broker.deployed(version, release.namespace)
            out.print(f"{release.namespace} runs {version}", markup=False)
    if unknown:
        raise ReleaseError(
            f"not recorded, since never published: {', '.join(unknown)}: deploy the working tree, "
            "then publish again"
        )


def _versions(release: Deployed) -> Iterator[Version]:
    """The applications of a release, as they run."""
    for reference, content in release.images.items():
        service, _, tag = reference.rpartition("/")[2].partition(":")
        if service in publication.APPLICATIONS:
            name = publication.number(tag, content.rpartition("-")[2])
            yield Version(publication.APPLICATIONS[service], name)


def _branch() -> str:
    try:
        found = run(["git", "branch", "--show-current"], cwd=paths.ROOT).strip()
    except ToolError:
        found = ""
    if not re.fullmatch(r"\w[\w./-]{0,199}", found):
        raise UsageError("BRANCH is missing, and git names none: give one, as in BRANCH=main")
    return found
