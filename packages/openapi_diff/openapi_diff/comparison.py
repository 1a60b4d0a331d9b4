"""Compares two descriptions of one service, part by part."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .changes import Change, Place, Side
from .documents import resolved
from .schemas import compare_rest, compare_schemas

Part = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


def compare(old: Part, new: Part) -> list[Change]:
    """Return every change from one description to another that can be seen on the wire."""
    place = Place(Side.REQUEST)
    before, after = _paths(resolved(old)), _paths(resolved(new))
    return [
        *compare_rest(old, new, {"openapi", "info", "paths", "components"}, place),
        *_compare_entries("path", before, after, place, _compare_paths),
    ]


def breaking(old: Part, new: Part) -> list[Change]:
    """Return the changes that break a robust consumer."""
    return [change for change in compare(old, new) if change.breaking]


def _paths(description: Part) -> dict[str, Part]:
    """Return the paths by how they look on the wire, where a variable part has no name. Each has
    its operations as `GET /path`, and each operation its parameters by place and name.
    """
    paths: dict[str, Part] = {}
    for path, item in description["paths"].items():
        wire, variables = re.sub(r"{[^}]*}", "{}", path), re.findall(r"{([^}]*)}", path)
        operations = {}
        for method in item.keys() & set(METHODS):
            shared, own = item.get("parameters", ()), item[method].get("parameters", ())
            parameters = {_key(each, variables): each for each in (*shared, *own)}
            operations[f"{method.upper()} {wire}"] = {**item[method], "parameters": parameters}
        rest = {name: item[name] for name in item.keys() - {*METHODS, "parameters"}}
        paths[wire] = {**rest, "operations": operations}
    return paths


def _key(parameter: Part, variables: list[str]) -> str:
    name, where = str(parameter["name"]), str(parameter["in"])
    if where == "path":
        return f"variable {variables.index(name) + 1} of the path"
    return f"{where} {name.lower() if where == 'header' else name}"


def _compare_entries(
    kind: str,
    old: Part,
    new: Part,
    place: Place,
    compare_both: Callable[[Part, Part, Place], Iterator[Change]],
) -> Iterator[Change]:
    """Yield which entries were added and removed, and the changes of those in both mappings."""
    for name in sorted({*old, *new}):
        here = place.at(name)
        if name not in new:
            yield here.change(f"{kind} removed")
        elif name not in old:
            yield here.change(f"{_describe_added(kind, name, new[name])} added")
        else:
            before, after = _necessity(old[name]), _necessity(new[name])
            if before != after and kind in ("parameter", "body", "header"):
                yield here.change(f"{kind} made {after}")
            yield from compare_both(old[name], new[name], here)


def _describe_added(kind: str, name: str, entry: Part) -> str:
    if kind in ("parameter", "body"):
        return f"{_necessity(entry)} {kind}"
    if kind == "status":
        return f"status of {'success' if name[0] in '123' else 'failure'}"
    return kind


def _necessity(entry: Part) -> str:
    return "required" if entry.get("required") else "optional"


def _compare_paths(old: Part, new: Part, place: Place) -> Iterator[Change]:
    yield from compare_rest(old, new, {"operations"}, place)
    yield from _compare_entries(
        "operation", old["operations"], new["operations"], Place(place.side), _compare_operations
    )


def _compare_operations(old: Part, new: Part, place: Place) -> Iterator[Change]:
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        now = "deprecated" if new.get("deprecated") else "no longer deprecated"
        yield place.change(f"operation {now}")
    yield from _compare_entries(
        "parameter", old["parameters"], new["parameters"], place, _compare_values
    )
    yield from _compare_entries("body", _body(old), _body(new), place, _compare_messages)
    yield from _compare_entries(
        "status", old["responses"], new["responses"], place.on(Side.RESPONSE), _compare_messages
    )
    understood = {"deprecated", "parameters", "requestBody", "responses"}
    yield from compare_rest(old, new, understood, place)


def _body(operation: Part) -> Part:
    return {"body": operation["requestBody"]} if "requestBody" in operation else {}


def _compare_messages(old: Part, new: Part, place: Place) -> Iterator[Change]:
    """Compare bodies of requests, or responses."""
    yield from _compare_entries("header", _headers(old), _headers(new), place, _compare_values)
    before, after = old.get("content", {}), new.get("content", {})
    yield from _compare_entries("media type", before, after, place, _compare_values)
    yield from compare_rest(old, new, {"required", "headers", "content"}, place)


def _headers(message: Part) -> Part:
    headers = message.get("headers", {})
    return {f"header {name.lower()}": header for name, header in headers.items()}


def _compare_values(old: Part, new: Part, place: Place) -> Iterator[Change]:
    """Compare parameters, headers, or media types."""
    yield from compare_schemas(old.get("schema"), new.get("schema"), place)
    understood = {"name", "in", "required", "schema", "deprecated"}
    yield from compare_rest(old, new, understood, place)
