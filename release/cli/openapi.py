"""`python -m release.cli.openapi [keep]`: what breaks between versions, and what must not.

Without a word: every change from one major version to the next, and whether the descriptions still
say what their releases promised. `keep` notes down what the current chart versions promise.

Exit code: 0 all is well, 1 a promise is broken or not kept, 2 the request makes no sense.
"""

from __future__ import annotations

import sys
from itertools import pairwise

from openapi_diff.comparison import compare
from release import paths
from release.console import err, note, out
from release.contracts.errors import ContractError
from release.contracts.openapi.releases import complaints, keep, lines
from release.errors import ReleaseError, UsageError
from release.model import services


def show() -> int:
    """Show the changes between major versions; 1 when a line of releases has complaints."""
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
        err.print(f"error: {sentence}", markup=False, style="bold red")
    return 1 if found else 0


def keep_all() -> int:
    """Keep what is not kept yet; 1 when something must not be kept."""
    exit_code = 0
    for line in lines():
        try:
            path = keep(line)
        except ContractError as error:
            err.print(f"error: {error}", markup=False, style="bold red")
            exit_code = 1
        else:
            note(f"{line} is kept" if path is None else f"kept {path.relative_to(paths.ROOT)}")
    return exit_code


def main(arguments: list[str]) -> int:
    """Run one command; what can be foreseen becomes one line and an exit code."""
    try:
        if arguments == ["keep"]:
            return keep_all()
        if arguments:
            raise UsageError("give nothing, or keep, as in python -m release.cli.openapi keep")
        return show()
    except ReleaseError as error:
        err.print(f"error: {error}", markup=False, style="bold red")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
