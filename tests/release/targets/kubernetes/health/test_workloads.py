"""When what an operator makes counts as ready: not before it was made of what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import workloads

HERE = "/namespaces/qv1"
ALERTMANAGER = {"kind": "Alertmanager", "metadata": {"name": "catalog"}}


@pytest.fixture
def cluster(server: Api) -> Iterator[Api]:
    yield server
    server.delete("/")


def given(api: Api, spec: str | None, *, seen: int = 2, reconciled: bool = True) -> None:
    """An Alertmanager in its second generation, and what the operator says of it."""
    conditions = [
        {"type": "Available", "status": "True", "observedGeneration": seen},
        {
            "type": "Reconciled",
            "status": str(reconciled),
            "observedGeneration": seen,
            "message": "it cannot be",
        },
    ]
    metadata = {"name": "catalog", "generation": 2, **annotated(spec)}
    item = {"metadata": metadata, "status": {"conditions": conditions}}
    api.create(f"/apis/monitoring.coreos.com/v1{HERE}/alertmanagers", item)


def made(api: Api, spec: str | None) -> None:
    """The operator's StatefulSet, with its only pod ready."""
    item = {
        "metadata": {"name": "alertmanager-catalog", "generation": 1, **annotated(spec)},
        "spec": {"replicas": 1},
        "status": {
            "observedGeneration": 1,
            "replicas": 1,
            "updatedReplicas": 1,
            "readyReplicas": 1,
            "availableReplicas": 1,
        },
    }
    api.create(f"/apis/apps/v1{HERE}/statefulsets", item)


def annotated(spec: str | None) -> dict[str, Any]:
    return {"annotations": {"parallel-releases/spec": spec}} if spec else {}


def lacking(api: Api) -> list[str]:
    return workloads.list_unready(api, "qv1", [ALERTMANAGER])


@pytest.mark.parametrize("was", ["old", None])
def test_an_operator_that_says_so_before_it_acts_is_waited_for(
    cluster: Api, was: str | None
) -> None:
    given(cluster, "new")
    made(cluster, was)
    said = "Alertmanager catalog was not taken up by the Prometheus Operator yet"
    assert lacking(cluster) == [said]


@pytest.mark.parametrize(("asked", "is_of"), [("new", "new"), (None, "old"), (None, None)])
def test_what_was_made_of_it_counts(cluster: Api, asked: str | None, is_of: str | None) -> None:
    """So does that of a release from before there was such an annotation."""
    given(cluster, asked)
    made(cluster, is_of)
    assert lacking(cluster) == []


def test_it_is_waited_for_until_it_is_there(cluster: Api) -> None:
    given(cluster, "new")
    said = "Alertmanager catalog was not taken up by the Prometheus Operator yet"
    assert lacking(cluster) == [said]


def test_what_it_refuses_is_said_first(cluster: Api) -> None:
    given(cluster, "new", reconciled=False)
    assert lacking(cluster) == ["Alertmanager catalog: it cannot be"]


def test_a_generation_that_it_has_not_seen_is_waited_for(cluster: Api) -> None:
    given(cluster, "new", seen=1)
    made(cluster, "new")
    said = "Alertmanager catalog was not seen by the Prometheus Operator yet"
    assert lacking(cluster) == [said]
