"""What a pipeline calls, as a person would call it by hand; and all of it in one command."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from release.pipeline import repositories
from tests.conftest import Shop, copy_of_the_project, free_port
from tests.slack import Slack, slack_server


@pytest.fixture
def slack() -> Iterator[Slack]:
    with slack_server() as slack:
        yield slack


def helm() -> Path:
    return Path(os.environ.get("HELM") or shutil.which("helm") or "helm")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "VERSION is missing"),
        ({"VERSION": 9}, "VERSION='9' is not known: give one of 1, 2"),
        ({"VERSION": 2, "RELEASE_NAME": "other"}, "a release is named like its namespace, qv2"),
        ({"VERSION": 2, "NAMESPACE": "$(touch x)"}, "NAMESPACE="),
    ],
)
def test_bad_parameters_are_refused_before_anything_begins(
    shop: Shop, variables: dict[str, object], said: str
) -> None:
    refused = shop.make("deploy", check=False, DRY_RUN=1, **variables)
    assert refused.returncode != 0
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 2  # ours, and make's own


def test_good_parameters_are_not(shop: Shop) -> None:
    assert (
        "may be deployed to qv2"
        in shop.make("deploy", DRY_RUN=1, VERSION=2, RELEASE_NAME="qv2").stderr
    )
    assert shop.status()["releases"] == []


def test_a_release_is_asked_what_it_describes(both: Shop) -> None:
    said = both.tool("smoke-test", VERSION=1).stdout
    for path in ("catalog.v1.shop.localhost:{}/", "stock.v1.shop.localhost:{}/t-shirt"):
        assert f"200  http://{path.format(both.port)} " in said
    both.make("fault", VERSION=2, SERVICE="stock", ERRORS=1)
    failed = both.tool("smoke-test", check=False, VERSION=2)
    assert failed.returncode != 0
    assert re.search(r"error: \S*(catalog|stock)\.v2\.\S+: (status 50|no answer)", failed.stderr)
    both.make("fault", VERSION=2, SERVICE="stock", OFF=1)
    missing = both.tool("smoke-test", check=False, VERSION=2, NAMESPACE="trial")
    assert "trial is not deployed" in missing.stderr


def test_a_release_returns_to_what_it_was(tmp_path: Path) -> None:
    for shop, project in copy_of_the_project(tmp_path):
        shop.make("deploy", VERSION=2)
        page = project / "services" / "catalog" / "catalog" / "templates" / "base.html"
        page.write_text(page.read_text().replace("T-Shirt Shop", "Shirt Emporium"))
        shop.make("deploy", VERSION=2)
        assert "Shirt Emporium" in shop.get("catalog.v2").text
        assert "is back at revision 1" in shop.make("undo", VERSION=2).stderr
        assert "T-Shirt Shop" in shop.get("catalog.v2").text
        assert shop.status()["releases"][0]["revision"] == 3


def test_a_first_release_is_taken_down(shop: Shop) -> None:
    shop.make("deploy", VERSION=2)
    undone = shop.make("undo", VERSION=2)
    assert "release qv2 has no earlier revision: taking it down" in undone.stderr
    assert shop.status()["releases"] == []
    refused = shop.make("undo", check=False, VERSION=2)
    assert "qv2 is not deployed" in refused.stderr


def test_the_channel_is_told_and_nobody_sees_the_address(shop: Shop, slack: Slack) -> None:
    said = shop.tool(
        "notify", VERSION=2, MESSAGE="it's done; $(touch x)", SLACK_WEBHOOK_URL=slack.url
    )
    assert slack.told("#shop-v2", "it's done; $(touch x)")
    assert Slack.SECRET not in said.stdout + said.stderr
    assert "nobody is told" in shop.tool("notify", VERSION=2, MESSAGE="hello").stderr


def test_a_channel_that_cannot_be_told_is_named_and_the_address_is_not(
    shop: Shop, slack: Slack
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/services/{Slack.SECRET}"
    for address, why in (
        (f"{slack.url}-no-more", "the webhook answered 404"),
        (nobody, "ConnectionError"),
    ):
        away = shop.tool(
            "notify", check=False, VERSION=2, MESSAGE="hello", SLACK_WEBHOOK_URL=address
        )
        assert away.returncode != 0
        assert f"error: the message to #shop-v2 was not sent: {why}" in away.stderr
        assert Slack.SECRET not in away.stdout + away.stderr
    assert slack.messages == []


def test_weights_that_are_to_be_kept_are(both: Shop) -> None:
    both.make("merge")
    assert _weights(both) == [(1, 100), (2, 0)]
    both.make("merge", WEIGHT=30)
    both.make("merge")
    assert _weights(both) == [(1, 70), (2, 30)]


def _weights(shop: Shop) -> list[tuple[int, int]]:
    shares = shop.status()["entrypoint"]["shares"]
    return [(share["version"], share["weight"]) for share in shares]


@pytest.mark.usefixtures("chart_repositories")
def test_charts_from_the_repositories_are_those_of_the_working_tree(tmp_path: Path) -> None:
    for shop, project in copy_of_the_project(tmp_path):
        absent = shop.tool("helm-dependencies", check=False, VERSION=2)
        assert "nothing serves http://localhost:8878" in absent.stderr
        with repositories.served(helm(), 2, 0):
            shop.tool("helm-dependencies", VERSION=2)
            wrong = shop.tool("helm-dependencies", check=False, VERSION=1)
            assert "stock" in wrong.stderr
            template = project / "charts" / "stock" / "v2" / "templates" / "service.yaml"
            template.write_text(template.read_text() + "\n---\n# another\n" + ANOTHER)
            differs = shop.tool("helm-dependencies", check=False, VERSION=2)
        assert "in the repositories" in differs.stderr


ANOTHER = """apiVersion: v1
kind: ServiceAccount
metadata: {name: another}
"""


@pytest.mark.usefixtures("chart_repositories")
def test_the_whole_pipeline_runs_in_order_and_says_what_became_of_it(
    shop: Shop, tmp_path: Path
) -> None:
    # Docker may be here or not, and a base image too: that stage is tried in tests/packaging.
    done = shop.make(
        "pipeline",
        check=False,
        VERSION=1,
        TESTS="tests/docs/test_documents.py",
        REPORTS=tmp_path / "reports",
        DOCKER_HOST="unix:///nowhere",
    )
    rows = dict(re.findall(r"^ (\S.*?)  +(done|failed|left out|not reached)\b", done.stdout, re.M))
    assert rows["May we release?"] == rows["Deploy release"] == rows["Smoke test"] == "done"
    assert rows["Push images"] == rows["Merge and shift"] == rows["Build images"] == "left out"
    assert "SHIFT is not set" in done.stdout
    assert "no Docker engine answers" in done.stdout or "docker: not found" in done.stdout
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "reports" / "contracts.json").read_text())["pairs"]


def test_a_pipeline_ends_at_the_stage_that_fails(shop: Shop, tmp_path: Path, slack: Slack) -> None:
    with socket.create_server(("127.0.0.1", shop.port)):
        done = shop.make(
            "pipeline",
            check=False,
            VERSION=2,
            REPORTS=tmp_path / "reports",
            SLACK_WEBHOOK_URL=slack.url,
        )
    assert done.returncode != 0
    assert f"port {shop.port} is in use by" in done.stderr
    rows = dict(re.findall(r"^ (\S.*?)  +(done|failed|left out|not reached)\b", done.stdout, re.M))
    assert rows.pop("Checkout") == "failed"
    assert set(rows.values()) == {"not reached"}
    assert slack.told("#shop-v2", "failed at 'Checkout'")
    assert (tmp_path / "reports" / "contracts.json").exists()
    assert shop.status()["releases"] == []
