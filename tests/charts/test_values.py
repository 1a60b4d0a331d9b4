"""What the values may be, and what is said when they are something else."""

import json
from typing import Any

import pytest
import yaml

from release.model import services
from tests.charts.rendering import CATALOG, CHARTS, DEPENDENTS, NEWEST, STOCK, VERSIONS, Helm

_LIBRARY = json.loads((CHARTS / "service" / "values.schema.json").read_text())
GLOBAL = set(_LIBRARY["properties"]["global"]["properties"])
REFUSED = {
    "replcas=3": "additional properties 'replcas' not allowed",
    "replicas=0": "at '/replicas': minimum: got 0, want 1",
    "replicas=many": "at '/replicas': got string, want integer",
    "faultInjection.enabled=perhaps": "at '/faultInjection/enabled': got string, want boolean",
    "antiAffinity=sometimes": "at '/antiAffinity': value must be one of 'none', 'preferred'",
    "extraEnv.THREADS=2": "invalid propertyName 'THREADS'",
    "global.deprecation.sunset=soon": "at '/global/deprecation/sunset': 'soon' does not match",
    "global.deprecation.link=javascript:x": "at '/global/deprecation/link': 'javascript:x' does",
    "global.deprecation.sunset=2027-03-01": "global.deprecation needs since, the Unix time",
    "global.colour=red": "at '/global': additional properties 'colour' not allowed",
    "global.port=0": "at '/global/port': minimum: got 0, want 1",
    "global.domain=Shop!": "at '/global/domain': 'Shop!' does not match",
    "networkPolicy.readers[0].host=example": "readers/0': additional properties 'host' not allowed",
    "preStopSleepSeconds=29": "catalog: terminationGracePeriodSeconds (30) must be at least 3 more",
    "stock.replcas=3": "stock:\n- at '': additional properties 'replcas' not allowed",
    "stock.database.secretName=": "at '/database'",
    "prometheus-operated.prometheus.scrapeInterval=60s": "at '/prometheus/scrapeInterval': '60s'",
    "prometheus-operated.prometheus.storage.size=lots": "at '/prometheus/storage/size': 'lots'",
    f"prometheus-operated.apiVersion={NEWEST + 1}": "but the version of the chart is",
    "stock.prometheus-operated.slack.chanel=x": "at '/slack': additional properties 'chanel'",
}


@pytest.mark.parametrize("setting", REFUSED)
def test_a_wrong_value_is_named(helm: Helm, setting: str) -> None:
    assert REFUSED[setting] in helm.refusal(CATALOG, "--set", setting)


def test_the_monitoring_by_itself_is_told_what_to_watch(helm: Helm) -> None:
    assert "give component and apiVersion" in helm.refusal("prometheus-operated")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://stock:horse@db/stock",
        "postgresql://stock:ho/rse@db/stock",
        "postgresql://stock:ho?rse#@db/stock",
        "postgresql+psycopg://:horse@db/stock",
        "postgresql://stock@db/stock?password=horse",
        "postgresql://stock@db/stock?sslmode=require&password=horse",
        "postgresql://db/stock?sslpassword=horse",
    ],
)
def test_a_password_is_no_value(helm: Helm, version: int, url: str) -> None:
    said = helm.refusal(f"stock/v{version}", "--set", f"database.url={url}")
    assert "stock: database.url holds a password; put the URL into a Secret" in said
    assert "rse" not in said


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////data/shop:1/inventory@today.db",
        "postgresql://stock@db:5432/stock?passfile=/run/secrets/pgpass",
        "postgresql://stock@[::1]:5432/stock",
    ],
)
def test_a_url_without_a_password_is_one(helm: Helm, url: str) -> None:
    release = helm.render(STOCK, "--set", f"database.url={url}")
    [container] = release.one("Deployment", "stock")["spec"]["template"]["spec"]["containers"]
    assert {"name": "DATABASE_URL", "value": url} in container["env"]


@pytest.mark.parametrize("chart", ["service", *DEPENDENTS])
def test_every_object_of_a_schema_lists_what_it_allows(chart: str) -> None:
    schema = json.loads((CHARTS / chart / "values.schema.json").read_text())
    left_to_others = {
        # That of the library chart, unless the chart has a narrower one.
        "global",
        "service",
        "prometheus-operated",
        "notice",
        *services.NAMES,
        "extraEnv",
        "labels",
        "evidence",
        "weights",
    }
    for path, each in objects(schema):
        if chart != "service" and path[-1:] and path[-1] in left_to_others:
            continue
        assert each.get("additionalProperties") is False, f"{chart}: {'.'.join(path)} is open"


@pytest.mark.parametrize("chart", DEPENDENTS)
def test_every_value_has_a_default_and_every_default_a_schema(chart: str) -> None:
    schema = json.loads((CHARTS / chart / "values.schema.json").read_text())
    values = yaml.safe_load((CHARTS / chart / "values.yaml").read_text())
    # A parent sets only what it means to change in a chart that it depends on.
    subcharts = {"service", "prometheus-operated", "notice", *services.NAMES}
    assert set(values) | subcharts == set(schema["properties"]) | subcharts
    for name in set(values) - subcharts:
        described = schema["properties"][name]
        reference = described.get("$ref", "").rpartition("/")[2]
        described = schema["$defs"].get(reference, described)
        if name == "global" and "properties" not in described:
            # An entry point and its notices are not deprecated.
            assert set(values[name]) | {"deprecation", "brownoutUntil"} == GLOBAL
            continue
        if isinstance(values[name], dict) and "properties" in described:
            if name == "change":  # written by the release tool, whole, for each revision
                continue
            assert set(values[name]) == set(described["properties"]), f"{chart}: {name}"


def test_the_charts_of_services_agree_on_what_they_share() -> None:
    shared = [
        json.loads((CHARTS / chart / "values.schema.json").read_text())
        for chart in DEPENDENTS
        if "/" in chart
    ]
    assert all(each["$defs"] == shared[0]["$defs"] for each in shared)
    common = set.intersection(*(set(each["properties"]) for each in shared)) - {"extraEnv"}
    for name in common:
        assert all(each["properties"][name] == shared[0]["properties"][name] for each in shared)


@pytest.mark.parametrize("chart", DEPENDENTS)
def test_every_value_has_a_comment_above_it(chart: str) -> None:
    lines = (CHARTS / chart / "values.yaml").read_text().splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        key, colon, value = line.partition(":")
        opens_a_group = colon and not value.strip()
        if key.strip() and not line.lstrip().startswith("#") and not opens_a_group:
            assert above.lstrip().startswith("# "), f"{chart}: nothing explains {line!r}"


def objects(schema: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found = []
    if schema.get("type") == "object":
        found.append((path, schema))
    for group in ("properties", "$defs"):
        for name, each in schema.get(group, {}).items():
            found += objects(each, (*path, name))
    return found
