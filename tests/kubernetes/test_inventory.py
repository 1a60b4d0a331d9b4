"""`make platform` keeps what was chosen for the inventory, and puts back what ran."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from release.model.names import Names
from tests.kubernetes.cluster import Shop

VALUES = str(Path(__file__).with_name("postgresql.yaml"))


@pytest.fixture(scope="module")
def own(empty: Shop) -> Iterator[Shop]:
    """Another shop, which has an inventory and nothing else: its server is exchanged."""
    shop = replace(empty, names=Names.of(f"{empty.names.shop}-3"))
    try:
        shop.make("platform", VALUES=VALUES)
        yield shop
    finally:
        shop.kubectl("delete", "namespace", shop.names.shared, "--ignore-not-found")


def pod(shop: Shop) -> dict[str, Any]:
    [found] = shop.get(shop.names.shared, "pods")
    return found


def test_a_later_run_without_values_changes_nothing(own: Shop) -> None:
    before = pod(own)["metadata"]["uid"]
    own.make("platform")
    [server] = own.get(own.names.shared, "statefulsets")
    assert "volumeClaimTemplates" not in server["spec"]
    assert pod(own)["metadata"]["uid"] == before


def test_an_image_that_cannot_be_pulled_is_taken_back(own: Shop, tmp_path: Path) -> None:
    usual = pod(own)["spec"]["containers"][0]["image"]
    values = tmp_path / "values.yaml"
    values.write_text(json.dumps({"image": {"repository": "registry.invalid/postgres"}}))
    done = own.make("platform", check=False, VALUES=str(values))
    assert done.returncode == 2
    [line] = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: the inventory did not become ready: pod postgresql-0: ")
    assert "registry.invalid/postgres" in line
    assert line.endswith(" keeps running")
    found = pod(own)
    assert found["spec"]["containers"][0]["image"] == usual
    assert all(status["ready"] for status in found["status"]["containerStatuses"])
    # What was refused is not what was chosen.
    own.make("platform")
    assert pod(own)["metadata"]["uid"] == found["metadata"]["uid"]
