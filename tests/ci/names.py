"""One name, one home: `python -m tests.ci.names` fails for a module or class name with two."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Folders that mirror each other: a name may live once in each of them.
MIRRORS = {
    r"\bv\d+/": "a version is a folder",
    r"^services/(\w+)/\1/": "services are built alike",
    r"^release/targets/(?:local/|kubernetes/)?(?=\w+\.py)": "one interface, two targets",
    r"^release/(?:cli/commands|settings|lifecycle)/": "a use case, its command and its settings",
}
# Names that may have several homes.
EXCEPTIONS = {
    "__init__": "Python's own",
    "__main__": "Python's own",
    "errors": "the errors of a package, as in requests.exceptions",
    "settings": "the environment of a process, and of the instrumentation in it",
    "Settings": "of a service's process, and of a command",
    "status": "the report, and the targets that write it",
    "target": "the interface, the two that implement it, and the settings that choose one",
    "traffic": "what clients send, and the commands that split it",
    "workloads": "the word of the Kubernetes API, planned by one target and watched by the other",
}


def homes(root: Path, files: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return by name of a module or class the files (relative to `root`) that hold it.

    Folders that mirror each other count as one.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for file in files:
        path = Path(file)
        home = file
        for mirror, reason in MIRRORS.items():
            home = re.sub(mirror, f"{reason}/", home)
        found[path.stem][home] = file
        for node in ast.walk(ast.parse((root / file).read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name][home] = file
    return found


def clashes(found: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """Return the names with several homes and no reason to have them."""
    return {
        name: sorted(places.values())
        for name, places in sorted(found.items())
        if len(places) > 1 and name not in EXCEPTIONS
    }


def sources(root: Path = ROOT) -> list[str]:
    """Return the repository's Python outside tests."""
    listed = subprocess.check_output(["git", "ls-files", "*.py"], cwd=root, text=True).split()
    return [name for name in listed if not re.search(r"(^|/)tests/|(^|/)conftest\.py$", name)]


def main() -> int:
    """Print what clashes; return 1 if anything does."""
    found = clashes(homes(ROOT, sources()))
    for name, places in found.items():
        print(f"{name} has {len(places)} homes: {', '.join(places)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
