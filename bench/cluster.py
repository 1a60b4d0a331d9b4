"""Measure a release on the cluster of CONTEXT, in a shop of its own, and its changes under load."""

import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import BenchError, Measurement
from bench.shop import Shop, step_seconds
from load import client_types
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Traffic
from release import paths
from release.clients import http
from release.console import note
from release.model.names import Names
from release.toolchain import tools
from release.toolchain.subprocesses import run

RATE = 100
_LAPTOP = paths.CHARTS / "environments" / "laptop"


@dataclass(frozen=True)
class ClusterShop(Shop):
    """A shop on the cluster of CONTEXT."""

    context: str
    names: Names

    def kubectl(self, *arguments: str) -> str:
        kubectl = tools.ensure(["kubectl"])["kubectl"]
        return run([kubectl, "--context", self.context, *arguments])

    def memory(self, namespace: str) -> float:
        """Return the megabytes of the working set of its pods, as the kubelets report them."""
        total = 0
        for node in self.kubectl("get", "nodes", "-o", "name").split():
            path = f"/api/v1/nodes/{node.partition('/')[2]}/proxy/stats/summary"
            for pod in json.loads(self.kubectl("get", "--raw", path))["pods"]:
                if pod["podRef"]["namespace"] == namespace:
                    total += pod.get("memory", {}).get("workingSetBytes", 0)
        return total / 1e6

    def delete_stock_pod(self) -> None:
        """Delete one pod of version 2's stock."""
        stock = ("-n", self.names.version(2), "-l", "app.kubernetes.io/name=stock", "-o", "name")
        first, *_ = self.kubectl("get", "pods", *stock).split()
        self.kubectl("-n", self.names.version(2), "delete", first)


def measure() -> Measurement:
    """Deploy a version beside another, then change it under load."""
    context, gateway = os.environ.get("CONTEXT"), os.environ.get("GATEWAY")
    if not context or not gateway:
        raise BenchError("CONTEXT and GATEWAY are missing: name a cluster")
    names = Names(f"bench-{secrets.token_hex(3)}")
    variables = {"CONTEXT": context, "SHOP": names.shop, "GATEWAY": gateway}
    shop = ClusterShop(
        Gateway(gateway, names.domain), {"TARGET": "kubernetes", **variables}, context, names
    )
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "postgresql.yaml"
        database.write_text(json.dumps({"storage": {"size": ""}}))
        try:
            shop.make("platform", VALUES=database)
            return _measure(shop, Path(folder) / "values.yaml")
        finally:
            shop.make("down")
            shop.kubectl("delete", "namespace", names.shared, "--ignore-not-found", "--wait=false")


def _measure(shop: ClusterShop, changed: Path) -> Measurement:
    small = _LAPTOP / "release.yaml"
    shop.make("deploy", VERSION=1, VALUES=small)
    begin = time.monotonic()
    _, notes = shop.make("deploy", VERSION=2, VALUES=small)
    host = shop.gateway.versioned("catalog", 2)
    http.wait_until(lambda: http.answers(f"{shop.gateway.base}/", host=host), limit=60)
    total = time.monotonic() - begin
    for step, seconds in step_seconds(notes).items():
        note(f"  {step}: {seconds} s")
    shop.make("merge", WEIGHT=50, VALUES=_LAPTOP / "entrypoint.yaml")
    memory = shop.memory(shop.names.version(2))
    changed.write_text(json.dumps({"replicas": 2, "stock": {"replicas": 2, "threads": 6}}))
    changes: dict[str, Callable[[], object]] = {
        "a rolling upgrade": lambda: shop.make("deploy", VERSION=2, VALUES=f"{small},{changed}"),
        "the deletion of a pod": shop.delete_stock_pod,
        "a shift of weights": lambda: shop.make("merge", WEIGHT=100),
        "a decommission": lambda: shop.make("decommission", VERSION=1, WINDOW="1s", FORCE="bench"),
    }
    records = {name: _run_under_load(shop, change) for name, change in changes.items()}
    for name, record in records.items():
        note(f"  {name}: {record.failed} of {record.requests} requests failed")
    failed = sum(record.failed for record in records.values())
    requests = sum(record.requests for record in records.values())
    return Measurement(
        f"{total:.0f} s from make to the first 200; {memory:.0f} MB a release; "
        f"{failed} of {requests} failed",
        "0 failed",
        failed == 0,
    )


def _run_under_load(shop: ClusterShop, change: Callable[[], object]) -> Recorder:
    hosts = client_types.find_hosts(shop.gateway)
    mix = client_types.make_mix(shop.gateway, hosts, ("v2-clients", "browsers"))
    with Traffic(mix, RATE) as record:
        time.sleep(2)
        change()
        time.sleep(2)
    return record
