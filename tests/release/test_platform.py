"""What `make platform` installs, repairs and leaves alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from release import tools
from release.errors import LockedError
from release.names import MADE_BY_US, Names
from release.targets.kubernetes import platform
from release.targets.kubernetes.api import Api
from release.targets.kubernetes.helm import Helm
from release.targets.kubernetes.namespaces import Namespaces
from tests.release.helm_records import record

READY = {
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
        shutil.copy(Path(__file__).with_name("fake_helm.sh"), folder / "helm")

    def make(self, *overlays: Path) -> list[str]:
        """Run it; what Helm was asked, without options."""
        (self.folder / "calls").write_text("")
        helm = Helm(self.folder / "helm", self.api.context)
        real = tools.ensure(["helm"])["helm"]
        namespaces = Namespaces(self.api, Names())
        platform.install(namespaces, helm, self._cache, real, "", overlays)
        return self.asked()

    def asked(self) -> list[str]:
        calls = (self.folder / "calls").read_text().splitlines()
        return [" ".join(call.split()[:2]) for call in calls]


@pytest.fixture
def cluster(server: Api, tmp_path: Path, cache: Path) -> Iterator[Platform]:
    """One that knows every kind, and has an inventory that is ready."""
    for item in platform.prerequisites(""):
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
    for item in platform.prerequisites(""):
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
