"""What is told of a pod that does not start, and when there is no use in waiting for it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.targets.kubernetes import watch as watching
from release.targets.kubernetes.watch import Watch

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
POD: dict[str, Any] = {
    "metadata": {"name": "catalog-1", "creationTimestamp": "2026-01-01T00:00:00Z"},
    "status": {
        "containerStatuses": [
            {
                "ready": False,
                "restartCount": 2,
                "image": "shop/catalog:1.0.0",
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 2}},
            }
        ]
    },
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for reason in ("CrashLoopBackOff", "FailedMount"):
        monkeypatch.setitem(watching._PATIENCE, reason, 0)


def pod(name: str, seconds: int = 0, owner: str = "") -> dict[str, Any]:
    """One that crashes, made so many seconds after the release began."""
    found = copy.deepcopy(POD)
    made = BEGUN + timedelta(seconds=seconds)
    found["metadata"] |= {
        "name": name,
        "creationTimestamp": made.isoformat(),
        "ownerReferences": [{"uid": owner}] if owner else [],
    }
    return found


def replica_set(uid: str, revision: int) -> dict[str, Any]:
    number = {"deployment.kubernetes.io/revision": str(revision)}
    owners = [{"uid": "catalog"}]
    return {"metadata": {"uid": uid, "annotations": number, "ownerReferences": owners}}


def watch(**cluster: list[dict[str, Any]]) -> Watch:
    """Of a namespace that has these objects, by their plural."""

    def items(path: str, **_: str) -> list[dict[str, Any]]:
        return cluster.get(path.rpartition("/")[2], [])

    api = SimpleNamespace(items=items, text=lambda *_: "")
    return Watch(cast(Any, api), "qv1", BEGUN.timestamp())


@pytest.mark.parametrize(
    "latest",
    [
        "THREADS=0 is not a whole number",
        "",
        "unable to retrieve container logs for containerd://6d5563dc5057",
    ],
)
def test_the_log_is_that_of_the_moment_at_which_it_was_given_up(latest: str) -> None:
    """Taking the release back takes the pod away."""
    pods = [POD]
    looking = watch(pods=pods)

    def text(path: str, parameters: dict[str, str]) -> str:
        said = latest, "THREADS=0 is not a whole number"
        return said["previous" in parameters] if pods and "/catalog-1/" in path else ""

    cast(Any, looking.api).text = text
    assert looking.lasting()
    pods.clear()
    assert str(looking.lasting()).startswith("pod catalog-1: CrashLoopBackOff")
    assert looking.log(looking.found) == "THREADS=0 is not a whole number"


def test_what_was_wrong_before_does_not_end_the_release_that_may_mend_it() -> None:
    before = pod("catalog-1", seconds=-60)
    looking = watch(pods=[before])
    assert looking.lasting() is None
    assert looking.likeliest(earlier=False) is None
    assert str(looking.likeliest()).startswith("pod catalog-1: CrashLoopBackOff")
    assert str(watch(pods=[before, pod("catalog-2")]).lasting()).startswith("pod catalog-2: ")


def test_it_does_end_one_that_does_not_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_EARLIER", 0)
    assert watch(pods=[pod("catalog-1", seconds=-60)]).lasting()


def test_a_pod_that_is_about_to_be_replaced_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_EARLIER", 0)
    sets = [replica_set("old", 9), replica_set("new", 10)]
    replaced = pod("catalog-old-1", seconds=-60, owner="old")
    kept = pod("catalog-new-1", seconds=-60, owner="new")
    assert watch(pods=[replaced], replicasets=sets).likeliest() is None
    looking = watch(pods=[replaced, kept], replicasets=sets)
    assert str(looking.lasting()).startswith("pod catalog-new-1: ")


@pytest.mark.parametrize("mounted", [True, False])
def test_a_volume_that_cannot_be_had_is_named(mounted: bool) -> None:
    """As long as it is so: the event stays when the Secret has come."""
    waiting = pod("alertmanager-catalog-0")
    waiting["status"] = {
        "conditions": [{"type": "PodReadyToStartContainers", "status": str(mounted)}],
        "containerStatuses": [
            {"ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}
        ],
    }
    event = {
        "reason": "FailedMount",
        "lastTimestamp": BEGUN.isoformat(),
        "involvedObject": {"kind": "Pod", "name": "alertmanager-catalog-0"},
        "message": 'secret "slack" not found',
    }
    found = watch(pods=[waiting], events=[event]).lasting()
    expected = 'pod alertmanager-catalog-0: FailedMount: secret "slack" not found'
    assert str(found) == ("None" if mounted else expected)
