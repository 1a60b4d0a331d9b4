import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_server import Running, until

Serve = Callable[..., Running]
Start = Callable[..., "subprocess.Popen[str]"]

POST = b"POST /items/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET /items/a HTTP/1.1\r\nHost: x\r\n"


class Waiting:
    """Requests that stay inside the service until `leave` is called."""

    def __init__(self, service: Running, folder: Path, number: int) -> None:
        self.answers: list[tuple[int, str]] = []
        self._gate = folder / "gate"
        self._threads = [
            threading.Thread(target=lambda: self.answers.append(service.get("/wait")))
            for _ in range(number)
        ]
        for thread in self._threads:
            thread.start()
        until(lambda: len(list(folder.glob("waiting-*"))) == number, "the requests are inside")

    def leave(self) -> list[tuple[int, str]]:
        self._gate.unlink(missing_ok=True)
        for thread in self._threads:
            thread.join(20)
        return self.answers


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    path = tmp_path / "gate"
    path.touch()
    return path


def test_the_internal_port_answers_while_all_threads_are_busy(serve: Serve, gate: Path) -> None:
    service = serve(GATE=str(gate), THREADS="2")
    waiting = Waiting(service, gate.parent, 2)
    assert service.get("/metrics", internal=True)[0] == 200
    assert service.get("/livez", internal=True)[0] == 200
    assert service.get("/readyz", internal=True)[0] == 200
    assert waiting.leave() == [(200, "done")] * 2


def test_term_finishes_what_runs_and_says_draining_meanwhile(serve: Serve, gate: Path) -> None:
    service = serve(GATE=str(gate))
    waiting = Waiting(service, gate.parent, 1)
    service.process.send_signal(signal.SIGTERM)
    until(lambda: service.get("/readyz", internal=True)[0] == 503, "the service drains")
    assert json.loads(service.get("/readyz", internal=True)[1])["reason"] == "draining"
    assert service.get("/metrics", internal=True)[0] == 200
    assert service.process.poll() is None
    assert waiting.leave() == [(200, "done")]
    assert service.process.wait(20) == 0
    for port in (service.http, service.metrics):
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", port)) != 0


def test_a_worker_that_was_killed_is_replaced_with_its_internal_port(serve: Serve) -> None:
    service = serve()
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    (worker,) = children.read_text().split()
    os.kill(int(worker), signal.SIGKILL)

    def is_back() -> bool:
        try:
            return children.read_text().split() not in ([], [worker]) and (
                service.get("/readyz", internal=True)[0] == 200
            )
        except OSError:
            return False

    until(is_back, "a new worker is ready")


@pytest.mark.parametrize(
    "request_",
    [
        CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
        CHUNKED + b"2\r\n{}XX0\r\n\r\n",
        CHUNKED + b"ffffffffffffffff\r\n{}",
        CHUNKED + b"2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
        CHUNKED + b"f4240\r\n" + b" " * 1_000_000 + b"\r\n0\r\n\r\n",
        POST + b"Content-Length: 1000000\r\n\r\n" + b" " * 1_000_000,
        POST + b"Content-Length: 60000\r\n\r\n" + b"[" * 60_000,
        POST + b"Content-Length: 20\r\n\r\n{}",
        POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        POST + b"Content-Length: -2\r\n\r\n{}",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        POST + b"Transfer-Encoding: foo\r\n\r\n{}",
        POST + b"Transfer-Encoding: gzip\r\n\r\n{}",
        POST + b"Expect: miracles\r\nContent-Length: 2\r\n\r\n{}",
        GET + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n",
        GET + b"X: y\r\n" * 101 + b"\r\n",
        GET + b"X\x00: y\r\n\r\n",
        GET + b"X: \x00\r\n\r\n",
        GET + b"Host: y\r\n\r\n",
        b"GET /items/" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /items/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /items/\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /items/%ed%a0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /items/a%2fb HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /items/a HTTP/1.1\r\nHost: ..a..\r\n\r\n",
        b"GET http://[/items/a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"BREW /items/a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"brew /items/a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /items/a HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_hostile_http_is_the_clients_mistake(shared: Running, request_: bytes) -> None:
    answer = shared.raw(request_)
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer) or answer == b"", answer[:200]
    assert b"Traceback" not in answer
    assert shared.get("/items/a")[0] == 200


@pytest.mark.parametrize(
    "header", [b"SCRIPT_NAME: /x", b"Script-Name: /x", b"PATH_INFO: /x", b"X-Forwarded-Proto: x"]
)
def test_no_client_can_speak_for_a_proxy(shared: Running, header: bytes) -> None:
    answer = shared.raw(GET + header + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"name":"a"}\n')


def test_what_the_server_refuses_by_itself_is_counted(serve: Serve) -> None:
    service = serve()
    service.raw(b"nonsense\r\n\r\n")
    line = 'http_requests_suspicious_total{reason="malformed_request"} 1.0'
    assert line in service.get("/metrics", internal=True)[1]


def test_an_error_is_logged_with_its_trace_and_never_told(serve: Serve) -> None:
    service = serve()
    answer = service.raw(
        b"GET /failure HTTP/1.1\r\nHost: x\r\nX-Request-Id: order-42\r\n\r\n"
    ).decode()
    assert answer.startswith("HTTP/1.1 500 ")
    assert "secret" not in answer
    service.process.terminate()
    logged = service.process.communicate(timeout=20)[1]
    (line,) = [line for line in logged.splitlines() if line.startswith("{")]
    entry = json.loads(line)
    assert entry["request_id"] == "order-42"
    assert "RuntimeError: a secret\nof the inside" in entry["trace"]


def test_requests_are_logged_on_demand_and_cannot_forge_a_line(serve: Serve) -> None:
    service = serve(ACCESS_LOG="true")
    service.get("/items/a%0a%7b%22forged%22")
    service.process.terminate()
    (line,) = [
        line for line in service.process.communicate(timeout=20)[0].splitlines() if "forged" in line
    ]
    assert json.loads(line)["status"] == "404"


@pytest.mark.parametrize(
    "variables",
    [
        {"HTTP_PORT": "http"},
        {"THREADS": "0"},
        {"GRACEFUL_TIMEOUT": "-1"},
        {"API_VERSION": "one"},
        {"CONSUMERS": "browser"},
    ],
)
def test_a_bad_setting_ends_the_server_with_one_line(
    start_gunicorn: Start, variables: dict[str, str]
) -> None:
    process = start_gunicorn(**({"HTTP_PORT": "0", "METRICS_PORT": "0"} | variables))
    errors = process.communicate(timeout=20)[1].splitlines()
    assert process.returncode == 2
    (line,) = [line for line in errors if "[INFO]" not in line]
    assert line.startswith(next(iter(variables)))


def test_an_internal_port_in_use_ends_the_server_with_one_line(start_gunicorn: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start_gunicorn(HTTP_PORT="0", METRICS_PORT=port)
        errors = process.communicate(timeout=20)[1]
    assert process.returncode == 3
    assert f"METRICS_PORT={port}" in errors
    assert "Traceback" not in errors
