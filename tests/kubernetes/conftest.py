"""One shop for a whole run, beside those that the cluster has; it leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT, eventually
from tests.kubernetes.cluster import ENTRYPOINT, Shop, of_environment

# Without a cluster there is nothing to ask: make test leaves these alone.
collect_ignore_glob = [] if os.environ.get("CONTEXT") else ["test_*.py"]


@pytest.fixture(scope="session")
def empty() -> Iterator[Shop]:
    """A shop with an inventory and no release."""
    shop = of_environment()
    if there := shop.there():
        said = f"SHOP={shop.names.shop} is there already ({', '.join(there)}): not touched"
        pytest.exit(said, 2)
    try:
        values = str(ROOT / "tests" / "kubernetes" / "postgresql.yaml")
        shop.make("platform", VALUES=values)
        yield shop
    finally:
        shop.make("down")
        shop.kubectl("delete", "namespace", shop.names.shared, "--ignore-not-found")
        for name in shop.spaces:
            shop.kubectl("wait", f"namespace/{name}", "--for=delete", "--timeout=120s", check=False)
    assert shop.there() == []


@pytest.fixture(scope="session")
def both(empty: Shop) -> Shop:
    """Both versions, side by side."""
    for version in (1, 2):
        if not empty.get(empty.names.version(version), "deployments"):
            empty.deploy(version)
    return empty


@pytest.fixture
def live(both: Shop) -> Shop:
    """Both versions, whatever a test before took away."""
    for version in (1, 2):
        if not both.get(both.names.version(version), "deployments"):
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
    name = empty.elsewhere
    empty.kubectl("create", "namespace", name)
    yield name
    empty.kubectl("delete", "namespace", name, "--wait=false")
    eventually(lambda: "NotFound" in empty.kubectl("get", "ns", name, check=False), limit=90)
