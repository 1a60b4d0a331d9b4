"""Contracts: the matrix, one pact file, the Pact Broker, and the descriptions of the APIs."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.table import Table

from openapi_diff.comparison import compare
from release import paths
from release.cli.exit_codes import print_error
from release.cli.main import main
from release.cli.open_target import open_target
from release.clients.credentials import BrokerAccess, read_broker_access
from release.console import note, out, step
from release.contracts import (
    ContractError,
    Outcome,
    VerificationResult,
    pact,
    publication,
    result_cache,
    verify_matrix,
)
from release.contracts import as_json as matrix_as_json
from release.contracts.broker import ApplicationVersion, Broker
from release.contracts.consumers import Consumer, generate_pacts
from release.contracts.openapi_history import find_violations, record_release, release_lines
from release.contracts.provider import copied_provider
from release.contracts.verification import verify_pact
from release.errors import ReleaseError, ToolError, UsageError
from release.model import services
from release.model.release import Deployed
from release.settings import options, types
from release.settings.options import combined, option
from release.settings.target import TargetSettings
from release.settings.types import ANY_TEXT
from release.toolchain.subprocesses import run

_broker_options = combined(
    "broker",
    read_broker_access,
    option("PACT_BROKER_BASE_URL", ANY_TEXT, "Address of the Pact Broker."),
    option("PACT_BROKER_TOKEN", ANY_TEXT, "Its token, from the environment only."),
    option("PACT_BROKER_USERNAME", ANY_TEXT, "Its user."),
    option("PACT_BROKER_PASSWORD", ANY_TEXT, "The user's password, from the environment only."),
)


@main.command()
@options.target_options
@option("GENERATE", types.Flag(), "Generate contracts/pacts first.")
@option("PUBLISH", types.Flag(), "Publish to the Pact Broker.")
@_broker_options
@option(
    "BRANCH",
    types.Pattern(r"[\w][\w./-]{0,199}", "give a branch's name of up to 200 characters"),
    "Branch that is published; Git's without it.",
)
@options.JSON
def contracts(
    place: TargetSettings,
    generate: bool,
    publish: bool,
    broker: BrokerAccess | None,
    branch: str | None,
    as_json: bool,
) -> int:
    """Verify all consumers against all versions of stock; exit with 1 if a needed one fails."""
    if publish:
        _publish(place, broker, branch)
        return 0
    if generate:
        with step("running catalog's contract tests"):
            for path in generate_pacts():
                note(str(path))
        return 0
    with step("verifying contracts"):
        pairs = verify_matrix()
    if as_json:
        click.echo(json.dumps(matrix_as_json(pairs), indent=2))
    else:
        _show_matrix(pairs)
    return 0 if all(pair.compatible for pair in pairs if pair.needed) else 1


@main.command()
@options.VERSION
@option(
    "PACT",
    types.Pattern(r".+", "name a file"),
    "Pact file.",
    to="pact_file",
    required=True,
    example="contracts/pacts/catalog-v1--stock.json",
)
def verify(version: int, pact_file: str) -> int:
    """Verify one pact file, of any consumer, against the stock of VERSION."""
    read = pact.read(Path(pact_file))
    consumer = Consumer(read.consumer, "", version, read)
    with copied_provider(version) as provider, step(f"verifying {pact_file}"):
        result = verify_pact(consumer, provider, result_cache.folder())
    if not result.compatible:
        print_error(str(result))
        return 1
    number = len(read.interactions)
    out.print(f"{result} ({number} interaction{'s' * (number > 1)})", markup=False)
    return 0


@main.command()
@click.option("--keep", "keeps", is_flag=True, help="Record what the current charts promise.")
def openapi(keeps: bool) -> int:
    """Show what breaks between versions; exit with 1 if a description breaks its released one."""
    if keeps:
        return _keep_all()
    lines = release_lines()
    for service in services.NAMES:
        of_service = [line for line in lines if line.service == service]
        for old, new in pairwise(of_service):
            changes = compare(old.description, new.description)
            broken = sum(change.breaking for change in changes)
            out.print(f"[bold]{old} -> {new.major}[/bold]: {broken} of {len(changes)} break")
            for change in sorted(changes, key=lambda change: (not change.breaking, change.place)):
                out.print(f"  {'breaks' if change.breaking else 'adds  '}  {change}", markup=False)
    found = [sentence for line in lines for sentence in find_violations(line)]
    for sentence in found:
        print_error(sentence)
    return 1 if found else 0


def _keep_all() -> int:
    failed = 0
    for line in release_lines():
        try:
            path = record_release(line)
        except ContractError as error:
            print_error(str(error))
            failed = 1
        else:
            note(f"{line} is kept" if path is None else f"kept {path.relative_to(paths.ROOT)}")
    return failed


def _publish(place: TargetSettings, access: BrokerAccess | None, branch: str | None) -> None:
    """Publish pacts, verification results and deployments to a Pact Broker."""
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
        if strange := [version for version in versions if not broker.is_published(version)]:
            unknown.append(f"{release.namespace} ({', '.join(map(str, strange))})")
            continue
        if versions:
            broker.ensure_environment(release.namespace)
        for version in versions:
            broker.record_deployment(version, release.namespace)
            out.print(f"{release.namespace} runs {version}", markup=False)
    if unknown:
        raise ReleaseError(
            f"not recorded, since never published: {', '.join(unknown)}: deploy the working tree, "
            "then publish again"
        )


def _versions(release: Deployed) -> Iterator[ApplicationVersion]:
    """Yield the running version of each application of a release."""
    for reference, content in release.images.items():
        service, _, tag = reference.rpartition("/")[2].partition(":")
        if service in publication.APPLICATIONS:
            name = publication.version_number(tag, content.rpartition("-")[2])
            yield ApplicationVersion(publication.APPLICATIONS[service], name)


def _branch() -> str:
    try:
        found = run(["git", "branch", "--show-current"], cwd=paths.ROOT).strip()
    except ToolError:
        found = ""
    if not re.fullmatch(r"\w[\w./-]{0,199}", found):
        raise UsageError("BRANCH is missing, and git names none: give one, as in BRANCH=main")
    return found


_STYLES = {Outcome.YES: "green", Outcome.NO: "red", Outcome.UNKNOWN: "yellow"}


def _show_matrix(pairs: Sequence[VerificationResult]) -> None:
    """Print a row for each consumer and a column for each version of stock, then the reasons."""
    versions = sorted({pair.provider_version for pair in pairs})
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in ("consumer", "needs", *(f"stock v{version}" for version in versions)):
        table.add_column(heading)
    for consumer in dict.fromkeys(pair.consumer for pair in pairs):
        row = {pair.provider_version: pair for pair in pairs if pair.consumer == consumer}
        cells = [_cell(row.get(version)) for version in versions]
        table.add_row(consumer.name, f"v{consumer.needs}", *cells)
    out.print(table)
    for pair in pairs:
        if not pair.compatible:
            out.print(f"  {pair}", markup=False, style="bold red" if pair.needed else None)


def _cell(pair: VerificationResult | None) -> str:
    if pair is None:
        return ""
    return f"[{_STYLES[pair.outcome]}]{pair.outcome}[/]"
