"""Compares two schemas. A difference narrows the set of allowed values, widens it, or neither."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .changes import Change, Place
from .documents import without_prose

Schema = Mapping[str, Any]
# Each bound: the direction in which it narrows, and its value when it is absent.
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


def compare_schemas(old: Any, new: Any, place: Place) -> Iterator[Change]:
    """Yield the changes from one schema to another, both without references.

    An absent schema allows every value.
    """
    if old == new:
        return
    old, new = _schema(old), _schema(new)
    yield from _compare_sets("type", _types(old), _types(new), place)
    yield from _compare_sets("values", _values(old), _values(new), place)
    yield from _compare_bounds(old, new, place)
    yield from _compare_constraints(old, new, place)
    yield from _compare_properties(old, new, place)
    yield from compare_schemas(old.get("items"), new.get("items"), place.at("each item"))
    if old.get("default") != new.get("default"):
        yield place.change("default changed", f"{old.get('default')!r} -> {new.get('default')!r}")
    yield from compare_rest(old, new, _UNDERSTOOD, place)


def compare_rest(
    old: Schema, new: Schema, understood: Collection[str], place: Place
) -> Iterator[Change]:
    """Yield a change for each other name whose value differs."""
    before, after = without_prose(old), without_prose(new)
    for name in sorted({*before, *after} - set(understood)):
        if before.get(name) != after.get(name):
            yield place.change("something else changed", name)


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
    if old is None or (new is not None and new < old):
        effect = "narrowed"
    elif new is None or old < new:
        effect = "widened"
    else:
        effect = "changed"
    yield place.change(f"{what} {effect}", f"{_format(old)} -> {_format(new)}")


def _format(values: frozenset[str] | None) -> str:
    return "anything" if values is None else " or ".join(sorted(values))


def _compare_bounds(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    for name, (upwards, absent) in _BOUNDS.items():
        before, after = old.get(name, absent), new.get(name, absent)
        if before == after:
            continue
        narrowed = before is None or (after is not None and (after - before) * upwards > 0)
        values = ["none" if value is None else str(value) for value in (before, after)]
        effect = "narrowed" if narrowed else "widened"
        yield place.change(f"bound {effect}", f"{name} {' -> '.join(values)}")


def _compare_constraints(old: Schema, new: Schema, place: Place) -> Iterator[Change]:
    for name in _CONSTRAINTS:
        before, after = old.get(name) or None, new.get(name) or None
        if before == after:
            continue
        effect = "added" if before is None else "removed" if after is None else "changed"
        yield place.change(f"constraint {effect}", name)


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
            yield from compare_schemas(before.get(name), after.get(name), here)
        if (name in required_before) != (name in required_after):
            necessity = "required" if name in required_after else "optional"
            yield here.change(f"property made {necessity}")
    others = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if (others[0] is False) != (others[1] is False):
        yield place.change(f"other properties {'refused' if others[1] is False else 'allowed'}")
    else:
        yield from compare_schemas(*others, place.at("other properties"))
