"""What is said and left when a release on a cluster does not become ready."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.errors import NotAllowedError, NotReadyError, ReleaseError, ToolError, UnansweredError
from release.model.release import Release
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import workloads
from release.targets.kubernetes.helm import recovery, rollout
from release.targets.kubernetes.helm.helm_history import HelmHistory
from release.targets.kubernetes.helm.rollout import Rollout
from tests.release.targets.kubernetes.helm_records import record

JOBS = "/apis/batch/v1/namespaces/qv1/jobs"


def job(name: str, release: str, **annotations: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/instance": release}
    return {"metadata": {"name": name, "labels": labels, "annotations": annotations}}


def test_a_hook_that_was_left_is_ended_and_nothing_else(server: Api) -> None:
    hook = {"helm.sh/hook": "pre-install,pre-upgrade"}
    for made in (
        job("stock-migration", "qv1", **hook),
        job("a-report", "qv1"),
        job("theirs", "other", **hook),
    ):
        server.create(JOBS, made)
    with pytest.raises(KeyboardInterrupt), recovery.deleting_hooks_on_failure(server, "qv1"):
        raise KeyboardInterrupt
    assert [each["metadata"]["name"] for each in server.items(JOBS)] == ["a-report", "theirs"]


def test_a_hook_goes_on_while_nothing_has_failed(server: Api) -> None:
    server.create(JOBS, job("stock-migration", "qv1", **{"helm.sh/hook": "pre-install"}))
    with recovery.deleting_hooks_on_failure(server, "qv1"):
        pass
    assert "stock-migration" in [each["metadata"]["name"] for each in server.items(JOBS)]


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (True, "revision 3 keeps running"),
        (False, "revision 3 is restored, but not ready: make status"),
    ],
)
def test_what_was_put_back_is_not_called_running_before_it_is(
    server: Api, monkeypatch: pytest.MonkeyPatch, whole: bool, said: str
) -> None:
    def never(*_: object) -> list[str]:
        raise ReleaseError("its pods do not come")

    monkeypatch.setattr(workloads, "list_unready", never)
    monkeypatch.setattr(rollout, "roll_back", lambda *_: whole)
    with pytest.raises(NotReadyError, match=f"its pods do not come; {said}"):
        of_revision(server, lambda: None).run()


def of_revision(server: Api, upgrade: Callable[[], None]) -> Rollout:
    """The rollout by such a Helm of one that has no objects, after revision 3."""
    server.delete("/")
    record(server, "qv1", "qv1", 3)
    helm = SimpleNamespace(upgrade=lambda *_, **__: upgrade())
    release = Release("qv1", 1, Path("nowhere"), "1.0.0", {}, [])
    records = HelmHistory(server, "shop")
    return Rollout(server, cast(Any, helm), records, cast(Any, None), release, 1)


@pytest.mark.parametrize(
    "said",
    [
        "kubernetes cluster unreachable",
        'query: failed to query with labels: Get "https://127.0.0.1": EOF',
        "Client.Timeout exceeded while awaiting headers",
        'Patch "https://127.0.0.1": dial tcp 127.0.0.1:443: connect: connection refused',
        "unexpected EOF",
        "net/http: TLS handshake timeout",
        "etcdserver: request timed out",
    ],
)
def test_a_cluster_that_goes_away_while_traffic_is_moved_has_not_answered(
    server: Api, said: str
) -> None:
    """So a shift tries again."""

    def lost() -> None:
        raise ToolError(f"helm: Error: {said}")

    with pytest.raises(UnansweredError, match="CONTEXT=kind-shop does not answer: helm: "):
        of_revision(server, lost).update_routes()


@pytest.mark.parametrize(
    "said",
    [
        'pods "x" is forbidden: exceeded quota: small',
        'failed calling webhook "x": Post "https://x.svc": dial tcp 10.0.0.1:443: refused',
        "etcdserver: mvcc: database space exceeded",
    ],
)
def test_what_the_cluster_refuses_is_its_answer(server: Api, said: str) -> None:
    def refused() -> None:
        raise ToolError(f"helm: Error: {said}")

    with pytest.raises(NotReadyError, match="; revision 3 keeps running"):
        of_revision(server, refused).update_routes()


def test_one_that_goes_away_while_a_change_is_put_right_has_not_answered(server: Api) -> None:
    def lost(*_: object) -> None:
        raise ToolError("helm: Error: kubernetes cluster unreachable")

    rollout = of_revision(server, lambda: None)
    record(server, "qv1", "qv1", 4, status="pending-upgrade")
    cast(Any, rollout.helm).rollback = lost
    with pytest.raises(UnansweredError):
        rollout.update_routes()


def test_what_the_caller_may_not_do_is_told_apart(server: Api) -> None:
    """Waiting does not change it."""

    def refused() -> None:
        raise ToolError('helm: Error: x is forbidden: User "guest" cannot patch resource "x"')

    with pytest.raises(NotAllowedError, match="CONTEXT=kind-shop refuses it: helm: "):
        of_revision(server, refused).update_routes()
