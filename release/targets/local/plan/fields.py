"""Checks that every field of every object is understood or known to be inert (fields.yaml)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from release.errors import UnsupportedError
from release.model.objects import Object

_HOOKS = {"test", "pre-install,pre-upgrade"}


def check_fields(item: Object, namespace: str) -> None:
    """Raise UnsupportedError for a kind or a field that the local target does not understand."""
    kind, name = item["kind"], item["metadata"]["name"]
    where = f"{kind}/{name}"
    if kind not in _read_table():
        raise UnsupportedError(f"{where}: the local target does not know the kind {kind}")
    elsewhere = item["metadata"].get("namespace", namespace) != namespace
    if elsewhere and not isinstance(_read_table()[kind], str):
        raise UnsupportedError(f"{where}: it is meant for another namespace than {namespace}")
    hook = item["metadata"].get("annotations", {}).get("helm.sh/hook")
    if (
        (hook and hook not in _HOOKS)
        or (kind == "Pod" and hook != "test")
        or (kind == "Job" and hook == "test")
    ):
        raise UnsupportedError(
            f"{where}: the local target has no use for a {kind} with the hook {hook}"
        )
    rules = _read_table()[kind]
    if isinstance(rules, str):
        return
    known = ["apiVersion", "kind", "metadata", *rules["understood"], *rules.get("inert", {})]
    for path in _leaves(item):
        if not any(path == prefix or path.startswith(f"{prefix}.") for prefix in known):
            raise UnsupportedError(
                f"{where}: the local target does not understand the field {path}"
            )


@cache
def _read_table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    return table


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every value, without list positions."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for below in value:
            yield from _leaves(below, path)
    elif value not in (None, {}, []):
        yield path
