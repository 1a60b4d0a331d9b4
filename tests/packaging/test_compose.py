"""docker-compose.yml: what it says, and the shop that it starts, asked as on the local target."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from release import paths
from release.errors import ToolError
from release.images import docker
from release.model import services
from release.toolchain.tools import ensure
from tests.conftest import ROOT, Shop, clean_environment, eventually, free_port
from tests.packaging import engine

REGISTRY = "127.0.0.1/test-compose"
# Their images cannot be made from packages.
LEFT_OUT = {"grafana", "broker", "broker-database"}
COMPONENTS = (
    *(f"{name}.v{number}" for number in paths.known_versions() for name in services.NAMES),
    "gateway.entrypoint",
)
DASHBOARDS = sorted((ROOT / "monitoring" / "dashboards").glob("*.json"))


@cache
def compose() -> tuple[str, ...]:
    """Compose as a plugin of docker, or as a program of its own."""
    try:
        plugin = (str(docker.find_docker()), "compose")
    except ToolError:
        plugin = ("docker", "compose")
    here = (words for words in (plugin, ("docker-compose",)) if shutil.which(words[0]))
    for words in here:
        if subprocess.run([*words, "version"], capture_output=True).returncode == 0:
            return words
    return engine.missing("no docker compose: apt-get install docker-compose")


def run(*argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*compose(), *argv], cwd=ROOT, env=clean_environment() | variables, capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, f"{argv}: {done.stdout}\n{done.stderr}"
    return done


@cache
def configuration() -> dict[str, Any]:
    """The file as compose reads it, with the broker's profile."""
    return dict(yaml.safe_load(run("--profile", "broker", "config").stdout))


@pytest.mark.parametrize("profile", [[], ["--profile", "broker"]], ids=["shop", "broker"])
def test_compose_accepts_the_file(profile: list[str]) -> None:
    assert run(*profile, "config", "--quiet").stderr == ""


def test_only_the_gateway_is_published_and_on_loopback() -> None:
    file = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    published = {name: each["ports"] for name, each in file["services"].items() if "ports" in each}
    assert published == {"gateway": ["127.0.0.1:${PORT:-8080}:8080"]}


def test_every_image_is_pinned_and_ours_are_those_of_the_charts() -> None:
    ours = set()
    for name, service in configuration()["services"].items():
        repository, _, tag = service["image"].rpartition(":")
        assert re.search(r"\d+\.\d+", tag), name
        if repository.startswith("docker.io/shop/"):
            ours.add(service["image"].removeprefix("docker.io/"))
    charts = [
        *(path for name in services.NAMES for path in ROOT.glob(f"charts/{name}/v*")),
        ROOT / "charts/notice",
    ]
    described = [yaml.safe_load((chart / "Chart.yaml").read_text()) for chart in charts]
    assert ours == {f"shop/{each['name']}:{each['appVersion']}" for each in described}


def test_containers_have_no_rights_and_no_secrets_of_their_own() -> None:
    for name, service in configuration()["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "privileged" not in service, name
        if name != "broker-database":  # changes to its own user at start
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
        for variable, value in (service.get("environment") or {}).items():
            assert not value or "PASSWORD" not in variable, name


def test_a_message_is_the_same_as_on_a_cluster() -> None:
    slack = yaml.safe_load((ROOT / "compose/alertmanager/slack.yaml").read_text())
    [message] = slack["receivers"][0]["slack_configs"]
    chart = ROOT / "charts" / "prometheus-operated" / "messages" / "slack.yaml"
    assert yaml.safe_load(chart.read_text()).items() <= message.items()


@pytest.mark.parametrize("name", ["none", "slack"])
def test_alertmanager_accepts_its_configurations(name: str) -> None:
    path = ROOT / "compose" / "alertmanager" / f"{name}.yaml"
    amtool = ensure(["amtool"])["amtool"]
    done = subprocess.run([amtool, "check-config", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def stand_ins() -> dict[str, tuple[list[Path], str]]:
    """For each third-party image: folders and programs of this machine's packages, and the lines of
    a Dockerfile that make of them what the official image does.
    """
    found = ensure(["traefik", "prometheus", "alertmanager"])
    packages = {name: path.resolve().parent for name, path in found.items()}
    alertmanager = packages["alertmanager"].parent / "usr"
    return {
        "traefik": (
            [found["traefik"]],
            'COPY traefik /usr/local/bin/traefik\nENTRYPOINT ["/usr/local/bin/traefik"]',
        ),
        "prom/prometheus": (
            [packages["prometheus"].parent / "usr" / "bin" / "prometheus"],
            "COPY prometheus /bin/prometheus\nRUN mkdir /prometheus && chown 65534 /prometheus\n"
            'ENTRYPOINT ["/bin/prometheus"]',
        ),
        "prom/alertmanager": (
            [alertmanager],
            'COPY usr /usr\nENTRYPOINT ["/usr/bin/prometheus-alertmanager"]',
        ),
    }


@pytest.fixture(scope="module")
def third_party(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The official names; what was made here under them is removed again."""
    wanted = {service["image"] for service in configuration()["services"].values()}
    made = []
    for name, (contents, lines) in stand_ins().items():
        [reference] = (image for image in wanted if image.startswith(f"{name}:"))
        if engine.exists(reference):
            continue
        context = tmp_path_factory.mktemp("context")
        for content in contents:
            copy = shutil.copytree if content.is_dir() else shutil.copy2
            copy(content, context / content.name)
        (context / "Dockerfile").write_text(f"FROM {engine.base()}\nUSER 0\n{lines}\n")
        engine.run("build", "--quiet", "--tag", reference, context)
        made.append(reference)
    yield
    for reference in made:
        engine.run("rmi", reference)


@pytest.fixture(scope="module")
def shop(third_party: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everything but Grafana and the broker, started as a person does."""
    words = ("images", f"BASE_IMAGE={engine.base()}", f"REGISTRY={REGISTRY}")
    built = engine.make(*words).stdout.split()
    shop = Shop(tmp_path_factory.mktemp("compose"), free_port())
    project = ("--project-name", f"tests-{shop.port}")
    variables = {"PORT": str(shop.port), "REGISTRY": REGISTRY}
    services = sorted(set(configuration()["services"]) - LEFT_OUT)
    try:
        run(*project, "up", "--detach", "--no-build", *services, **variables)
        eventually(lambda: shop.get("catalog.v1").status_code == 200, what="catalog 1")
        eventually(lambda: shop.get("catalog.v2").status_code == 200, what="catalog 2")
        yield shop
    finally:
        run(*project, "down", "--volumes", "--timeout", "5", **variables)
        engine.run("rmi", *built)


def test_both_versions_sell_from_one_inventory(shop: Shop) -> None:
    before = shop.get("stock.v2", "/t-shirts/surfer-t-shirt").json()["available"]
    sold = shop.request(
        "POST", "stock.v1", "/t-shirt/surfer-t-shirt/purchase", json={"quantity": 2}
    )
    assert sold.status_code == 201
    key = {"Idempotency-Key": "compose-1"}
    path = "/t-shirts/surfer-t-shirt/purchases"
    for _ in range(2):
        bought = shop.request("POST", "stock.v2", path, json={"quantity": 3}, headers=key)
        assert bought.status_code == 201
    assert shop.get("stock.v1", "/t-shirt/surfer-t-shirt").json()["quantity"] == before - 5
    json_only = {"Accept": "application/json"}
    page = shop.get("catalog.v2", "/products/surfer-t-shirt", headers=json_only).json()
    assert page["available"] == before - 5


def test_versions_do_not_speak_each_other_s_language(shop: Shop) -> None:
    assert shop.get("stock.v2", "/t-shirt").status_code == 404
    assert shop.get("stock.v1", "/t-shirts").status_code == 404
    assert shop.get("stock.v1", "/t-shirt/a%2fb").status_code == 400
    assert shop.get("nobody").status_code == 404


def test_one_host_serves_both_versions(shop: Shop) -> None:
    def merged(**headers: str) -> requests.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return visit(shop, names)

    cookies = {merged().headers["Set-Cookie"].partition(";")[0] for _ in range(4)}
    assert len(cookies) == 2
    for cookie in cookies:
        assert "Set-Cookie" not in merged(Cookie=cookie).headers
    accept = {"Accept": "application/json"}
    assert "t-shirts" in merged(API_Version="1", **accept).json()
    assert "items" in merged(API_Version="2", **accept).json()
    unknown = merged(API_Version="7", **accept)
    assert (unknown.status_code, unknown.json()["live"]) == (400, [1, 2])


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_has_a_prometheus_of_its_own(component: str, shop: Shop) -> None:
    eventually(
        lambda: [each["value"][1] for each in shop.query(component, "up")] == ["1"],
        what=f"{component} is scraped",
    )
    rules = shop.get(f"prometheus.{component}", "/api/v1/rules").json()["data"]["groups"]
    assert {group["name"] for group in rules} == {
        "availability",
        "remote-calls",
        "sunset",
        "suspicious",
    }
    assert all(rule["health"] != "err" for group in rules for rule in group["rules"])


def test_an_alert_reaches_the_alertmanager_of_its_component_only(shop: Shop) -> None:
    for _ in range(3):
        shop.get("catalog.v1", headers={"Suspicious-Header": "yes"})
    eventually(lambda: "httpRequestsSuspicious" in shop.alerts("catalog.v1"), what="the alert")
    assert shop.alerts("catalog.v2") == shop.alerts("stock.v1") == []


def panels() -> Iterator[tuple[str, str, str]]:
    """Title, data source and question of everything on the dashboards, as Grafana asks them: a
    variable stands for all the sources that it matches.
    """
    file = yaml.safe_load((ROOT / "compose/grafana/datasources/prometheus.yaml").read_text())
    known = [each["uid"] for each in file["datasources"]]
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text())
        patterns = {
            f"${{{each['name']}}}": each["regex"].strip("/")
            for each in dashboard["templating"]["list"]
        }
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                source = target["datasource"]["uid"]
                for uid in known:
                    if re.fullmatch(patterns.get(source, source), uid):
                        yield panel["title"], uid, target["expr"]


def test_every_panel_shows_something(shop: Shop) -> None:
    """Grafana itself is left out: its sources and questions are asked as it would ask them."""
    file = yaml.safe_load((ROOT / "compose/grafana/datasources/prometheus.yaml").read_text())
    hosts = {
        each["uid"]: each["url"].removeprefix("http://prometheus-").removesuffix(":9090")
        for each in file["datasources"]
    }
    components = {name.replace(".", "-").removesuffix("-entrypoint"): name for name in COMPONENTS}

    def empty() -> list[str]:
        for version in ("catalog.v1", "catalog.v2"):
            shop.get(version)
            visit(shop, {})
        asked = [(title, shop.query(components[hosts[uid]], expr)) for title, uid, expr in panels()]
        return [title for title, found in asked if not found]

    # Nothing ends yet, and nothing has failed at the gateway.
    unasked = {"days until the end", "share that fails"}
    eventually(lambda: set(empty()) <= unasked, limit=60, what="data on every panel")
    assert len(list(panels())) > 20


def visit(shop: Shop, headers: dict[str, str]) -> requests.Response:
    address = f"http://127.0.0.1:{shop.port}/"
    return requests.get(
        address, headers={"Host": "shop.localhost", **headers}, timeout=10, allow_redirects=False
    )
