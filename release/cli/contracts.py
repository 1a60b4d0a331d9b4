"""`python -m release.cli.contracts matrix|verify|generate`. Settings come from the environment.

matrix    every consumer against every version of stock, as a table, or as JSON with JSON=1
verify    the pact file PACT against the stock of VERSION
generate  write contracts/pacts anew

Exit code: 0 all is well, 1 a contract does not hold, 2 the request makes no sense.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from release.cli.contract_tables import show
from release.cli.ending import exit_code, leave_tidily
from release.console import err, note, out, step
from release.contracts import pact, verdicts
from release.contracts.consumers import Consumer
from release.contracts.generate import generate
from release.contracts.matrix import as_json, matrix
from release.contracts.provider import provider
from release.contracts.verification import verified
from release.errors import UsageError
from release.settings import Settings


def show_matrix() -> int:
    """Verify what is not known, and show everything; 1 when a pair that is needed is not a yes."""
    wants_json = Settings.from_environment().flag("JSON")
    with step("verifying contracts"):
        pairs = matrix()
    if wants_json:
        click.echo(json.dumps(as_json(pairs), indent=2))
    else:
        show(pairs)
    return 0 if all(pair.verdict.compatible for pair in pairs if pair.needed) else 1


def verify() -> int:
    """Verify one pact file, of whichever consumer."""
    version = Settings.from_environment().version
    path = os.environ.get("PACT", "").strip()
    if not path:
        raise UsageError("PACT is missing: name a file, as in PACT=contracts/pacts/….json")
    read = pact.read(Path(path))
    consumer = Consumer(read.consumer, "", version, read)
    with provider(version) as against, step(f"verifying {path}"):
        verdict = verified(consumer, against, verdicts.folder())
    if not verdict.compatible:
        err.print(f"error: {verdict}", markup=False, style="bold red")
        return 1
    number = len(read.interactions)
    out.print(f"{verdict} ({number} interaction{'s' * (number > 1)})", markup=False)
    return 0


def write() -> int:
    """Write the pacts that catalog's tests note down."""
    with step("running catalog's contract tests"):
        for path in generate():
            note(str(path))
    return 0


COMMANDS = {"matrix": show_matrix, "verify": verify, "generate": write}


def main(arguments: list[str]) -> int:
    """Run one command."""

    def chosen() -> int:
        if len(arguments) != 1 or arguments[0] not in COMMANDS:
            raise UsageError(
                f"give one of {', '.join(COMMANDS)}, as in python -m release.cli.contracts matrix"
            )
        return COMMANDS[arguments[0]]()

    leave_tidily()
    return exit_code(chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
