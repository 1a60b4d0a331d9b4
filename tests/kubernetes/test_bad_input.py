"""What is wrong is said in one line that names object and reason; what ran before runs on."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import free_port
from tests.kubernetes.cluster import RELEASE, Shop, of_another

UNPULLED = "(ErrImagePull|ImagePullBackOff): "
"""The kubelet tries again now and then, and says the first of it again."""


def refusal(shop: Shop, target: str = "deploy", **variables: Any) -> str:
    """The one line that make says when it fails."""
    return line_of(stderr(shop, target, **variables))


def stderr(shop: Shop, target: str = "deploy", **variables: Any) -> str:
    """All that make says when it fails."""
    done = shop.make(target, check=False, **variables)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def line_of(said: str) -> str:
    # Make's own verdict tells how the command ended.
    [verdict] = [line for line in said.splitlines() if line.startswith("make: ***")]
    [line] = [line for line in said.splitlines() if line.startswith("error: ")]
    return f"{line.removeprefix('error: ')} ({verdict.rpartition(' ')[2]})"


def serving(shop: Shop) -> None:
    assert shop.ask("catalog.v1").status_code == 200
    assert shop.ask("stock.v1", "/t-shirt").status_code == 200


def failing(shop: Shop, folder: Path, values: dict[str, Any]) -> str:
    """The one line that `attempt` says."""
    return line_of(attempt(shop, folder, values))


def attempt(shop: Shop, folder: Path, values: dict[str, Any]) -> str:
    """Deploy version 1 with values that cannot work; the revision that serves stays the same."""
    path = folder / "values.yaml"
    path.write_text(json.dumps(values))

    def deployed() -> list[str]:
        found = shop.get(shop.names.version(1), "deployments")
        return [json.dumps(each["spec"]["template"]["spec"]["containers"]) for each in found]

    before = deployed()
    said = stderr(shop, VERSION=1, VALUES=f"{RELEASE},{path}")
    assert deployed() == before
    serving(shop)
    return said


def test_no_context(empty: Shop) -> None:
    said = refusal(empty, VERSION=1, CONTEXT="")
    assert said.startswith("CONTEXT is missing: name the cluster, as in CONTEXT=kind-shop")
    assert said.endswith("(2)")


def test_another_context(empty: Shop) -> None:
    said = refusal(empty, VERSION=1, CONTEXT="production")
    assert said.startswith("CONTEXT=production is not in the kubeconfig, which has: ")
    assert empty.context in said


def test_no_cluster(empty: Shop, tmp_path: Path) -> None:
    nowhere = {"server": f"https://127.0.0.1:{free_port()}"}
    environment = of_another(empty, tmp_path, nowhere, {})
    said = refusal(empty, VERSION=1, environment=environment)
    assert said.startswith(f"the cluster of CONTEXT={empty.context} does not answer: ")
    assert "connection refused" in said


class Bare(BaseHTTPRequestHandler):
    """An API server that knows nothing but what every cluster has."""

    def do_GET(self) -> None:
        body = json.dumps({"kind": "Status", "status": "Failure", "code": 404}).encode()
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def bare() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Bare) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_cluster_without_the_operator(empty: Shop, tmp_path: Path, bare: str) -> None:
    environment = of_another(empty, tmp_path, {"server": bare}, {"token": "any"})
    said = refusal(empty, VERSION=1, environment=environment)
    assert "does not know monitoring.coreos.com/v1: the Prometheus Operator is missing" in said
    assert "make platform" in said


def test_a_caller_with_too_few_rights(both: Shop, space: str, tmp_path: Path) -> None:
    both.kubectl("--namespace", space, "create", "serviceaccount", "guest")
    token = both.kubectl("--namespace", space, "create", "token", "guest").strip()
    environment = of_another(both, tmp_path, {}, {"token": token})
    said = refusal(both, VERSION=1, environment=environment)
    assert f'User "system:serviceaccount:{space}:guest" cannot' in said
    assert said.endswith("(1)")
    missing = both.make("doctor", check=False, environment=environment).stdout
    assert "missing  your rights in the whole cluster: without namespaces (create)\n" in missing
    for namespace in (both.names.version(1), both.names.entrypoint, "traefik"):
        assert f"missing  your rights in {namespace}: without " in missing
    serving(both)


def test_an_image_that_cannot_be_pulled(both: Shop, tmp_path: Path) -> None:
    said = failing(both, tmp_path, {"image": {"tag": "9.9.9"}})
    assert f"{both.names.version(1)} did not become ready: pod catalog-" in said
    assert re.search(rf"{UNPULLED}.*shop/catalog:9\.9\.9", said), said
    assert "keeps running" in said
    assert said.endswith("(1)")


@pytest.mark.parametrize("component", [["stock"], []])
def test_an_image_of_other_sources_than_were_verified(
    both: Shop, tmp_path: Path, component: list[str]
) -> None:
    """Stock's migration refuses it, and catalog's process."""
    values: dict[str, Any] = {"image": {"content": "stock-v1-0123456789abcdef"}}
    for name in component:
        values = {name: values}
    said = attempt(both, tmp_path, values)
    assert f"{both.names.version(1)} did not become ready: pod " in line_of(said)
    assert "IMAGE_CONTENT=stock-v1-0123456789abcdef, but this image is " in said


def test_a_value_that_the_schema_does_not_allow(both: Shop, tmp_path: Path) -> None:
    said = failing(both, tmp_path, {"replicas": 0})
    assert "at '/replicas': minimum: got 0, want 1" in said


def test_a_container_that_ends_at_once(both: Shop, tmp_path: Path) -> None:
    said = failing(both, tmp_path, {"extraEnv": {"PYTHONHOME": "/nowhere"}})
    assert f"{both.names.version(1)} did not become ready: pod catalog-" in said
    assert "CrashLoopBackOff" in said


def test_a_migration_that_fails(both: Shop, tmp_path: Path) -> None:
    said = failing(both, tmp_path, {"stock": {"extraEnv": {"PYTHONHOME": "/nowhere"}}})
    assert f"{both.names.version(1)} did not become ready: pod stock-migration-" in said
    # It does not try again, for a release that was taken back.
    assert both.get(both.names.version(1), "jobs") == []


def test_a_secret_that_is_not_there(both: Shop, tmp_path: Path) -> None:
    """Its pod is scheduled, and waits for a volume without any complaint of its own."""
    slack = {"slack": {"secretName": "nowhere"}}
    said = failing(both, tmp_path, {"prometheus-operated": slack})
    assert f"{both.names.version(1)} did not become ready: pod alertmanager-catalog-0" in said
    assert "FailedMount" in said
    assert 'secret "nowhere" not found' in said


def test_pods_that_a_quota_does_not_allow(both: Shop, tmp_path: Path) -> None:
    namespace = both.names.version(1)
    both.kubectl("-n", namespace, "create", "quota", "small", "--hard=pods=7")
    try:
        said = failing(both, tmp_path, {"replicas": 3})
    finally:
        both.kubectl("-n", namespace, "delete", "quota", "small")
    assert "FailedCreate" in said
    assert "exceeded quota: small" in said


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (
            "9.9.9",
            "Prometheus catalog: ReconciliationFailed: unsupported Prometheus version",
        ),
        ("3.11.99", rf"pod prometheus-catalog-0: {UNPULLED}.*3\.11\.99"),
    ],
)
def test_half_an_upgrade_is_taken_back(
    both: Shop, tmp_path: Path, version: str, reason: str
) -> None:
    """Everything but the operator's Prometheus becomes ready; Helm would not notice."""
    said = failing(both, tmp_path, {"prometheus-operated": {"prometheus": {"version": version}}})
    assert re.search(reason, said), said
    namespace = both.names.version(1)
    found = {each["metadata"]["name"]: each for each in both.get(namespace, "prometheuses")}
    assert found["catalog"]["spec"]["version"] != f"v{version}"
    pods = {each["metadata"]["name"]: each for each in both.get(namespace, "pods")}
    pod = pods["prometheus-catalog-0"]
    assert all(status["ready"] for status in pod["status"]["containerStatuses"])
