import io

import pytest
from flask.testing import FlaskClient
from sample_service import create_app

from instrumentation import Settings


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings("sample", 1, "1.2.3")).test_client()


def send(client: FlaskClient, body: bytes, content_type: str = "application/json") -> int:
    answer = client.post("/items/a", data=body, content_type=content_type)
    if answer.status_code != 201:
        line = answer.get_json()["error"]
        assert line
        assert "\n" not in line
    return answer.status_code


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"quantity": 3}',
        b'{"text": "caf\xc3\xa9 \\ud83d\\ude00", "list": [1.5, null, {"deep": [true]}]}',
        b'{"least": -9223372036854775808, "most": 9223372036854775807}',
    ],
)
def test_json_objects_are_read(client: FlaskClient, body: bytes) -> None:
    assert send(client, body) == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b'"text"',
        b"null",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 9223372036854775808}',
        b'{"a": -9223372036854775809}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ["\\u0000"]}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        b"{'a': 1}",
    ],
)
def test_anything_else_is_a_bad_request(client: FlaskClient, body: bytes) -> None:
    assert send(client, body) == 400


def test_a_body_that_is_not_declared_as_json_is_not_read(client: FlaskClient) -> None:
    assert send(client, b"{}", "text/plain") == 415
    assert send(client, b"{}", "") == 415
    assert send(client, b"{}", "application/merge-patch+json") == 201


def test_a_body_has_a_size_limit(client: FlaskClient) -> None:
    assert send(client, b"{}" + b" " * (64 * 1024 - 2)) == 201
    assert send(client, b"{}" + b" " * (64 * 1024 - 1)) == 413


@pytest.mark.parametrize("announced", [None, "70002"])
@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/items/a", "application/json"), ("/form", "application/x-www-form-urlencoded")],
)
def test_the_limit_is_the_same_for_forms_and_for_bodies_of_unknown_length(
    client: FlaskClient, path: str, content_type: str, announced: str | None
) -> None:
    length = {"CONTENT_LENGTH": announced} if announced else {"HTTP_TRANSFER_ENCODING": "chunked"}
    received = io.BytesIO(b"{}" + b" " * 70_000)
    answer = client.post(
        path,
        input_stream=received,
        content_type=content_type,
        environ_overrides={"wsgi.input_terminated": True} | length,
    )
    assert answer.status_code == 413
    # What is announced too large is not even read.
    assert received.tell() <= (0 if announced else 64 * 1024 + 1)


@pytest.mark.parametrize("path", ["/items/a", "/form"])
def test_a_body_shorter_than_announced_is_a_bad_request(client: FlaskClient, path: str) -> None:
    content_type = "application/json" if path != "/form" else "application/x-www-form-urlencoded"
    answer = client.post(
        path,
        input_stream=io.BytesIO(b"{}"),
        content_type=content_type,
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "5"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["%00", "a%0ab", "%7f", "%ff", "%ed%a0%80", "x" * 256])
def test_a_name_that_cannot_be_stored_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/items/{name}").status_code == 404


@pytest.mark.parametrize("name", ["surfer", "caf%C3%A9", "a%20b", "%F0%9F%98%80", "x" * 255])
def test_other_names_are_accepted(client: FlaskClient, name: str) -> None:
    assert client.get(f"/items/{name}").status_code == 200
