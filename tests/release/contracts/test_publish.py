"""A Pact Broker is told what is verified and what runs where, and nobody sees its secret."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.clients.credentials import BrokerAccess
from release.contracts import broker as pact_broker
from release.contracts.broker import Broker, BrokerError
from release.images import contents
from tests.conftest import ROOT, VERSIONS, Shop, clean_environment, free_port, open_shop
from tests.release.contracts.fake_broker import FakeBroker, fake_broker

SECRET = "a-token-that-nobody-should-see"
CATALOG, STOCK = "Catalog App", "Stock Service"


def number(service: str, version: int) -> str:
    return f"{version}.0.0+{contents.hash_image(service, version)[:16]}"


def publish(
    broker: FakeBroker | str, state: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    address = broker if isinstance(broker, str) else broker.address
    return subprocess.run(
        [
            "make",
            "contracts",
            "PUBLISH=1",
            f"PACT_BROKER_BASE_URL={address}",
            f"STATE={state}",
            *arguments,
        ],
        cwd=ROOT,
        env={**clean_environment(), "BRANCH": "main", "STATE": str(state), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return line


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    for shop in open_shop(tmp_path_factory.mktemp("publish")):
        shop.make("deploy", VERSION=1)
        yield shop


def test_pacts_results_and_deployments_are_told(deployed: Shop) -> None:
    with fake_broker(allowed=f"Bearer {SECRET}", secret=SECRET) as broker:
        done = publish(broker, deployed.state, PACT_BROKER_TOKEN=SECRET)
    assert done.returncode == 0, done.stderr
    catalogs = {version: number("catalog", version) for version in VERSIONS}
    stocks = {version: number("stock", version) for version in VERSIONS}
    for version in VERSIONS:
        written = (ROOT / f"contracts/pacts/catalog-v{version}--stock.json").read_text()
        assert broker.pacts[CATALOG, catalogs[version]] == json.loads(written)
        assert broker.versions[CATALOG, catalogs[version]] == f"main-v{version}"
        assert broker.versions[STOCK, stocks[version]] == f"main-v{version}"
    assert broker.results == {
        (catalogs[consumer], stocks[provider]): consumer == provider
        for consumer in VERSIONS
        for provider in VERSIONS
    }
    assert broker.environments == ["qv1"]
    assert sorted(broker.deployed) == [(CATALOG, catalogs[1], "qv1"), (STOCK, stocks[1], "qv1")]
    assert broker.seen == []
    assert SECRET not in done.stdout + done.stderr


def test_each_release_is_an_environment_of_its_own(deployed: Shop) -> None:
    deployed.make("deploy", VERSION=1, NAMESPACE="trial")
    with fake_broker(environments=["qv1"]) as broker:
        assert publish(broker, deployed.state).returncode == 0
        assert broker.environments == ["qv1", "trial"]
        assert {environment for _, _, environment in broker.deployed} == {"qv1", "trial"}
        again = publish(broker, deployed.state)
    assert again.returncode == 0, again.stderr
    assert broker.environments == ["qv1", "trial"]


def test_what_runs_and_was_never_published_is_named_and_not_recorded(deployed: Shop) -> None:
    missing = f"/pacticipants/{CATALOG}/versions/{number('catalog', 1)}"
    missing = missing.replace(" ", "%20").replace("+", "%2B")
    with fake_broker(failing={missing: (404, {})}) as broker:
        said = complaint(publish(broker, deployed.state))
    assert f"never published: qv1 ({CATALOG}" in said
    assert broker.deployed == []


def test_a_name_and_password_do_as_well(tmp_path: Path) -> None:
    # "Basic " and base64 of ada:a-password-that-nobody-should-see
    allowed = "Basic YWRhOmEtcGFzc3dvcmQtdGhhdC1ub2JvZHktc2hvdWxkLXNlZQ=="
    password = "a-password-that-nobody-should-see"
    with fake_broker(allowed=allowed, secret=password) as broker:
        secrets = {"PACT_BROKER_USERNAME": "ada", "PACT_BROKER_PASSWORD": password}
        done = publish(broker, tmp_path / "state", **secrets)
    assert done.returncode == 0, done.stderr
    assert len(broker.pacts) == 2
    assert broker.seen == []
    assert password not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"allowed": "Bearer other"}, "401, it does not let us in: look at PACT_BROKER_TOKEN"),
        ({"version": "2.119.9"}, "Pact Broker 2.119.9 is too old, 2.120.0 is needed"),
        ({"version": ""}, "no Pact Broker, or one that does not tell its version"),
        ({"elsewhere": "http://127.0.0.1:1"}, "it sends us to http://127.0.0.1:1/"),
        ({"failing": {"/": (404, {})}}, "404 for /"),
        ({"failing": {"/": (302, "http://127.0.0.1:1/")}}, "302 for /"),
        ({"failing": {"/": (200, "<html>")}}, "/ is no JSON"),
        (
            {"failing": {"/contracts/publish": (409, {"errors": {"content": ["Cannot change"]}})}},
            "409 for /contracts/publish: Cannot change",
        ),
        ({"failing": {"/contracts/publish": (503, "")}}, "503 for /contracts/publish"),
    ],
)
def test_a_broker_that_refuses_is_one_line(
    tmp_path: Path, how: dict[str, object], words: str
) -> None:
    with fake_broker(**how) as broker:
        said = complaint(publish(broker, tmp_path / "state", PACT_BROKER_TOKEN=SECRET))
    assert words in said
    assert SECRET not in said


def test_a_broker_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    said = complaint(publish(f"http://127.0.0.1:{free_port()}", tmp_path / "state"))
    assert "cannot be reached: Connection refused" in said.replace("[Errno 111] ", "")


def test_a_broker_that_says_nothing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pact_broker, "ANSWER", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(BrokerError, match="no answer in time"):
            Broker(BrokerAccess(address))


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([f"PACT_BROKER_TOKEN={SECRET}"], {}, "PACT_BROKER_TOKEN: a command line is visible"),
        (["PACT_BROKER_BASE_URL=ftp://x"], {}, "PACT_BROKER_BASE_URL: give an address like"),
        (["PACT_BROKER_BASE_URL=http://me:pw@x"], {}, "PACT_BROKER_BASE_URL: give an address like"),
        (["PACT_BROKER_BASE_URL="], {}, "PACT_BROKER_BASE_URL is missing"),
        (["BRANCH=$(id)"], {}, "BRANCH='$(id)': give a branch's name"),
        ([], {"PACT_BROKER_TOKEN": "two words"}, "PACT_BROKER_TOKEN has characters"),
        ([], {"PACT_BROKER_USERNAME": "ada"}, "PACT_BROKER_PASSWORD: give both"),
        (
            [],
            {"PACT_BROKER_TOKEN": "t", "PACT_BROKER_USERNAME": "a", "PACT_BROKER_PASSWORD": "p"},
            "PACT_BROKER_TOKEN: give either this, or PACT_BROKER_USERNAME",
        ),
    ],
)
def test_settings_that_make_no_sense_are_named_and_nothing_is_sent(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], words: str
) -> None:
    with fake_broker() as broker:
        said = complaint(publish(broker, tmp_path / "state", *arguments, **environment))
    assert words in said
    assert SECRET not in said
    assert broker.requests == []
