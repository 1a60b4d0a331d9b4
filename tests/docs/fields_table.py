"""The README's tables of what the local target understands, made from its fields.yaml.

Run it to see them: `python -m tests.docs.fields_table`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import yaml

from tests.docs.markdown import ROOT

FIELDS = ROOT / "release" / "targets" / "local" / "plan" / "fields.yaml"
_SHORT = (("spec.template.spec.containers.", "container."), ("spec.template.spec.", "pod."))


def tables() -> str:
    """Both tables, as they stand in the README."""
    kinds: dict[str, Any] = yaml.safe_load(FIELDS.read_text())
    understood = ["| kind | understood |", "|---|---|"]
    inert: dict[str, list[str]] = defaultdict(list)
    for kind, rules in kinds.items():
        if isinstance(rules, str):
            inert[rules].append(f"`{kind}`")
            continue
        understood.append(f"| `{kind}` | {' '.join(map(_shown, rules['understood']))} |")
        for path, reason in rules.get("inert", {}).items():
            inert[reason].append(f"{kind} {_shown(path)}")
    reasons = ["| inert here | because |", "|---|---|"]
    reasons += [f"| {', '.join(_merged(what))} | {why} |" for why, what in inert.items()]
    return "\n".join([*understood, "", *reasons])


def _merged(what: list[str]) -> list[str]:
    """`Deployment x`, `Job x`, `Deployment y`, `Job y` become `Deployment and Job x y`."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for each in what:
        kind, _, path = each.rpartition(" ")
        kinds[path].append(kind)
    paths: dict[str, list[str]] = defaultdict(list)
    for path, names in kinds.items():
        paths[_listed(names)].append(path)
    return [f"{names} {' '.join(found)}".strip() for names, found in paths.items()]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _shown(path: str) -> str:
    for prefix, short in _SHORT:
        if path.startswith(prefix):
            return f"`{short}{path.removeprefix(prefix)}`"
    return f"`{path.removeprefix('spec.')}`"


if __name__ == "__main__":
    print(tables())
