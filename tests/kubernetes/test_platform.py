"""Prerequisites come from their chart repositories, pinned, and with our settings."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from release.targets.kubernetes.admin.doctor import processor_time
from release.targets.kubernetes.admin.prerequisites import Prerequisite, prerequisites
from release.targets.kubernetes.helm.helm_cli import Helm
from tests.charts.rendering import program
from tests.kubernetes.cluster import PYTHON, Shop

PINNED = prerequisites("kind-shop")
# Stands in for the official chart: says what it was installed with.
TEMPLATE = """apiVersion: v1
kind: ConfigMap
metadata: {name: installed-as-{{ .Chart.Name }}}
data: {values: {{ .Values | toJson | quote }}, version: {{ .Chart.Version }}}
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def repository(empty: Shop, tmp_path: Path) -> Iterator[str]:
    """A chart repository with a stand-in for each prerequisite."""
    served = tmp_path / "served"
    served.mkdir()
    for item in PINNED:
        chart = tmp_path / item.chart
        (chart / "templates").mkdir(parents=True)
        described = {"apiVersion": "v2", "name": item.chart, "version": item.version}
        (chart / "Chart.yaml").write_text(json.dumps(described))
        (chart / "templates" / "configmap.yaml").write_text(TEMPLATE)
        empty.helm("package", str(chart), "--destination", str(served))
    empty.helm("repo", "index", str(served))
    handler = partial(Quiet, directory=str(served))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("item", PINNED, ids=lambda item: item.name)
def test_a_prerequisite_comes_from_its_repository(
    empty: Shop, space: str, repository: str, item: Prerequisite
) -> None:
    helm = Helm(Path(program("helm")), empty.context)
    replace(item, namespace=space, repository=repository).install(helm)
    [made] = [
        each["data"]
        for each in empty.get(space, "configmaps")
        if each["metadata"]["name"] == f"installed-as-{item.chart}"
    ]
    assert made["version"] == item.version
    assert json.loads(made["values"]).items() >= item.values.items()


def test_what_is_there_stays_as_it_is(empty: Shop) -> None:
    values = str(Path(__file__).with_name("postgresql.yaml"))
    said = empty.make("platform", VALUES=values).stderr
    for item in PINNED:
        assert f"{item.name}: the cluster knows {item.provides} already" in said


@pytest.mark.parametrize(
    ("requests", "advised"), [({"memory": "32Mi"}, True), ({"cpu": "10m"}, False)]
)
def test_a_gateway_that_may_be_starved_is_noticed(
    empty: Shop, space: str, requests: dict[str, str], advised: bool
) -> None:
    container = {"name": "traefik", "image": PYTHON, "resources": {"requests": requests}}
    spec = {"containers": [container], "automountServiceAccountToken": False}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gateway"}, "spec": spec}
    empty.kubectl("--namespace", space, "create", "-f", "-", stdin=json.dumps(pod))
    [finding] = processor_time("Traefik", empty.get(space, "pods"))
    assert ("cpu: 200m" in finding.advice) == advised
    assert not finding.advice or finding.state == "pod gateway requests none"
    assert not finding.needed or not finding.advice
