"""What does a release cost on a cluster, and does anybody notice when it changes?

Asked only of the cluster that CONTEXT names, in a shop of its own there. The phases are as make
tells.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.answer import Answer, BenchError
from load import client_types
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Traffic
from release import paths
from release.clients import http
from release.console import note
from release.model.names import Names
from release.toolchain import tools as programs
from release.toolchain.subprocesses import run

RATE = 100
_LAPTOP = paths.CHARTS / "environments" / "laptop"
_FOR_A_WHILE = {"storage": {"size": ""}}


@dataclass(frozen=True)
class Shop:
    """A shop on the cluster of CONTEXT."""

    context: str
    gateway: Gateway
    names: Names

    def make(self, target: str, **variables: object) -> str:
        """What the command noted. Raises BenchError when it fails."""
        given = {
            "TARGET": "kubernetes",
            "CONTEXT": self.context,
            "SHOP": self.names.shop,
            "GATEWAY": self.gateway.base,
        }
        done = subprocess.run(  # noqa: S603 - an argument list, never a shell
            ["make", target, *(f"{key}={value}" for key, value in (given | variables).items())],  # noqa: S607
            cwd=paths.ROOT,
            capture_output=True,
            text=True,
            timeout=280,
        )
        if done.returncode:
            raise BenchError(f"make {target}: {done.stderr.strip().splitlines()[-2:]}")
        return done.stderr

    def kubectl(self, *arguments: str) -> str:
        kubectl = programs.ensure(["kubectl"])["kubectl"]
        return run([kubectl, "--context", self.context, *arguments])

    def memory(self, namespace: str) -> float:
        """Megabytes that its pods work with, as their kubelets say."""
        total = 0
        for node in self.kubectl("get", "nodes", "-o", "name").split():
            path = f"/api/v1/nodes/{node.partition('/')[2]}/proxy/stats/summary"
            for pod in json.loads(self.kubectl("get", "--raw", path))["pods"]:
                if pod["podRef"]["namespace"] == namespace:
                    total += pod.get("memory", {}).get("workingSetBytes", 0)
        return total / 1e6


def measure() -> Answer:
    """A version beside another, then changes under load."""
    shop = _asked()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "postgresql.yaml"
        database.write_text(json.dumps(_FOR_A_WHILE))
        try:
            shop.make("platform", VALUES=database)
            return _measured(shop, Path(folder) / "values.yaml")
        finally:
            shop.make("down")
            gone = ("--ignore-not-found", "--wait=false")
            shop.kubectl("delete", "namespace", shop.names.shared, *gone)


def _measured(shop: Shop, changed: Path) -> Answer:
    small = _LAPTOP / "release.yaml"
    shop.make("deploy", VERSION=1, VALUES=small)
    begin = time.monotonic()
    said = shop.make("deploy", VERSION=2, VALUES=small)
    host = shop.gateway.versioned("catalog", 2)
    http.wait_until(lambda: http.answers(f"{shop.gateway.base}/", host=host), limit=60)
    whole = time.monotonic() - begin
    phases = {what: float(took) for what, took in re.findall(r"done +(.+?) +([\d.]+) s", said)}
    for what, took in phases.items():
        note(f"  {what}: {took:.1f} s")
    shop.make("merge", WEIGHT=50, VALUES=_LAPTOP / "entrypoint.yaml")
    memory = shop.memory(shop.names.version(2))
    changed.write_text(json.dumps({"replicas": 2, "stock": {"replicas": 2, "threads": 6}}))
    moments: dict[str, Callable[[], object]] = {
        "a rolling upgrade": lambda: shop.make("deploy", VERSION=2, VALUES=f"{small},{changed}"),
        "the deletion of a pod": lambda: _delete_one(shop),
        "a shift of weights": lambda: shop.make("merge", WEIGHT=100),
        "a decommission": lambda: shop.make("decommission", VERSION=1, WINDOW="1s", FORCE="bench"),
    }
    failed = requests = 0
    for what, change in moments.items():
        seen = _under_load(shop, change, ("v2-clients", "browsers"))
        note(f"  {what}: {seen.failed} of {seen.requests} requests failed")
        failed, requests = failed + seen.failed, requests + seen.requests
    return Answer(
        f"{whole:.0f} s from make to the first 200; {memory:.0f} MB a release; "
        f"{failed} of {requests} failed",
        "0 failed",
        failed == 0,
    )


def _delete_one(shop: Shop) -> None:
    stock = ("pods", "-l", "app.kubernetes.io/name=stock")
    namespace = shop.names.version(2)
    [first, *_] = shop.kubectl("-n", namespace, "get", *stock, "-o", "name").split()
    shop.kubectl("-n", namespace, "delete", first)


def _under_load(shop: Shop, change: Callable[[], object], clients: tuple[str, ...]) -> Recorder:
    hosts = client_types.find_hosts(shop.gateway)
    with Traffic(client_types.make_mix(shop.gateway, hosts, clients), RATE) as record:
        time.sleep(2)
        change()
        time.sleep(2)
    return record


def _asked() -> Shop:
    context, gateway = os.environ.get("CONTEXT"), os.environ.get("GATEWAY")
    if not context or not gateway:
        raise BenchError("CONTEXT and GATEWAY are missing: name a cluster")
    names = Names(f"bench-{secrets.token_hex(3)}")
    return Shop(context, Gateway(gateway, names.domain), names)
