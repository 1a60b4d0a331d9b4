"""Compares what one operation takes and what it answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_diff.changes import Change, Place, Side
from openapi_diff.documents import without_prose
from openapi_diff.schemas import compare_schemas_if_any

Part = Mapping[str, Any]


def compare_operations(old: Part, new: Part, place: Place) -> Iterator[Change]:
    """The changes of an operation, whose parameters are given by place and name."""
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        now = "deprecated" if new.get("deprecated") else "no longer deprecated"
        yield place.change(f"operation {now}")
    yield from _compare_parameters(old["parameters"], new["parameters"], place)
    yield from _compare_bodies(old.get("requestBody"), new.get("requestBody"), place.at("body"))
    yield from _compare_responses(old["responses"], new["responses"], place)
    understood = {"deprecated", "parameters", "requestBody", "responses"}
    yield from compare_rest(old, new, understood, place)


def _compare_parameters(old: Part, new: Part, place: Place) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        here = place.at(name)
        if name not in new:
            yield here.change("parameter removed")
        elif name not in old:
            yield here.change(f"{_necessity(new[name])} parameter added")
        else:
            yield from _compare_necessity("parameter", old[name], new[name], here)
            yield from compare_schemas_if_any(
                old[name].get("schema"), new[name].get("schema"), here
            )
            understood = {"name", "in", "required", "schema", "deprecated"}
            yield from compare_rest(old[name], new[name], understood, here)


def _compare_bodies(old: Part | None, new: Part | None, place: Place) -> Iterator[Change]:
    if old is None and new is None:
        return
    if new is None:
        yield place.change("body removed")
    elif old is None:
        yield place.change(f"{_necessity(new)} body added")
    else:
        yield from _compare_necessity("body", old, new, place)
        yield from _compare_content(old, new, place)
        yield from compare_rest(old, new, {"required", "content"}, place)


def _compare_responses(old: Part, new: Part, place: Place) -> Iterator[Change]:
    for status in sorted({*old, *new}):
        here = place.on(Side.RESPONSE).at(status)
        if status not in new:
            yield here.change("status removed")
        elif status not in old:
            outcome = "success" if status[0] in "123" else "failure"
            yield here.change(f"status of {outcome} added")
        else:
            before, after = old[status], new[status]
            yield from _compare_headers(before.get("headers", {}), after.get("headers", {}), here)
            yield from _compare_content(before, after, here)
            yield from compare_rest(before, after, {"headers", "content"}, here)


def _compare_headers(old: Part, new: Part, place: Place) -> Iterator[Change]:
    before, after = ({name.lower(): header for name, header in part.items()} for part in (old, new))
    for name in sorted({*before, *after}):
        here = place.at(f"header {name}")
        if name not in after:
            yield here.change("header removed")
        elif name not in before:
            yield here.change("header added")
        else:
            then, now = before[name], after[name]
            yield from _compare_necessity("header", then, now, here)
            yield from compare_schemas_if_any(then.get("schema"), now.get("schema"), here)
            yield from compare_rest(then, now, {"required", "schema", "deprecated"}, here)


def _compare_content(old: Part, new: Part, place: Place) -> Iterator[Change]:
    before, after = old.get("content", {}), new.get("content", {})
    for name in sorted({*before, *after}):
        here = place.at(name)
        if name not in after:
            yield here.change("media type removed")
        elif name not in before:
            yield here.change("media type added")
        else:
            then, now = before[name], after[name]
            yield from compare_schemas_if_any(then.get("schema"), now.get("schema"), here)
            yield from compare_rest(then, now, {"schema"}, here)


def _necessity(part: Part) -> str:
    return "required" if part.get("required") else "optional"


def _compare_necessity(what: str, old: Part, new: Part, place: Place) -> Iterator[Change]:
    if _necessity(old) != _necessity(new):
        yield place.change(f"{what} made {_necessity(new)}")


def compare_rest(old: Part, new: Part, understood: set[str], place: Place) -> Iterator[Change]:
    """Whatever else was said before and is not said now, or the other way round."""
    before, after = without_prose(old), without_prose(new)
    for name in sorted({*before, *after} - understood):
        if before.get(name) != after.get(name):
            yield place.change("something else changed", name)
