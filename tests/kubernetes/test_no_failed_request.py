"""Replacing and losing pods under load costs no request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from load import client_types
from load.stats import Recorder
from load.traffic import Traffic
from tests.conftest import eventually
from tests.kubernetes.cluster import RELEASE, Shop

RATE = 100


@contextmanager
def clients(shop: Shop) -> Iterator[Recorder]:
    """Everybody, all the time; they have the answer to the last request when the block ends."""
    hosts = client_types.find_hosts(shop.clients)
    with Traffic(
        client_types.make_mix(shop.clients, hosts, client_types.CLIENT_TYPES), RATE
    ) as record:
        yield record


def nothing_failed(record: Recorder) -> bool:
    assert record.requests > RATE
    return [str(failure) for failure in record.failures] == []


def leaving(shop: Shop, namespace: str) -> list[str]:
    """Pods that are on their way out."""
    pods = [each["metadata"] for each in shop.get(namespace, "pods")]
    return [each["name"] for each in pods if "deletionTimestamp" in each]


@pytest.mark.parametrize("version", [1, 2])
def test_a_rolling_upgrade(live: Shop, tmp_path: Path, version: int) -> None:
    changed = tmp_path / "values.yaml"
    changed.write_text(json.dumps({"threads": 6, "stock": {"threads": 6}}))
    with clients(live) as record:
        live.deploy(version, VALUES=f"{RELEASE},{changed}")
        eventually(lambda: leaving(live, live.names.version(version)) == [], limit=60)
    assert nothing_failed(record), record.failures[:5]


@pytest.mark.parametrize("service", ["catalog", "stock"])
def test_the_deletion_of_a_pod(live: Shop, tmp_path: Path, service: str) -> None:
    several = tmp_path / "values.yaml"
    several.write_text(json.dumps({"replicas": 2, "stock": {"replicas": 2}}))
    live.deploy(2, VALUES=f"{RELEASE},{several}")
    namespace = live.names.version(2)
    with clients(live) as record:
        found = live.get(namespace, "pods", **{"app.kubernetes.io/name": service})
        gone = leaving(live, namespace)
        [first, *_] = [name for each in found if (name := each["metadata"]["name"]) not in gone]
        live.kubectl("-n", namespace, "delete", "pod", first)
        live.kubectl("-n", namespace, "rollout", "status", f"deployment/{service}", "--timeout=90s")
    assert nothing_failed(record), record.failures[:5]
    assert live.get(namespace, "poddisruptionbudgets")


def test_a_shift_of_weights(merged: Shop) -> None:
    with clients(merged) as record:
        for weight in (0, 30, 100, 0):
            merged.make("merge", WEIGHT=weight)
    assert nothing_failed(record), record.failures[:5]
