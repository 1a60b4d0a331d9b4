"""Compares two descriptions of one service, path by path."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_diff.changes import Change, Place, Side
from openapi_diff.documents import resolved
from openapi_diff.exchanges import compare_operations, compare_rest

Description = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_ROOT_UNDERSTOOD = {"openapi", "info", "paths", "components"}
_PATH_UNDERSTOOD = {*METHODS, "parameters"}


def compare(old: Description, new: Description) -> list[Change]:
    """Every change from one description to another that can be seen on the wire."""
    place = Place(Side.REQUEST)
    before, after = _paths(resolved(old)), _paths(resolved(new))
    changes = list(compare_rest(old, new, _ROOT_UNDERSTOOD, place))
    for path in sorted({*before, *after}):
        here = place.at(path)
        if path not in after:
            changes.append(here.change("path removed"))
        elif path not in before:
            changes.append(here.change("path added"))
        else:
            changes += _compare_paths(before[path], after[path], path)
    return changes


def breaking(old: Description, new: Description) -> list[Change]:
    """Those of them that break a robust consumer."""
    return [change for change in compare(old, new) if change.breaking]


def _paths(description: Description) -> dict[str, Description]:
    """The paths by what they look like on the wire: the name of a variable part is nobody's."""
    paths: dict[str, Description] = {}
    for path, item in description["paths"].items():
        variables = re.findall(r"{([^}]*)}", path)
        found = {name: value for name, value in item.items() if name not in METHODS}
        for method in item.keys() & set(METHODS):
            operation = dict(item[method])
            shared, own = item.get("parameters", ()), operation.get("parameters", ())
            operation["parameters"] = {
                _key(parameter, variables): parameter for parameter in (*shared, *own)
            }
            found[method] = operation
        paths[re.sub(r"{[^}]*}", "{}", path)] = found
    return paths


def _key(parameter: Description, variables: list[str]) -> str:
    name, where = str(parameter["name"]), str(parameter["in"])
    if where == "path":
        return f"variable {variables.index(name) + 1} of the path"
    return f"{where} {name.lower() if where == 'header' else name}"


def _compare_paths(old: Description, new: Description, path: str) -> Iterator[Change]:
    yield from compare_rest(old, new, _PATH_UNDERSTOOD, Place(Side.REQUEST, (path,)))
    for method in METHODS:
        here = Place(Side.REQUEST, (f"{method.upper()} {path}",))
        if method in old and method not in new:
            yield here.change("operation removed")
        elif method in new and method not in old:
            yield here.change("operation added")
        elif method in old:
            yield from compare_operations(old[method], new[method], here)
