"""What `make platform` installs, repairs and leaves alone."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from release.errors import ChartError, LockedError, NotReadyError
from release.model.names import MADE_BY_US, Names
from release.targets.kubernetes.admin import prerequisites
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import diagnostics
from release.targets.kubernetes.helm import recovery
from release.targets.kubernetes.helm.helm_cli import Helm
from release.targets.kubernetes.namespaces import Namespaces
from release.toolchain import tools
from tests.release.targets.kubernetes.helm_records import record

READY: dict[str, Any] = {
    "metadata": {"name": "postgresql", "generation": 1},
    "spec": {"replicas": 1},
    "status": {
        "observedGeneration": 1,
        "updatedReplicas": 1,
        "readyReplicas": 1,
        "availableReplicas": 1,
    },
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("charts")


class Platform:
    """A cluster, and what Helm was asked to do there."""

    def __init__(self, api: Api, folder: Path, cache: Path) -> None:
        self.api, self.folder, self._cache = api, folder, cache
        shutil.copy(Path(__file__).parents[1].joinpath("fake_helm.sh"), folder / "helm")

    def make(self, *overlays: Path) -> list[str]:
        """Run it; what Helm was asked, without options."""
        (self.folder / "calls").write_text("")
        helm = Helm(self.folder / "helm", self.api.context)
        real = tools.ensure(["helm"])["helm"]
        namespaces = Namespaces(self.api, Names())
        prerequisites.install(namespaces, helm, self._cache, real, overlays)
        return self.asked()

    def asked(self) -> list[str]:
        calls = (self.folder / "calls").read_text().splitlines()
        return [" ".join(call.split()[:2]) for call in calls]


@pytest.fixture
def cluster(server: Api, tmp_path: Path, cache: Path) -> Iterator[Platform]:
    """One that knows every kind, and has an inventory that is ready."""
    for item in prerequisites.prerequisites(""):
        group, _, version = item.provides.partition("/")
        server.create(f"/apis/{group}", {"metadata": {"name": version}})
    server.create("/apis/apps/v1/namespaces/shop/statefulsets", READY)
    yield Platform(server, tmp_path, cache)
    server.delete("/")


def test_what_the_cluster_has_stays_as_it_is(
    cluster: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cluster.make() == ["upgrade postgresql"]
    said = capfd.readouterr().err
    for item in prerequisites.prerequisites(""):
        assert f"{item.name}: the cluster knows {item.provides} already" in said


def test_what_is_missing_is_installed_and_marked_as_ours(cluster: Platform) -> None:
    cluster.api.delete("/apis/traefik.io")
    assert cluster.make() == ["upgrade traefik", "upgrade postgresql"]
    [call, _] = (cluster.folder / "calls").read_text().splitlines()
    assert "--labels=app.kubernetes.io/managed-by=parallel-releases" in call


@pytest.mark.parametrize(
    ("status", "first"), [("failed", []), ("pending-install", ["uninstall traefik"])]
)
def test_an_installation_that_did_not_end_is_taken_up_again(
    cluster: Platform, status: str, first: list[str]
) -> None:
    """Its kinds are there: they come first."""
    record(cluster.api, "traefik", "traefik", status=status, labels=MADE_BY_US)
    assert cluster.make() == [*first, "upgrade traefik", "upgrade postgresql"]


def test_once_deployed_it_is_left_alone(cluster: Platform) -> None:
    record(cluster.api, "traefik", "traefik", labels=MADE_BY_US)
    record(cluster.api, "traefik", "traefik", 2, status="failed", labels=MADE_BY_US)
    assert cluster.make() == ["upgrade postgresql"]


def test_somebody_else_s_is_not_repaired(cluster: Platform) -> None:
    record(cluster.api, "traefik", "traefik", status="failed")
    assert cluster.make() == ["upgrade postgresql"]
    # Nor taken away while they are at it.
    cluster.api.delete("/apis/traefik.io")
    record(cluster.api, "traefik", "traefik", 2, status="pending-install")
    assert cluster.make() == ["upgrade traefik", "upgrade postgresql"]


def test_two_shops_do_not_install_it_at_once(cluster: Platform) -> None:
    cluster.api.delete("/apis/traefik.io")
    spec = {"holderIdentity": "make platform (them)", "leaseDurationSeconds": 60}
    spec["renewTime"] = datetime.fromtimestamp(cluster.api.clock(), UTC).isoformat()
    folder = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    cluster.api.create(folder, {"metadata": {"name": "traefik"}, "spec": spec})
    with pytest.raises(LockedError, match=r"make platform \(them\) is at work"):
        cluster.make()
    assert cluster.asked() == []


def chosen(cluster: Platform) -> Any:
    """The values that PostgreSQL was installed with."""
    return json.loads((cluster.folder / "postgresql.json").read_text())


def overlay(folder: Path, values: dict[str, Any]) -> Path:
    path = folder / "overlay.yaml"
    path.write_text(json.dumps(values))
    return path


MIRRORED = {"image": {"repository": "mirror.example/postgres"}, "storage": {"className": "fast"}}


def test_what_was_chosen_for_the_inventory_stays(cluster: Platform, tmp_path: Path) -> None:
    cluster.make(overlay(tmp_path, MIRRORED))
    assert chosen(cluster) == MIRRORED
    record(cluster.api, "shop", "postgresql", values=MIRRORED)
    # An attempt that failed does not count.
    other = {"image": {"repository": "typo.example/postgres"}}
    record(cluster.api, "shop", "postgresql", 2, status="failed", values=other)
    cluster.make()
    assert chosen(cluster) == MIRRORED
    cluster.make(overlay(tmp_path, {"storage": {"className": "slow"}}))
    assert chosen(cluster) == {**MIRRORED, "storage": {"className": "slow"}}


def test_values_that_the_chart_refuses_change_nothing(cluster: Platform, tmp_path: Path) -> None:
    with pytest.raises(ChartError, match="the values break the chart's schema: at '/storage'"):
        cluster.make(overlay(tmp_path, {"storage": 1}))
    assert cluster.asked() == []


def failing(cluster: Platform, said: str = "time is up", *, hangs: bool = False) -> str:
    """What is said when PostgreSQL does not start."""
    (cluster.folder / "fails").write_text(f"Error: {said}\n")
    if hangs:
        (cluster.folder / "hangs").touch()
    with pytest.raises(NotReadyError, match="the inventory did not become ready: ") as caught:
        cluster.make()
    return str(caught.value)


@pytest.mark.parametrize("hangs", [True, False])
def test_an_inventory_that_does_not_start_is_put_back_and_the_pod_says_why(
    cluster: Platform, hangs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(diagnostics._PATIENCE, "ImagePullBackOff", 0)
    record(cluster.api, "shop", "postgresql")
    cluster.api.create("/api/v1/namespaces/shop/pods", unpullable())
    said = failing(cluster, hangs=hangs)
    assert "pod postgresql-0: ImagePullBackOff: no such host (image postgres:16)" in said
    assert said.endswith("; revision 1 keeps running")
    assert cluster.asked() == ["upgrade postgresql", "rollback postgresql"]


def test_a_pod_that_its_statefulset_would_wait_for_goes(
    cluster: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Helm waits until the new pod is ready, and the new pod until the old one is."""
    sets = "/apis/apps/v1/namespaces/shop/statefulsets"
    metadata = {**READY["metadata"], "uid": "1"}
    status = {**READY["status"], "updateRevision": "new"}
    cluster.api.create(sets, {**READY, "metadata": metadata, "status": status})
    pod = unpullable()
    pod["metadata"] |= {
        "ownerReferences": [{"uid": "1"}],
        "labels": {"controller-revision-hash": "old"},
    }
    cluster.api.create("/api/v1/namespaces/shop/pods", pod)
    (cluster.folder / "hangs").touch()

    delete_stuck_pods = recovery.delete_stuck_pods

    def deleted(api: Api, namespace: str) -> None:
        delete_stuck_pods(api, namespace)
        (cluster.folder / "hangs").unlink(missing_ok=True)

    monkeypatch.setattr(recovery, "delete_stuck_pods", deleted)
    assert cluster.make() == ["upgrade postgresql"]
    assert cluster.api.get("/api/v1/namespaces/shop/pods/postgresql-0") is None


def test_it_is_said_when_what_was_put_back_is_not_ready(
    cluster: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(diagnostics._PATIENCE, "ImagePullBackOff", 0)
    record(cluster.api, "shop", "postgresql")
    cluster.api.create("/api/v1/namespaces/shop/pods", unpullable())
    away = {**READY, "status": {**READY["status"], "readyReplicas": 0}}
    cluster.api.create("/apis/apps/v1/namespaces/shop/statefulsets", away)
    said = failing(cluster)
    assert "revision 1 is restored, but not ready: pod postgresql-0: ImagePullBackOff" in said


@pytest.mark.parametrize(
    ("said", "blamed"),
    [
        ("spec: Forbidden", "helm: Error: spec: Forbidden"),
        ("context deadline exceeded", "pod postgresql-0: ImagePullBackOff: no such host"),
    ],
)
def test_a_pod_from_before_is_to_blame_only_when_time_was_up(
    cluster: Platform, said: str, blamed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Api, "clock", lambda _: time.time())
    record(cluster.api, "shop", "postgresql")
    cluster.api.create("/api/v1/namespaces/shop/pods", unpullable("2026-01-01T00:00:00Z"))
    found = failing(cluster, said)
    assert f"did not become ready: {blamed}" in found
    assert found.endswith("; revision 1 keeps running")


@pytest.mark.parametrize(("phase", "stays"), [("Pending", False), ("Bound", True)])
def test_a_first_one_that_does_not_start_is_taken_away_and_leaves_its_data(
    cluster: Platform, phase: str, stays: bool
) -> None:
    claims = "/api/v1/namespaces/shop/persistentvolumeclaims"
    body = {"metadata": {"name": "data-postgresql-0"}, "status": {"phase": phase}}
    cluster.api.create(claims, body)
    assert failing(cluster).endswith("; it was removed again")
    assert cluster.asked() == ["upgrade postgresql", "uninstall postgresql"]
    assert (cluster.api.get(f"{claims}/data-postgresql-0") is not None) == stays


def test_one_that_failed_before_may_serve_and_is_left(cluster: Platform) -> None:
    record(cluster.api, "shop", "postgresql", status="failed", values=MIRRORED)
    assert failing(cluster).endswith("; it is left as it is")
    assert chosen(cluster) == MIRRORED
    assert cluster.asked() == ["upgrade postgresql"]


def test_a_change_of_the_inventory_that_was_broken_off_is_put_right(cluster: Platform) -> None:
    record(cluster.api, "shop", "postgresql")
    record(cluster.api, "shop", "postgresql", 2, status="pending-upgrade")
    assert cluster.make() == ["rollback postgresql", "upgrade postgresql"]


def unpullable(since: str = "2100-01-01T00:00:00Z") -> dict[str, Any]:
    waiting = {"reason": "ImagePullBackOff", "message": "no such host"}
    status = {"ready": False, "image": "postgres:16", "state": {"waiting": waiting}}
    metadata = {"name": "postgresql-0", "creationTimestamp": since}
    return {"metadata": metadata, "status": {"containerStatuses": [status]}}
