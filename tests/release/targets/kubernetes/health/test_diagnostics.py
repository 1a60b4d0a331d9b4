"""What is told of a pod that does not start, and when there is no use in waiting for it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.targets.kubernetes.health import diagnostics as watching
from release.targets.kubernetes.health.diagnostics import FailureDetector

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
CORE, APPS, OPERATED = "/api/v1", "/apis/apps/v1", "/apis/monitoring.coreos.com/v1"
GROUPS = {
    "pods": CORE,
    "events": CORE,
    "replicasets": APPS,
    "statefulsets": APPS,
    "jobs": "/apis/batch/v1",
    "prometheuses": OPERATED,
    "alertmanagers": OPERATED,
}
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


def watch(**cluster: list[dict[str, Any]]) -> FailureDetector:
    """Of a namespace that has these objects, by their plural."""

    def items(path: str, field: str = "") -> list[dict[str, Any]]:
        folder, _, plural = path.rpartition("/")
        assert folder == f"{GROUPS[plural]}/namespaces/qv1"
        name = field.removeprefix("metadata.name=")
        found = cluster.get(plural, [])
        return [each for each in found if name == field or each["metadata"]["name"] == name]

    api = SimpleNamespace(items=items, text=lambda *_: "")
    return FailureDetector(cast(Any, api), "qv1", BEGUN.timestamp())


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
    assert looking.explain("")[1] == "THREADS=0 is not a whole number"


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


def event(message: str, seconds: int = 0) -> dict[str, Any]:
    """Of a volume that a pod did not get."""
    return {
        "reason": "FailedMount",
        "lastTimestamp": (BEGUN + timedelta(seconds=seconds)).isoformat(),
        "involvedObject": {"kind": "Pod", "name": "alertmanager-catalog-0"},
        "message": message,
    }


def without_volumes(*events: dict[str, Any], mounted: bool = False) -> FailureDetector:
    """Of a namespace with a pod that waits for its volumes, or did."""
    waiting = pod("alertmanager-catalog-0")
    waiting["status"] = {
        "conditions": [{"type": "PodReadyToStartContainers", "status": str(mounted)}],
        "containerStatuses": [
            {"ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}
        ],
    }
    return watch(pods=[waiting], events=list(events))


def test_a_volume_that_cannot_be_had_is_named() -> None:
    found = without_volumes(event('secret "slack" not found')).lasting()
    assert str(found) == 'pod alertmanager-catalog-0: FailedMount: secret "slack" not found'


def test_one_that_has_come_is_no_trouble() -> None:
    """Its event stays."""
    assert without_volumes(event('secret "slack" not found'), mounted=True).lasting() is None


HASTE = "failed to sync secret cache: timed out waiting for the condition"


@pytest.mark.parametrize("seconds", [-20, 0, 20])
def test_what_is_wrong_with_a_volume_is_told_rather_than_haste(seconds: int) -> None:
    """A busy kubelet says so of every volume of a pod, and may say it last."""
    telling, haste = event('secret "slack" not found', 25), event(HASTE, 25 + seconds)
    for events in ((telling, haste), (haste, telling)):
        assert without_volumes(*events).lasting() == without_volumes(telling).lasting()
        assert "not found" in str(without_volumes(*events).likeliest())


def test_haste_ends_no_release_and_is_told_when_nothing_else_is_known() -> None:
    looking = without_volumes(event(HASTE))
    assert looking.lasting() is None
    assert HASTE in str(looking.likeliest())


def test_of_two_reasons_the_newer_is_told() -> None:
    newer, older = event('secret "slack" not found', 9), event('secret "tls" not found', 8)
    for events in ((newer, older), (older, newer)):
        looking = without_volumes(*events)
        assert looking.lasting() == looking.likeliest()
        assert str(looking.likeliest()).endswith('secret "slack" not found')


def refused(kind: str, name: str) -> dict[str, Any]:
    """An event: what makes pods was not let."""
    return {
        "reason": "FailedCreate",
        "lastTimestamp": BEGUN.isoformat(),
        "involvedObject": {"kind": kind, "name": name},
        "message": "exceeded quota: small",
    }


@pytest.mark.parametrize(
    ("kind", "plural", "lacks", "has"),
    [
        ("ReplicaSet", "replicasets", {}, {"replicas": 1}),
        ("StatefulSet", "statefulsets", {"replicas": 0}, {"replicas": 1}),
        ("Job", "jobs", {}, {"active": 1}),
        ("Job", "jobs", {"active": 0}, {"succeeded": 1}),
    ],
)
def test_what_could_not_make_a_pod_is_no_trouble_once_it_could(
    kind: str, plural: str, lacks: dict[str, int], has: dict[str, int]
) -> None:
    """The event stays."""

    def said(status: dict[str, int]) -> str:
        item = {"metadata": {"name": "x", "uid": "1"}, "spec": {"replicas": 1}, "status": status}
        found: dict[str, Any] = {plural: [item]}
        return str(watch(events=[refused(kind, "x")], **found).likeliest())

    assert said(lacks) == f"{kind} x: FailedCreate: exceeded quota: small"
    assert said(has) == "None"


def test_what_the_operator_said_of_an_earlier_generation_is_no_trouble() -> None:
    def said(generation: int) -> str:
        condition = {
            "reason": "ReconciliationFailed",
            "message": "no such version",
            "observedGeneration": 3,
        }
        metadata = {"name": "stock", "generation": generation}
        item = {"metadata": metadata, "status": {"conditions": [condition]}}
        return str(watch(prometheuses=[item]).likeliest())

    assert said(3) == "Prometheus stock: ReconciliationFailed: no such version"
    assert said(4) == "None"


def test_haste_is_told_by_a_container_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(watching._PATIENCE, "CreateContainerConfigError", 0)

    def waits(message: str) -> FailureDetector:
        waiting = pod("stock-1")
        [status] = waiting["status"]["containerStatuses"]
        status["lastState"] = {}
        status["state"]["waiting"] = {"reason": "CreateContainerConfigError", "message": message}
        return watch(pods=[waiting])

    assert waits(HASTE).lasting() is None
    assert str(waits('secret "second" not found').lasting()).endswith('"second" not found')
