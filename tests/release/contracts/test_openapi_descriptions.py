"""The descriptions themselves: valid, and with examples that are what they describe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi_diff.documents import resolved
from release.contracts.openapi_history import ReleaseLine, release_lines


@pytest.fixture(params=release_lines(), ids=str)
def description(request: pytest.FixtureRequest) -> Any:
    line: ReleaseLine = request.param
    return line.description


def examples(value: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every example below a value, with its place and its schema."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from examples(item, f"{place}[{number}]")
    elif isinstance(value, dict):
        if "example" in value and "schema" in value:
            yield place, value["example"], value["schema"]
        for name, item in value.items():
            if name != "example":
                yield from examples(item, f"{place} {name}")


def test_it_is_a_valid_description(description: Any) -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(description).iter_errors()] == []


def test_its_examples_are_what_it_describes(description: Any) -> None:
    found = list(examples(resolved(description)))
    assert len(found) > 10
    for place, example, schema in found:
        errors = Draft202012Validator(schema).iter_errors(example)
        assert [error.message for error in errors] == [], place


def without_example(description: Any) -> Iterator[str]:
    """The address of every answer in JSON that no example shows."""
    for path, item in resolved(description)["paths"].items():
        for operation in (item[method] for method in ("get", "post") if method in item):
            for status, answer in operation["responses"].items():
                for media_type, content in answer.get("content", {}).items():
                    if media_type.endswith("json") and "example" not in content:
                        yield f"{path} {status}"


def test_every_answer_in_json_has_an_example(description: Any) -> None:
    assert list(without_example(description)) == ["/openapi.json 200"]


def test_an_example_of_another_shape_is_found(description: Any) -> None:
    schemas = description["components"]["schemas"]
    schemas["Purchase"]["required"].append("color")
    with pytest.raises(AssertionError, match="'color' is a required property"):
        test_its_examples_are_what_it_describes(description)
