"""NOTICES is checked before the first request, and refused in one line."""

import json
from typing import Any

import pytest

from instrumentation import SettingsError
from notice.settings import Notices

GOOD = {"version": 1, "successor": "", "since": 0}


def read(content: object) -> Notices:
    return Notices.from_environment({"NOTICES": json.dumps(content)})


def test_nothing_to_say_is_fine() -> None:
    assert read({"live": [], "tombstones": {}}) == Notices((), {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "list indices"),
        ({"tombstones": {}}, "'live' is missing"),
        ({"live": ["1"], "tombstones": {}}, "'1' is not a whole number"),
        ({"live": [0], "tombstones": {}}, "0 is not a whole number"),
        ({"live": 1, "tombstones": {}}, "not iterable"),
        ({"live": [], "tombstones": {"A.example:80": GOOD}}, "is not a host name"),
        ({"live": [], "tombstones": {"a": GOOD | {"since": True}}}, "True is not"),
        ({"live": [], "tombstones": {"a": GOOD | {"since": 1e9}}}, "is not a whole number"),
        ({"live": [], "tombstones": {"a": GOOD | {"successor": "x://"}}}, "is not a URL"),
        ({"live": [], "tombstones": {"a": GOOD | {"link": "http://a/>;"}}}, "is not a URL"),
        ({"live": [], "tombstones": {"a": {"version": 1}}}, "'successor' is missing"),
        ({"live": [], "tombstones": dict.fromkeys(map(str, range(201)), GOOD)}, "200 at most"),
    ],
)
def test_anything_else_is_refused(content: Any, reason: str) -> None:
    with pytest.raises(SettingsError, match="NOTICES") as refused:
        read(content)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_it_must_be_json(text: str) -> None:
    with pytest.raises(SettingsError, match="NOTICES"):
        Notices.from_environment({"NOTICES": text})
