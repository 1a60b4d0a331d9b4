"""Compares two schemas: a difference narrows what is allowed, widens it, or does neither."""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_diff.changes import Change, Place
from openapi_diff.documents import without_prose

Schema = Mapping[str, Any]
# Each bound: the direction in which it narrows, and what it is worth when it is absent.
_BOUNDS: Mapping[str, tuple[int, int | None]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum"), (1, None)),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), (1, 0)),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), (-1, None)),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), (-1, None)),
}
_CONSTRAINTS = ("pattern", "format", "multipleOf", "uniqueItems")
_UNDERSTOOD = {
    *("type", "enum", "const", "default", "deprecated"),
    *("properties", "required", "additionalProperties", "items"),
    *_BOUNDS,
    *_CONSTRAINTS,
}


def compare_schemas(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    """The changes from one schema without references to another."""
    yield from _compare_sets("type", _types(old), _types(new), place)
    yield from _compare_sets("values", _values(old), _values(new), place)
    yield from _compare_bounds(old, new, place)
    yield from _compare_constraints(old, new, place)
    yield from _compare_properties(old, new, place)
    yield from compare_schemas_if_any(old.get("items"), new.get("items"), place.at("each item"))
    if old.get("default") != new.get("default"):
        yield place.change("default changed", f"{old.get('default')!r} -> {new.get('default')!r}")
    rest_of_old, rest_of_new = (
        {name: value for name, value in without_prose(schema).items() if name not in _UNDERSTOOD}
        for schema in (old, new)
    )
    if rest_of_old != rest_of_new:
        names = {*rest_of_old, *rest_of_new}
        different = sorted(name for name in names if rest_of_old.get(name) != rest_of_new.get(name))
        yield place.change("something else changed", ", ".join(different))


def compare_schemas_if_any(old: Any, new: Any, place: Place) -> Iterator[Change]:
    """The same where a schema may be absent, which allows everything."""
    if old != new:
        yield from compare_schemas(_schema(old), _schema(new), place)


def _schema(value: Any) -> Schema:
    if value is False:
        return {"not": {}}
    return value if isinstance(value, Mapping) else {}


def _types(schema: Schema) -> frozenset[str] | None:
    given = schema.get("type")
    if given is None:
        return None
    types = {given} if isinstance(given, str) else set(given)
    # Every integer is a number.
    return frozenset(types | {"integer"} if "number" in types else types)


def _values(schema: Schema) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({repr(schema["const"])})
    return frozenset(map(repr, schema["enum"])) if "enum" in schema else None


def _compare_sets(
    what: str, old: frozenset[str] | None, new: frozenset[str] | None, place: Place
) -> Iterator[Change]:
    if old == new:
        return
    told = f"{_told(old)} -> {_told(new)}"
    if old is None or (new is not None and new < old):
        yield place.change(f"{what} narrowed", told)
    elif new is None or old < new:
        yield place.change(f"{what} widened", told)
    else:
        yield place.change(f"{what} changed", told)


def _told(values: frozenset[str] | None) -> str:
    return "anything" if values is None else " or ".join(sorted(values))


def _compare_bounds(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    for name, (upwards, absent) in _BOUNDS.items():
        before, after = old.get(name, absent), new.get(name, absent)
        if before == after:
            continue
        narrowed = before is None or (after is not None and (after - before) * upwards > 0)
        rule = "bound narrowed" if narrowed else "bound widened"
        told = ["none" if value is None else str(value) for value in (before, after)]
        yield place.change(rule, f"{name} {' -> '.join(told)}")


def _compare_constraints(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    for name in _CONSTRAINTS:
        before, after = old.get(name) or None, new.get(name) or None
        if before == after:
            continue
        rule = "added" if before is None else "removed" if after is None else "changed"
        yield place.change(f"constraint {rule}", name)


def _compare_properties(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted({*before, *after, *required_before, *required_after}):
        here = place.at(name)
        if name in before and name not in after:
            yield here.change("property removed")
            continue
        if name in after and name not in before:
            yield here.change("property added")
        else:
            yield from compare_schemas_if_any(before.get(name), after.get(name), here)
        if name in required_after - required_before:
            yield here.change("property made required")
        if name in required_before - required_after:
            yield here.change("property made optional")
    others_before = old.get("additionalProperties", True)
    others_after = new.get("additionalProperties", True)
    if others_before is not False and others_after is False:
        yield place.change("other properties refused")
    elif others_before is False and others_after is not False:
        yield place.change("other properties allowed")
    else:
        others = place.at("other properties")
        yield from compare_schemas_if_any(others_before or {}, others_after or {}, others)
