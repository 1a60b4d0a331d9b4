import json
import select
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from sample_service import create_app

from instrumentation import Settings
from instrumentation.management_port import MAX_CONNECTIONS


class Internal:
    """The management port of a sample service in this process."""

    def __init__(self, *, faults: bool = True, ready: str | None = None) -> None:
        settings = Settings("sample", 1, "1.2.3", metrics_port=0, fault_injection=faults)
        self.app = create_app(settings, ready)
        self.instrumentation = self.app.extensions["instrumentation"]
        self.management_port = self.instrumentation.open_management_port()
        self.management_port.start()

    def stop(self) -> None:
        self.management_port.shutdown()
        self.management_port.server_close()

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, str, str]:
        connection = HTTPConnection("127.0.0.1", self.management_port.server_port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
        finally:
            connection.close()

    def fault(self, value: object) -> tuple[int, dict[str, object]]:
        status, _, text = self.ask("POST", "/fault", json.dumps(value).encode())
        return status, json.loads(text)


@pytest.fixture
def internal() -> Iterator[Internal]:
    internal = Internal()
    yield internal
    internal.stop()


@pytest.fixture
def unready() -> Iterator[Internal]:
    internal = Internal(faults=False, ready="the database is away")
    yield internal
    internal.stop()


def test_metrics_come_in_both_formats(internal: Internal) -> None:
    status, content_type, text = internal.ask("GET", "/metrics")
    assert (status, content_type.partition(";")[0]) == (200, "text/plain")
    assert 'build_info{api_version="1",version="1.2.3"} 1.0' in text
    accept = "application/openmetrics-text;version=1.0.0"
    status, content_type, text = internal.ask("GET", "/metrics", Accept=accept)
    assert (status, content_type.partition(";")[0]) == (200, "application/openmetrics-text")
    assert text.endswith("# EOF\n")


def test_metrics_and_probes_answer_head(internal: Internal) -> None:
    assert internal.ask("HEAD", "/metrics")[::2] == (200, "")


def test_liveness_does_not_depend_on_readiness(unready: Internal) -> None:
    assert unready.ask("GET", "/livez")[0] == 200


def test_readiness_says_why_not(unready: Internal) -> None:
    status, _, text = unready.ask("GET", "/readyz")
    assert (status, json.loads(text)["reason"]) == (503, "the database is away")


def test_draining_is_not_ready(internal: Internal) -> None:
    assert internal.ask("GET", "/readyz")[0] == 200
    internal.instrumentation.readiness.draining.set()
    status, _, text = internal.ask("GET", "/readyz")
    assert (status, json.loads(text)["reason"]) == (503, "draining")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/metrics/../etc/passwd", 404),
        ("POST", "/metrics", 405),
        ("DELETE", "/readyz", 405),
        ("BREW", "/metrics", 405),
        ("GET", "/" + "x" * 70_000, 414),
    ],
)
def test_anything_else_is_the_clients_mistake(
    internal: Internal, method: str, path: str, status: int
) -> None:
    assert internal.ask(method, path)[0] == status


def test_without_fault_injection_there_is_no_switch(unready: Internal) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert unready.ask(method, "/fault", b"{}")[0] == 404


def test_the_switch_is_not_on_the_public_port(internal: Internal) -> None:
    assert internal.app.test_client().post("/fault", json={"errors": 1}).status_code == 404


def test_slow_clients_do_not_keep_others_waiting(internal: Internal) -> None:
    address = ("127.0.0.1", internal.management_port.server_port)
    slow = [socket.create_connection(address) for _ in range(3 * MAX_CONNECTIONS)]
    try:
        for client in slow:
            try:
                client.sendall(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
            except OSError:
                continue
        assert internal.ask("GET", "/metrics")[0] == 200
        # The oldest gave way, so what they can occupy is bounded.
        hung_up = select.select(slow, [], [], 0)[0]
        assert set(slow[: 2 * MAX_CONNECTIONS]) <= set(hung_up)
    finally:
        for client in slow:
            client.close()


def test_it_can_be_stopped_and_frees_its_port(internal: Internal) -> None:
    port = internal.management_port.server_port
    internal.stop()
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", port))


def test_all_requests_fail_in_the_services_own_shape(internal: Internal) -> None:
    assert internal.fault({"errors": 1}) == (200, {"delay": 0.0, "errors": 1.0})
    client = internal.app.test_client()
    answers = [client.get("/items/a") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500] * 3
    assert answers[0].get_json() == {"error": "an error was injected for a rehearsal"}


def test_half_of_the_requests_fail_every_second_one(internal: Internal) -> None:
    internal.fault({"errors": 0.5})
    client = internal.app.test_client()
    assert [client.get("/items/a").status_code for _ in range(4)] == [200, 500, 200, 500]


def test_a_web_page_cannot_switch_faults(internal: Internal) -> None:
    internal.fault({"errors": 0.25})
    for method in ("POST", "DELETE"):
        asked = internal.ask(method, "/fault", b'{"errors": 1}', Origin="http://elsewhere.example")
        assert asked[0] == 403
    assert json.loads(internal.ask("GET", "/fault")[2]) == {"delay": 0.0, "errors": 0.25}


def test_faults_spare_probes_and_what_is_not_there(internal: Internal) -> None:
    internal.fault({"errors": 1})
    client = internal.app.test_client()
    statuses = [client.get(path).status_code for path in ("/livez", "/readyz", "/nothing")]
    assert statuses == [200, 200, 404]


def test_delayed_requests_go_on_when_the_fault_is_cleared(internal: Internal) -> None:
    internal.fault({"delay": 60})
    statuses: list[int] = []
    client = internal.app.test_client()
    request = threading.Thread(target=lambda: statuses.append(client.get("/items/a").status_code))
    request.start()
    request.join(0.2)
    assert request.is_alive()
    assert internal.ask("DELETE", "/fault")[0] == 200
    request.join(20)
    assert statuses == [200]
    assert json.loads(internal.ask("GET", "/fault")[2]) == {"delay": 0.0, "errors": 0.0}


@pytest.mark.parametrize(
    "wanted",
    [
        {"delay": 61},
        {"delay": -1},
        {"delay": True},
        {"delay": "2"},
        {"delay": float("nan")},
        {"errors": 1.01},
        {"errors": -0.1},
        {"errors": 10**400},
        {"errors": None},
        {"latency": 1},
        [],
        "errors",
        {"x": "y" * 2000},
    ],
)
def test_a_bad_fault_is_refused_in_one_line_and_changes_nothing(
    internal: Internal, wanted: object
) -> None:
    internal.fault({"delay": 0, "errors": 0.25})
    status, answer = internal.fault(wanted)
    assert status == 400
    assert "\n" not in str(answer["error"])
    assert json.loads(internal.ask("GET", "/fault")[2]) == {"delay": 0.0, "errors": 0.25}


def test_a_fault_that_is_not_json_is_refused(internal: Internal) -> None:
    assert internal.ask("POST", "/fault", b"[" * 1000)[0] == 400
    assert internal.ask("POST", "/fault", b"\xff")[0] == 400


def test_a_fault_has_a_size_limit(internal: Internal) -> None:
    assert internal.ask("POST", "/fault", b"{}" + b" " * 1022)[0] == 200
    assert internal.ask("POST", "/fault", b"{}" + b" " * 1023)[0] == 400
