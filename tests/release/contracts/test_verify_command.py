"""`python -m release verify`: any pact file, whoever wrote it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.release.contracts.conftest import Contracts

READ = {
    "description": "a look at a t-shirt",
    "request": {"method": "GET", "path": "/t-shirt/surfer-t-shirt"},
    "response": {"status": 200, "body": {"quantity": 10}},
}
BY_SPECIFICATION: dict[str, dict[str, Any]] = {
    "1.0.0": {**READ, "provider_state": "a t-shirt exists"},
    "2.0.0": {**READ, "providerState": "a t-shirt exists"},
    "3.0.0": {**READ, "providerStates": [{"name": "a t-shirt exists"}]},
    "4.0": {
        **READ,
        "type": "Synchronous/HTTP",
        "providerStates": [{"name": "a t-shirt exists"}],
        "response": {
            "status": 200,
            "body": {"content": {"quantity": 10}, "contentType": "application/json"},
        },
    },
}
Verify = Callable[..., "subprocess.CompletedProcess[str]"]
V4: dict[str, Any] = BY_SPECIFICATION["4.0"]


def document(*interactions: Any, specification: str = "4.0", **more: Any) -> dict[str, Any]:
    return {
        "consumer": {"name": "Somebody"},
        "provider": {"name": "Stock Service"},
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": specification}},
        **more,
    }


@pytest.fixture
def verify(tmp_path: Path, contracts: Contracts) -> Verify:
    """Runs the command on a document, or on some bytes."""

    def run(content: object, version: int = 1) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "pact.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return contracts("verify", PACT=path, VERSION=version)

    return run


def complaint(done: subprocess.CompletedProcess[str]) -> tuple[str, int]:
    """The one line of an error, and the exit code."""
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("done  ")]
    assert line.startswith("error: ")
    return line.removeprefix("error: "), done.returncode


@pytest.mark.parametrize("specification", BY_SPECIFICATION)
def test_a_pact_of_any_specification(verify: Verify, specification: str) -> None:
    interaction = BY_SPECIFICATION[specification]
    done = verify(document(interaction, specification=specification))
    assert (done.stdout, done.returncode) == (
        "Somebody with stock v1: yes (1 interaction)\n",
        0,
    ), done.stderr
    wrong = json.loads(json.dumps(interaction).replace('"quantity": 10', '"quantity": 11'))
    line, code = complaint(verify(document(wrong, specification=specification)))
    assert line.startswith("Somebody with stock v1: no: a look at a t-shirt: Expected 10 ")
    assert code == 1


def test_a_pact_that_names_no_specification(verify: Verify) -> None:
    whole = document(BY_SPECIFICATION["2.0.0"])
    del whole["metadata"]
    assert verify(whole).returncode == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (document(), "it has no interactions: nothing is verified"),
        (document({**V4, "pending": True}), "every interaction is pending: nothing is verified"),
        (
            document({**V4, "providerStates": [{"name": "it rains"}]}),
            "a look at a t-shirt: stock knows no state 'it rains'",
        ),
        (
            document({"type": "Asynchronous/Messages", "description": "a message"}),
            "a message: 'Asynchronous/Messages', and stock only speaks HTTP",
        ),
        (
            document(messages=[{"description": "a message"}], specification="3.0.0"),
            "it has messages, and stock only speaks HTTP",
        ),
        (
            document(V4, metadata={"plugins": [{"name": "protobuf"}]}),
            "it needs a plugin of the verifier, which is not supported",
        ),
        (document({"description": "nothing"}), "nothing: it has no request"),
        (document({**V4, "description": "\ud800"}), "the verifier cannot read it as a pact"),
        (document(5), "interaction 1 has no description"),
        (
            document({**V4, "providerStates": "a t-shirt exists"}),
            "a look at a t-shirt: its provider states are not written as pacts write them",
        ),
    ],
)
def test_a_pact_that_cannot_hold_fails(verify: Verify, content: object, said: str) -> None:
    assert complaint(verify(content)) == (f"Somebody with stock v1: no: {said}", 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON: "),
        (b"{", "not JSON: "),
        (b"\xff\xfe", "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b" " * 6_000_000, "larger than 5242880 bytes"),
        (b'{"consumer": {"name": "a\\ud800\\u001b[2J\\nb"}}', "not a pact: it does not name"),
        (b"[]", "not a pact: it does not name a consumer and a provider"),
        (b'{"provider": "x"}', "not a pact: it does not name a consumer and a provider"),
        (document(provider={"name": "Weather"}), "a pact with 'Weather', only 'Stock Service'"),
        (document(interactions={"a": 1}), "not a pact: its interactions are not an array"),
    ],
)
def test_a_file_that_is_no_pact_with_stock_is_refused(
    verify: Verify, content: object, said: str
) -> None:
    line, code = complaint(verify(content))
    assert f"pact.json: {said}" in line
    assert code == 2


def test_settings_that_make_no_sense(contracts: Contracts, tmp_path: Path) -> None:
    for variables, said in (
        ({}, "VERSION is missing"),
        ({"VERSION": 9, "PACT": "x"}, "VERSION='9' is not known"),
        ({"VERSION": 1}, "PACT is missing"),
        ({"VERSION": 1, "PACT": tmp_path / "none.json"}, "none.json: cannot be read: No such file"),
        ({"VERSION": 1, "PACT": tmp_path}, "not a file"),
    ):
        line, code = complaint(contracts("verify", **variables))
        assert said in line
        assert code == 2


def test_a_stock_that_does_not_start_is_told_in_one_line(copied: Contracts) -> None:
    app = copied.folder / "services" / "stock" / "stock" / "app.py"
    app.write_text("this is no Python\n" + app.read_text())
    line, code = complaint(
        copied("verify", PACT="contracts/pacts/catalog-v1--stock.json", VERSION=1)
    )
    assert line.startswith("Catalog App with stock v1: unknown: stock does not start: SyntaxError")
    assert code == 1


def test_nothing_in_a_pact_reaches_the_terminal_as_it_is(verify: Verify) -> None:
    hostile = "a\x1b[2J\nb"
    whole = document({**V4, "description": hostile}, consumer={"name": hostile})
    whole["interactions"][0]["response"]["status"] = 418
    line, code = complaint(verify(whole))
    assert line == "a [2J b with stock v1: no: a [2J b: expected status 418, got 200"
    assert code == 1
