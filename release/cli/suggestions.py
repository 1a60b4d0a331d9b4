"""Refuse unknown targets and variables of make, and suggest known ones.

`python -m release.cli.suggestions` runs before anything is installed: standard library only.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

GOALS, GIVEN = "MAKE_GOALS", "MAKE_VARIABLES"
"""What the Makefile exports: the names that stand on its command line, never a value."""
EVERYWHERE = {"TOOLS", "PYTHON", "TESTS"}


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `: did you mean deploy?`, or nothing when no known word is close."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f": did you mean {close[0]}?" if close else ""


def unknown_variable(
    command: str, known: Mapping[str, Iterable[str]], environment: Mapping[str, str] = os.environ
) -> str:
    """Return the error for the first variable on make's command line that none of its goals
    knows; "" if there is none. `known`: command -> its variables.
    """
    goals = environment.get(GOALS, "").split()
    if command not in goals:
        return ""
    names = EVERYWHERE.union(*(known[goal] for goal in goals if goal in known))
    for name in environment.get(GIVEN, "").split():
        if name not in names:
            return f"{name} is not known to make {command}{suggestion(name, names)}"
    return ""


def main() -> int:
    """Print an error for the first goal that is not a target of the Makefile."""
    makefile = Path(__file__).parents[2] / "Makefile"
    targets = re.findall(r"^\.PHONY: (\S+)$", makefile.read_text(), re.MULTILINE)
    for goal in os.environ.get(GOALS, "").split():
        if goal not in targets:
            hint = suggestion(goal, targets) or ": make help lists the targets"
            print(f"error: {goal} is not a target{hint}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
