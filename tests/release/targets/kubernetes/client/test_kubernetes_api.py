"""What a control plane that is away for a moment does to a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release.clients import http
from release.errors import ReleaseError, UnansweredError
from release.targets.kubernetes.client import kubernetes_api, lease
from release.targets.kubernetes.client.kubernetes_api import Api

HERE = "/api/v1/namespaces/qv1"
CHANGING = "/apis/coordination.k8s.io/v1/namespaces/qv1/leases/changing"


@pytest.fixture
def cluster(kubectl: Path) -> Api:
    """One that has not been asked anything yet, and has a namespace."""
    found = Api(kubectl, "kind-shop", {})
    address = found.proxied("", "").partition("/api/")[0]
    http.session.post(f"{address}/api/v1/namespaces", json={"metadata": {"name": "qv1"}})
    return found


def trouble(status: int, times: int, message: str = "") -> None:
    body = {"metadata": {"name": "next"}, "status": status, "times": times, "message": message}
    http.session.post("http://cluster.invalid/troubles", json=body)


@pytest.mark.parametrize("status", [0, 429, 502, 503])
def test_a_question_is_repeated(cluster: Api, status: int) -> None:
    assert cluster.get(HERE)
    trouble(status, times=2)
    found: Any = cluster.get(HERE)
    assert found["metadata"]["name"] == "qv1"


@pytest.mark.parametrize("status", [0, 503])
def test_not_for_ever(cluster: Api, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_api, "_REPEATED", 0)
    assert cluster.get(HERE)
    trouble(status, times=100)
    with pytest.raises(UnansweredError, match="the cluster of CONTEXT=kind-shop"):
        cluster.get(HERE)


@pytest.mark.parametrize("status", [0, 503])
def test_a_cluster_that_never_answered_is_asked_once(cluster: Api, status: int) -> None:
    trouble(status, times=1)
    with pytest.raises(UnansweredError, match="the cluster of CONTEXT=kind-shop"):
        cluster.get(HERE)
    assert cluster.get(HERE)


def test_what_the_server_says_about_the_question_is_its_answer(cluster: Api) -> None:
    assert cluster.get(HERE)
    trouble(500, times=1)
    with pytest.raises(ReleaseError, match="refuses GET"):
        cluster.get(HERE)


def hold_and_lose(cluster: Api, monkeypatch: pytest.MonkeyPatch, doing: str) -> None:
    """Hold the lock, and find nobody to give it back to."""
    monkeypatch.setattr(kubernetes_api, "_REPEATED", 0)
    with lease.hold(cluster, "qv1", "changing", doing):
        trouble(503, times=100)
    cluster.delete("/troubles/next")


def test_a_lock_that_cannot_be_given_back_does_not_undo_what_was_done(
    cluster: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_and_lose(cluster, monkeypatch, "make deploy")
    # It runs out by itself.
    assert cluster.get(CHANGING)


def test_a_lock_that_could_not_be_given_back_is_ours(
    cluster: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who tries again in the same command need not wait until it runs out."""
    hold_and_lose(cluster, monkeypatch, "make shift")
    with lease.hold(cluster, "qv1", "changing", "make rollback"):
        found: Any = cluster.get(CHANGING)
        assert found["spec"]["holderIdentity"].startswith("make rollback (")


def test_a_cluster_whose_store_is_away_has_not_answered(
    cluster: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster.get(HERE)
    message = "etcdserver: request timed out"
    trouble(500, times=1, message=message)
    assert cluster.get(HERE)
    monkeypatch.setattr(kubernetes_api, "_REPEATED", 0)
    trouble(500, times=100, message=message)
    with pytest.raises(UnansweredError):
        cluster.get(HERE)
    trouble(500, times=1, message="etcdserver: mvcc: database space exceeded")
    with pytest.raises(ReleaseError, match=r"refuses GET .* space exceeded"):
        cluster.get(HERE)
