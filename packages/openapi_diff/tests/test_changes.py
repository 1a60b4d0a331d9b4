"""Which differences between two descriptions break a robust consumer, in both directions."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from openapi_diff.changes import RULES
from openapi_diff.comparison import breaking, compare
from openapi_diff.documents import DescriptionError, resolved

Edit = Callable[[Any], object]
BASE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shirts", "version": "1.0.0"},
    "paths": {
        "/shirts/{name}": {
            "parameters": [
                {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "post": {
                "summary": "Buy",
                "parameters": [
                    {
                        "name": "size",
                        "in": "query",
                        "schema": {"enum": ["s", "m"]},
                    },
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
                },
                "responses": {
                    "200": {
                        "description": "Bought.",
                        "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/B"}}
                        },
                    },
                    "404": {"description": "None."},
                },
            },
        }
    },
    "components": {
        # One shape for both sides: what is asked for, and what is answered.
        "schemas": {
            side: {
                "type": "object",
                "required": ["count"],
                "properties": {
                    "count": {"type": "integer", "minimum": 1, "maximum": 9},
                    "note": {"type": "string", "maxLength": 9, "pattern": "^a"},
                    "kinds": {"type": "array", "items": {"enum": ["x", "y"]}},
                    "more": {"type": "object", "additionalProperties": {"type": "integer"}},
                },
            }
            for side in ("A", "B")
        }
    },
}


def path(d: Any) -> Any:
    return d["paths"]["/shirts/{name}"]


def post(d: Any) -> Any:
    return path(d)["post"]


def ok(d: Any) -> Any:
    return post(d)["responses"]["200"]


SIZE = {"name": "color", "in": "query", "schema": {"type": "string"}}
JSON = "application/json"
# The edit; the rule and whether it breaks from the base to the edited description; and back again.
EXCHANGES: dict[str, tuple[Edit, tuple[str, bool], tuple[str, bool]]] = {
    "path": (
        lambda d: d["paths"].update({"/new": {}}),
        ("path added", False),
        ("path removed", True),
    ),
    "operation": (
        lambda d: path(d).update(get={"responses": {}}),
        ("operation added", False),
        ("operation removed", True),
    ),
    "deprecation": (
        lambda d: post(d).update(deprecated=True),
        ("operation deprecated", False),
        ("operation no longer deprecated", False),
    ),
    "optional parameter": (
        lambda d: post(d)["parameters"].append(SIZE),
        ("optional parameter added", False),
        ("parameter removed", True),
    ),
    "required parameter": (
        lambda d: post(d)["parameters"].append({**SIZE, "required": True}),
        ("required parameter added", True),
        ("parameter removed", True),
    ),
    "necessity of a parameter": (
        lambda d: post(d)["parameters"][0].update(required=True),
        ("parameter made required", True),
        ("parameter made optional", False),
    ),
    "way to write a parameter": (
        lambda d: post(d)["parameters"][0].update(explode=False),
        ("something else changed", True),
        ("something else changed", True),
    ),
    "necessity of the body": (
        lambda d: post(d)["requestBody"].update(required=True),
        ("body made required", True),
        ("body made optional", False),
    ),
    "optional body": (
        lambda d: post(d).pop("requestBody"),
        ("body removed", True),
        ("optional body added", False),
    ),
    "media type of requests": (
        lambda d: post(d)["requestBody"]["content"].update({"text/csv": {}}),
        ("media type added", False),
        ("media type removed", True),
    ),
    "media type of answers": (
        lambda d: ok(d)["content"].update({"text/csv": {}}),
        ("media type added", False),
        ("media type removed", True),
    ),
    "status of failure": (
        lambda d: post(d)["responses"].update({"409": {}}),
        ("status of failure added", False),
        ("status removed", True),
    ),
    "status of success": (
        lambda d: post(d)["responses"].update({"202": {}}),
        ("status of success added", True),
        ("status removed", True),
    ),
    "header": (
        lambda d: ok(d)["headers"].update(Age={}),
        ("header added", False),
        ("header removed", True),
    ),
    "necessity of a header": (
        lambda d: ok(d)["headers"]["ETag"].update(required=False),
        ("header made optional", True),
        ("header made required", False),
    ),
    "who may come in": (
        lambda d: d.update(security=[{"key": []}]),
        ("something else changed", True),
        ("something else changed", True),
    ),
}


def count(s: Any) -> Any:
    return s["properties"]["count"]


def note(s: Any) -> Any:
    return s["properties"]["note"]


# The edit of a schema; the rule that narrows what is allowed, and the one that widens it.
# Narrowing breaks requests and widening breaks answers, whichever way the edit goes.
VARIANCES: dict[str, tuple[Edit, str, str]] = {
    "type": (lambda s: s["properties"]["more"].pop("type"), "type narrowed", "type widened"),
    "number": (lambda s: count(s).update(type="number"), "type narrowed", "type widened"),
    "null": (lambda s: note(s).update(type=["string", "null"]), "type narrowed", "type widened"),
    "values": (
        lambda s: s["properties"]["kinds"]["items"]["enum"].append("z"),
        "values narrowed",
        "values widened",
    ),
    "any value": (
        lambda s: s["properties"]["kinds"].pop("items"),
        "values narrowed",
        "values widened",
    ),
    "lower bound": (lambda s: count(s).update(minimum=0), "bound narrowed", "bound widened"),
    "upper bound": (lambda s: count(s).update(maximum=10), "bound narrowed", "bound widened"),
    "length": (lambda s: note(s).pop("maxLength"), "bound narrowed", "bound widened"),
    "pattern": (lambda s: note(s).pop("pattern"), "constraint added", "constraint removed"),
    "necessity": (
        lambda s: s.update(required=[]),
        "property made required",
        "property made optional",
    ),
    "other properties' type": (
        lambda s: s["properties"]["more"].pop("additionalProperties"),
        "type narrowed",
        "type widened",
    ),
}
# The edit of a schema; rule there, whether it breaks requests and answers; and back again.
Outcome = tuple[str, bool, bool]
SHAPES: dict[str, tuple[Edit, Outcome, Outcome]] = {
    "property": (
        lambda s: s["properties"].update(new={}),
        ("property added", False, False),
        ("property removed", True, True),
    ),
    "other properties": (
        lambda s: s.update(additionalProperties=False),
        ("other properties refused", True, False),
        ("other properties allowed", False, False),
    ),
    "default": (
        lambda s: count(s).update(default=3),
        ("default changed", True, False),
        ("default changed", True, False),
    ),
    "another type": (
        lambda s: count(s).update(type="string"),
        ("type changed", True, True),
        ("type changed", True, True),
    ),
    "other values": (
        lambda s: s["properties"]["kinds"]["items"].update(enum=["x", "z"]),
        ("values changed", True, True),
        ("values changed", True, True),
    ),
    "another pattern": (
        lambda s: note(s).update(pattern="^b"),
        ("constraint changed", True, True),
        ("constraint changed", True, True),
    ),
    "what is not understood": (
        lambda s: s.update(anyOf=[{"required": ["note"]}]),
        ("something else changed", True, True),
        ("something else changed", True, True),
    ),
}


def edited(edit: Edit, side: str | None = None) -> Any:
    description = copy.deepcopy(BASE)
    edit(description["components"]["schemas"][side] if side else description)
    return description


def seen(old: Any, new: Any) -> list[tuple[str, bool]]:
    return [(change.rule, change.breaking) for change in compare(old, new)]


@pytest.mark.parametrize(("edit", "there", "back"), EXCHANGES.values(), ids=list(EXCHANGES))
def test_a_change_of_an_exchange(
    edit: Edit, there: tuple[str, bool], back: tuple[str, bool]
) -> None:
    new = edited(edit)
    assert seen(BASE, new) == [there]
    assert seen(new, BASE) == [back]


@pytest.mark.parametrize(("edit", "narrowed", "widened"), VARIANCES.values(), ids=list(VARIANCES))
def test_requests_may_only_take_more_and_answers_only_hold_less(
    edit: Edit, narrowed: str, widened: str
) -> None:
    asks_less, answers_more = edited(edit, "A"), edited(edit, "B")
    assert seen(BASE, asks_less) == [(widened, False)]
    assert seen(asks_less, BASE) == [(narrowed, True)]
    assert seen(BASE, answers_more) == [(widened, True)]
    assert seen(answers_more, BASE) == [(narrowed, False)]


@pytest.mark.parametrize(("edit", "there", "back"), SHAPES.values(), ids=list(SHAPES))
def test_a_change_of_a_shape(edit: Edit, there: Outcome, back: Outcome) -> None:
    for side, breaks in (("A", 1), ("B", 2)):
        new = edited(edit, side)
        assert seen(BASE, new) == [(there[0], there[breaks])]
        assert seen(new, BASE) == [(back[0], back[breaks])]


def test_a_new_required_property_breaks_requests_only() -> None:
    def add(schema: Any) -> None:
        schema["properties"]["new"] = {"type": "string"}
        schema["required"].append("new")

    assert [change.rule for change in breaking(BASE, edited(add, "A"))] == [
        "property made required"
    ]
    assert breaking(BASE, edited(add, "B")) == []


def test_a_required_body_cannot_be_asked_for_later() -> None:
    def demand(description: Any) -> None:
        post(description)["requestBody"]["required"] = True

    without = edited(lambda d: post(d).pop("requestBody"))
    assert seen(without, edited(demand)) == [("required body added", True)]


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: post(d).update(summary="Order", tags=["x"], operationId="y", description="z"),
        lambda d: ok(d).update(description="Sold.", links={"again": {}}),
        lambda d: count(d["components"]["schemas"]["B"]).update(description="How many", example=2),
        lambda d: d["info"].update(version="1.1.0", title="T-shirts"),
        lambda d: post(d).update({"x-owner": "us"}),
        lambda d: post(d)["requestBody"]["content"].update(
            {JSON: {"schema": d["components"]["schemas"]["A"], "example": {"count": 1}}}
        ),
    ],
    ids=["operation", "response", "property", "info", "extension", "reference"],
)
def test_what_only_people_read_is_no_change(edit: Edit) -> None:
    assert compare(BASE, edited(edit)) == []


def test_the_name_of_a_variable_part_is_nobodys() -> None:
    def rename(description: Any) -> None:
        item = description["paths"].pop("/shirts/{name}")
        item["parameters"][0]["name"] = "sku"
        description["paths"]["/shirts/{sku}"] = item

    assert compare(BASE, edited(rename)) == []


def test_a_property_called_like_prose_is_a_property() -> None:
    def add(schema: Any) -> None:
        schema["anyOf"] = [{"properties": {"title": {"type": "string"}}}]

    assert seen(edited(add, "B"), BASE) == [("something else changed", True)]
    other = edited(add, "B")
    other["components"]["schemas"]["B"]["anyOf"][0]["properties"]["title"]["type"] = "integer"
    assert seen(edited(add, "B"), other) == [("something else changed", True)]


def test_every_rule_is_tried() -> None:
    tried = {rule for _, *ways in EXCHANGES.values() for rule, _ in ways}
    tried |= {rule for _, *ways in SHAPES.values() for rule, *_ in ways}
    tried |= {rule for _, *rules in VARIANCES.values() for rule in rules}
    assert tried | {"required body added"} == set(RULES)


def test_a_change_says_where_and_what() -> None:
    new = edited(lambda s: count(s).update(maximum=5), "A")
    (change,) = compare(BASE, new)
    assert str(change) == (
        "POST /shirts/{} > body > application/json > count: bound narrowed (maximum 9 -> 5)"
    )


@pytest.mark.parametrize(
    ("reference", "complaint"),
    [
        ("#/components/schemas/None", "the reference #/components/schemas/None leads nowhere"),
        ("#/components/schemas/A", "the reference #/components/schemas/A leads back to itself"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_one_line(reference: str, complaint: str) -> None:
    new = edited(lambda s: s["properties"].update(again={"$ref": reference}), "A")
    with pytest.raises(DescriptionError, match=f"^{complaint}$"):
        resolved(new)
