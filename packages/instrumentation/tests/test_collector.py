import random
from datetime import date
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from sample_service import create_app

from instrumentation import Settings
from instrumentation.collector import MAX_LOOKUPS, Collector
from instrumentation.deprecation_headers import DeprecationNotice

CATALOG = {"User-Agent": "catalog/1.4.0"}


@pytest.fixture
def app() -> Flask:
    return create_app(Settings("sample", 1, "1.2.3", consumers=("catalog",)))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def registry(app: Flask) -> CollectorRegistry:
    found = app.extensions["instrumentation"].metrics.registry
    assert isinstance(found, CollectorRegistry)
    return found


def requests(app: Flask, **labels: str) -> float | None:
    """The counter with these labels; the rest as in a good GET of an item by catalog."""
    usual = {
        "api_version": "1",
        "method": "GET",
        "route": "/items/<name>",
        "status": "200",
        "consumer": "catalog",
    }
    return registry(app).get_sample_value("http_requests_total", usual | labels)


def test_a_request_is_counted_by_rule_and_consumer(app: Flask, client: FlaskClient) -> None:
    for name in ("a", "b", "c"):
        client.get(f"/items/{name}", headers=CATALOG)
    assert requests(app) == 3


@pytest.mark.parametrize(
    ("agent", "consumer"),
    [
        ("catalog/1.4.0", "catalog"),
        ("catalog", "catalog"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "browser"),
        ("catalog-copy/1.0", "other"),
        ("curl/8.5.0", "other"),
        ("", "other"),
        ("browser/1.0", "other"),
    ],
)
def test_consumers_are_those_allowed_to_name_themselves(
    app: Flask, client: FlaskClient, agent: str, consumer: str
) -> None:
    client.get("/items/a", headers={"User-Agent": agent})
    assert requests(app, consumer=consumer) == 1


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("HEAD", "/items/a", {"method": "HEAD"}),
        ("OPTIONS", "/items/a", {"method": "OPTIONS"}),
        ("GET", "/nothing", {"route": "unmatched", "status": "404"}),
        ("PUT", "/items/a", {"method": "PUT", "route": "unmatched", "status": "405"}),
        ("BREW", "/items/a", {"method": "other", "route": "unmatched", "status": "405"}),
        ("GET", "/moved", {"route": "unmatched", "status": "308"}),
        ("GET", "/failure", {"route": "/failure", "status": "500"}),
        ("POST", "/items/a", {"method": "POST", "status": "415"}),
    ],
)
def test_every_ending_is_counted(
    app: Flask, client: FlaskClient, method: str, path: str, labels: dict[str, str]
) -> None:
    client.open(path, method=method, headers=CATALOG)
    assert requests(app, **labels) == 1


def test_a_streamed_answer_counts_when_it_has_been_sent(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/stream", headers=CATALOG, buffered=False)
    assert next(iter(answer.response)) == b"one "
    assert requests(app, route="/stream") == 0
    answer.close()
    assert requests(app, route="/stream") == 1


def test_an_answer_that_breaks_off_is_a_failure(app: Flask, client: FlaskClient) -> None:
    with pytest.raises(OSError, match="broke off"):
        client.get("/stream/broken", headers=CATALOG, buffered=True)
    client.get("/stream/broken", headers=CATALOG, buffered=False).close()
    assert requests(app, route="/stream/broken", status="500") == 1


def test_an_exception_that_leaves_the_application_is_a_failure(
    app: Flask, client: FlaskClient
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(RuntimeError):
        client.get("/failure", headers=CATALOG)
    assert requests(app, route="unmatched", status="500") == 1


def test_probes_are_not_traffic(app: Flask, client: FlaskClient) -> None:
    assert client.get("/livez").json == {"status": "alive"}
    assert client.get("/readyz").json == {"status": "ready"}
    client.get("/nothing")
    counted = [family for family in registry(app).collect() if family.name == "http_requests"]
    assert sum(sample.value for family in counted for sample in family.samples) == 1


def test_the_public_readiness_probe_keeps_the_reason_to_itself() -> None:
    app = create_app(Settings("sample", 1, "1.2.3"), ready="cannot reach db.internal")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready"})


@pytest.mark.parametrize("status", ["200", "500", "503"])
@pytest.mark.parametrize("consumer", ["catalog", "browser", "other"])
def test_what_alerts_count_is_there_before_it_happens(
    app: Flask, status: str, consumer: str
) -> None:
    assert requests(app, status=status, consumer=consumer) == 0


def test_durations_are_a_histogram_over_all_consumers(app: Flask, client: FlaskClient) -> None:
    client.get("/items/a", headers=CATALOG)
    client.get("/items/a")
    labels = {"api_version": "1", "method": "GET", "route": "/items/<name>", "status": "200"}
    value = registry(app).get_sample_value
    assert value("http_request_duration_seconds_count", labels) == 2
    assert value("http_request_duration_seconds_bucket", labels | {"le": "+Inf"}) == 2
    seconds = value("http_request_duration_seconds_sum", labels)
    assert seconds is not None
    assert seconds > 0


def test_build_and_sunset_are_told() -> None:
    leaving = create_app(
        Settings("sample", 1, "1.2.3", deprecation=DeprecationNotice(1, date(2027, 3, 1)))
    )
    staying = create_app(Settings("sample", 2, "2.0.0"))
    build = {"version": "1.2.3", "api_version": "1"}
    assert registry(leaving).get_sample_value("build_info", build) == 1
    assert registry(leaving).get_sample_value("api_sunset_timestamp_seconds") == 1803859200
    assert registry(staying).get_sample_value("api_sunset_timestamp_seconds") is None


def series(app: Flask) -> int:
    return sum(len(family.samples) for family in registry(app).collect())


def hostile_request(client: FlaskClient, dice: random.Random) -> int:
    junk = "".join(chr(dice.randrange(33, 0x24F)) for _ in range(dice.randrange(1, 40)))
    method = dice.choice(["GET", "POST", "PUT", "BREW", "".join(dice.choices("ABCDEFG", k=7))])
    path = dice.choice(["/items/", "/", "/stream/", "/moved/../", "//"]) + junk
    headers = {
        "User-Agent": f"{junk.encode().hex()}/1.0",
        "X-Request-Id": junk.encode().hex() * 9,
        f"X-{junk.encode().hex()}": "1",
    }
    raw = {"PATH_INFO": path.encode().decode("latin-1"), "RAW_URI": quote(path)}
    answer = client.open("/", method=method, headers=headers, environ_overrides=raw)
    return int(answer.status_code)


def test_ten_thousand_hostile_requests_leave_a_bounded_number_of_series(app: Flask) -> None:
    client, dice = app.test_client(), random.Random(1)
    before = series(app)
    statuses = {hostile_request(client, dice) for _ in range(2_000)}
    after = series(app)
    statuses |= {hostile_request(client, dice) for _ in range(8_000)}
    assert all(status < 500 for status in statuses)
    assert before < after
    # The same labels over and over: the first two thousand requests found all there are.
    assert series(app) <= after + 3 * 17
    pairs = sum(len(rule.methods or ()) for rule in app.url_map.iter_rules())
    fixed = 6 + 1  # reasons and build_info
    assert series(app) <= (pairs + 8) * 29 * (1 + 2 + 14) + fixed


def test_hostile_user_agents_cannot_grow_the_look_ups_without_end(app: Flask) -> None:
    client = app.test_client()
    for number in range(1_100):
        client.get("/items/a", headers={"User-Agent": f"scanner-{number}"})
    client.get("/items/a", headers=CATALOG)
    assert requests(app) == 1
    assert requests(app, consumer="other") == 1_100
    collector = app.wsgi_app
    assert isinstance(collector, Collector)
    assert len(collector.lookups) == MAX_LOOKUPS


def test_closing_twice_counts_once(app: Flask) -> None:
    answer = app.test_client().get("/items/a", headers=CATALOG, buffered=False)
    answer.close()
    answer.close()
    assert requests(app) == 1
