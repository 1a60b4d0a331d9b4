"""What the next command does about one that was broken off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from release.errors import NotAllowedError
from release.model.names import MADE_BY_US
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.helm.helm_cli import Helm
from release.targets.kubernetes.helm.helm_history import HelmHistory, HelmRevision
from release.targets.kubernetes.helm.recovery import is_never_deployed, recover
from tests.release.targets.kubernetes.helm.test_rollout import JOBS, job
from tests.release.targets.kubernetes.helm_records import record

HOOK = {"helm.sh/hook": "pre-install,pre-upgrade"}


@pytest.fixture
def helm(server: Api, tmp_path: Path) -> Helm:
    server.delete("/")
    shutil.copy(Path(__file__).parents[1].joinpath("fake_helm.sh"), tmp_path / "helm")
    (tmp_path / "calls").touch()
    return Helm(tmp_path / "helm", server.context)


def asked(folder: Path) -> list[str]:
    """What Helm was asked, without options."""
    calls = (folder / "calls").read_text().splitlines()
    return [" ".join(each for each in call.split()[:3] if each[0] != "-") for call in calls]


@pytest.mark.parametrize("status", ["deployed", "failed"])
def test_what_got_to_its_end_is_left_alone(
    server: Api, helm: Helm, tmp_path: Path, status: str
) -> None:
    record(server, "qv1", "qv1", status=status, hooks=["Job"])
    server.create(JOBS, job("stock-migration", "qv1", **HOOK))
    recover(server, helm, "qv1", "qv1")
    assert asked(tmp_path) == []
    assert len(server.items(JOBS)) == 1


@pytest.mark.parametrize("status", ["pending-upgrade", "pending-rollback"])
def test_the_revision_that_ran_is_put_back_and_no_migration_goes_on(
    server: Api, helm: Helm, tmp_path: Path, status: str
) -> None:
    record(server, "qv1", "qv1", hooks=["Job"])
    record(server, "qv1", "qv1", 2, status=status, hooks=["Pod", "Job"])
    server.create(JOBS, job("stock-migration", "qv1", **HOOK))
    recover(server, helm, "qv1", "qv1")
    assert asked(tmp_path) == ["rollback qv1 1"]
    assert server.items(JOBS) == []


def test_what_ran_runs_on_though_a_way_back_from_it_failed(server: Api, helm: Helm) -> None:
    for number in (1, 2):
        record(server, "qv1", "qv1", number, status="superseded")
    record(server, "qv1", "qv1", 3, status="failed")
    found = HelmHistory(server, "shop").current("qv1")
    assert found
    assert found.number == 2
    assert not is_never_deployed(server, "qv1", "qv1")


def test_a_first_one_that_failed_does_not_run(server: Api, helm: Helm) -> None:
    record(server, "qv1", "qv1", status="failed", labels=MADE_BY_US)
    assert HelmHistory(server, "shop").current("qv1") is None
    assert is_never_deployed(server, "qv1", "qv1")


def test_what_is_deployed_between_two_looks_runs(
    server: Api, helm: Helm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not called so at the first."""
    record(server, "qv1", "qv1", status="superseded")
    record(server, "qv1", "qv1", 2)
    usual, asked_for = HelmHistory._newest, []

    def newest(self: HelmHistory, namespace: str, **labels: str) -> HelmRevision | None:
        asked_for.append(labels)
        return None if len(asked_for) == 1 else usual(self, namespace, **labels)

    monkeypatch.setattr(HelmHistory, "_newest", newest)
    found = HelmHistory(server, "shop").current("qv1")
    assert found
    assert found.number == 2


@pytest.mark.parametrize("status", ["pending-upgrade", "pending-rollback"])
def test_what_ran_is_put_back_though_helm_calls_nothing_deployed(
    server: Api, helm: Helm, tmp_path: Path, status: str
) -> None:
    """It was stopped between its last two words."""
    record(server, "qv1", "qv1", status="superseded")
    record(server, "qv1", "qv1", 2, status="superseded")
    record(server, "qv1", "qv1", 3, status=status)
    found = HelmHistory(server, "shop").current("qv1")
    assert found
    assert found.number == 2
    recover(server, helm, "qv1", "qv1")
    assert asked(tmp_path) == ["rollback qv1 2"]


def test_what_was_being_removed_runs_no_more(server: Api, helm: Helm, tmp_path: Path) -> None:
    record(server, "qv1", "qv1", status="superseded")
    record(server, "qv1", "qv1", 2)
    records = HelmHistory(server, "shop")
    # Whoever has seen it run does not go on from there.
    assert records.current("qv1")
    record(server, "qv1", "qv1", 2, status="uninstalling")
    assert records.current("qv1") is None
    recover(server, helm, "qv1", "qv1")
    assert asked(tmp_path) == ["uninstall qv1"]


@pytest.mark.parametrize("status", ["pending-install", "uninstalling"])
def test_what_never_ran_is_taken_away(server: Api, helm: Helm, tmp_path: Path, status: str) -> None:
    record(server, "qv1", "qv1", status=status)
    recover(server, helm, "qv1", "qv1")
    assert asked(tmp_path) == ["uninstall qv1"]


def test_rights_to_jobs_are_needed_only_where_a_release_has_some(
    server: Api, helm: Helm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry point has none, and whoever moves traffic need not have them."""

    def refused(_: Api, path: str, **__: str) -> list[Object]:
        raise NotAllowedError(path)

    monkeypatch.setattr(Api, "items", refused)
    for number, status in ((1, "deployed"), (2, "pending-upgrade")):
        record(server, "entrypoint", "entrypoint", number, status=status, hooks=["Pod"])
    recover(server, helm, "entrypoint", "entrypoint")
    assert asked(tmp_path) == ["rollback entrypoint 1"]
