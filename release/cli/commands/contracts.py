"""Contracts: the matrix, one pact file, the Pact Broker, and the descriptions of the APIs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click

from openapi_diff.comparison import compare
from release import paths
from release.cli import output
from release.cli.command import main
from release.cli.exit_codes import print_error
from release.cli.open_target import open_target
from release.clients.credentials import BrokerAccess
from release.console import note, out, step
from release.contracts import pact, publication, result_cache
from release.contracts.broker import Broker, Version
from release.contracts.consumers import Consumer
from release.contracts.errors import ContractError
from release.contracts.matrix import as_json as matrix_as_json
from release.contracts.matrix import matrix
from release.contracts.openapi.release_history import complaints, keep, lines
from release.contracts.pact_generator import generate_pacts
from release.contracts.provider import provider
from release.contracts.verification import verified
from release.errors import ReleaseError, ToolError, UsageError
from release.model import services
from release.model.release import Deployed
from release.settings import options
from release.settings.target import TargetSettings
from release.toolchain.subprocesses import run


@main.command()
@options.target_options
@options.GENERATE
@options.PUBLISH
@options.broker_options
@options.BRANCH
@options.JSON
def contracts(
    place: TargetSettings,
    generate: bool,
    publish: bool,
    broker: BrokerAccess | None,
    branch: str | None,
    as_json: bool,
) -> int:
    """Verify every consumer against every version of stock; 1 when a needed contract breaks."""
    if publish:
        _publish(place, broker, branch)
        return 0
    if generate:
        with step("running catalog's contract tests"):
            for path in generate_pacts():
                note(str(path))
        return 0
    with step("verifying contracts"):
        pairs = matrix()
    if as_json:
        click.echo(json.dumps(matrix_as_json(pairs), indent=2))
    else:
        output.show_matrix(pairs)
    return 0 if all(pair.verdict.compatible for pair in pairs if pair.needed) else 1


@main.command()
@options.VERSION
@options.PACT
def verify(version: int, pact_file: str) -> int:
    """Verify one pact file, of any consumer, against the stock of VERSION."""
    read = pact.read(Path(pact_file))
    consumer = Consumer(read.consumer, "", version, read)
    with provider(version) as against, step(f"verifying {pact_file}"):
        verdict = verified(consumer, against, result_cache.folder())
    if not verdict.compatible:
        print_error(str(verdict))
        return 1
    number = len(read.interactions)
    out.print(f"{verdict} ({number} interaction{'s' * (number > 1)})", markup=False)
    return 0


@main.command()
@click.option("--keep", "keeps", is_flag=True, help="Record what the current charts promise.")
def openapi(keeps: bool) -> int:
    """Show what breaks between versions; 1 when a description breaks what its release promised."""
    if keeps:
        return _keep_all()
    for service in services.NAMES:
        of_service = [line for line in lines() if line.service == service]
        for old, new in pairwise(of_service):
            changes = compare(old.description, new.description)
            broken = sum(change.breaking for change in changes)
            out.print(f"[bold]{old} -> {new.major}[/bold]: {broken} of {len(changes)} break")
            for change in sorted(changes, key=lambda change: (not change.breaking, change.place)):
                out.print(f"  {'breaks' if change.breaking else 'adds  '}  {change}", markup=False)
    found = [sentence for line in lines() for sentence in complaints(line)]
    for sentence in found:
        print_error(sentence)
    return 1 if found else 0


def _keep_all() -> int:
    failed = 0
    for line in lines():
        try:
            path = keep(line)
        except ContractError as error:
            print_error(str(error))
            failed = 1
        else:
            note(f"{line} is kept" if path is None else f"kept {path.relative_to(paths.ROOT)}")
    return failed


def _publish(place: TargetSettings, access: BrokerAccess | None, branch: str | None) -> None:
    """Publish pacts, what verifying them gave, and what runs where, to a Pact Broker."""
    if access is None:
        raise UsageError(
            "PACT_BROKER_BASE_URL is missing: name a broker, as in https://broker.example"
        )
    broker, branch = Broker(access), branch or _branch()
    with step(f"publishing to {access.address}"):
        for line in publication.publish(broker, branch):
            out.print(line, markup=False)
    unknown = []
    for release in open_target(place).deployed():
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
