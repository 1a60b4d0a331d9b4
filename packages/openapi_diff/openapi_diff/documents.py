"""Descriptions as plain values: references are replaced by their targets, prose is left out."""

from collections.abc import Mapping
from typing import Any


class DescriptionError(ValueError):
    """A reference of a description leads nowhere, or in a circle."""


# For people and code generators; the wire stays the same.
PROSE = {
    *("$comment", "description", "example", "examples", "externalDocs", "links"),
    *("operationId", "summary", "tags", "title"),
}
# The keys of these are names that the API chose, even if they look like prose.
_NAMED = {"content", "headers", "parameters", "paths", "properties", "responses", "schemas"}


def resolved(document: Mapping[str, Any]) -> Any:
    """Return the description without references. Raises DescriptionError."""

    def inline(value: Any, trail: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [inline(item, trail) for item in value]
        if not isinstance(value, Mapping):
            return value
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return {name: inline(item, trail) for name, item in value.items()}
        if reference in trail:
            raise DescriptionError(f"the reference {reference} leads back to itself")
        found = inline(_find(document, reference), (*trail, reference))
        beside = {name: inline(item, trail) for name, item in value.items() if name != "$ref"}
        return {**found, **beside} if beside else found

    return inline({name: item for name, item in document.items() if name != "components"}, ())


def without_prose(value: Any, *, named: bool = False) -> Any:
    """Return the value without its text for people and its extensions (`x-`)."""
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: without_prose(item, named=name in _NAMED and not named)
        for name, item in value.items()
        if named or (name not in PROSE and not name.startswith("x-"))
    }


def _find(document: Any, reference: str) -> Any:
    found = document
    for step in reference.removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            raise DescriptionError(f"the reference {reference} leads nowhere")
        found = found[name]
    return found
