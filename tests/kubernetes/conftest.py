"""One shop for a whole run; it refuses a cluster that has one, and leaves none behind."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT, eventually
from tests.kubernetes.cluster import ENTRYPOINT, Shop, of_environment

# Without a cluster there is nothing to ask: make test leaves these alone.
collect_ignore_glob = [] if os.environ.get("CONTEXT") else ["test_*.py"]
SPACES = ("entrypoint", "qv1", "qv2", "shop")


@pytest.fixture(scope="session")
def empty() -> Iterator[Shop]:
    """A cluster with an inventory and no release."""
    shop = of_environment()
    if there := namespaces(shop):
        pytest.exit(f"the cluster has a shop already ({', '.join(there)}): not touched", 2)
    try:
        values = str(ROOT / "tests" / "kubernetes" / "postgresql.yaml")
        shop.make("platform", VALUES=values)
        yield shop
    finally:
        shop.make("down")
        shop.kubectl("delete", "namespace", "shop", "--ignore-not-found")
        for name in SPACES:
            shop.kubectl("wait", f"namespace/{name}", "--for=delete", "--timeout=120s", check=False)
    assert namespaces(shop) == []


def namespaces(shop: Shop) -> list[str]:
    """Those of the shop that are there."""
    found = shop.kubectl("get", "namespaces", "--output", "name").split()
    return [name for name in SPACES if f"namespace/{name}" in found]


@pytest.fixture(scope="session")
def both(empty: Shop) -> Shop:
    """Both versions, side by side."""
    for version in (1, 2):
        if not empty.get(f"qv{version}", "deployments"):
            empty.deploy(version)
    return empty


@pytest.fixture
def live(both: Shop) -> Shop:
    """Both versions, whatever a test before took away."""
    for version in (1, 2):
        if not both.get(f"qv{version}", "deployments"):
            both.deploy(version)
    return both


@pytest.fixture
def merged(live: Shop) -> Shop:
    """Both behind one host, half and half."""
    live.make("merge", WEIGHT=50, VALUES=ENTRYPOINT)
    return live


@pytest.fixture
def space(empty: Shop) -> Iterator[str]:
    """A namespace of a test's own, that nothing of the shop is in."""
    name = "elsewhere"
    empty.kubectl("create", "namespace", name)
    yield name
    empty.kubectl("delete", "namespace", name, "--wait=false")
    eventually(lambda: "NotFound" in empty.kubectl("get", "ns", name, check=False), limit=90)
