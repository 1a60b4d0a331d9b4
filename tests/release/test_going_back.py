"""How long is waited for a revision that was put back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.targets.kubernetes import going_back, watch
from release.targets.kubernetes.api import Api
from release.targets.kubernetes.going_back import go_back
from release.targets.kubernetes.records import Records
from tests.release.helm_records import record

DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "stock"}}


@pytest.fixture(autouse=True)
def _release(server: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One with a Deployment that never becomes ready."""
    server.delete("/")
    record(server, "qv1", "qv1", manifest=[DEPLOYMENT])
    monkeypatch.setitem(watch._PATIENCE, "ImagePullBackOff", 0)


def whole(server: Api) -> bool:
    helm = SimpleNamespace(rollback=lambda *_: None)
    return go_back(server, cast(Any, helm), Records(server, "shop"), "qv1", 1)


def unpullable(server: Api, made: str) -> None:
    state = {"waiting": {"reason": "ImagePullBackOff"}}
    status = {"image": "shop/stock:1", "state": state, "ready": False}
    pod = {
        "metadata": {"name": "stock-1", "creationTimestamp": made},
        "status": {"containerStatuses": [status]},
    }
    server.create("/api/v1/namespaces/qv1/pods", pod)


def test_no_longer_than_there_is_hope(server: Api) -> None:
    unpullable(server, "2026-01-01T00:00:00Z")
    assert not whole(server)


def test_what_was_wrong_until_now_is_what_it_mends(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Api, "clock", lambda _: 4e9)
    monkeypatch.setattr(going_back, "_LIMIT", 2)
    unpullable(server, "2026-01-01T00:00:00Z")
    looks: list[bool] = []
    usual = watch.Watch.lasting

    def lasting(self: watch.Watch) -> Any:
        looks.append(usual(self) is not None)
        return None

    monkeypatch.setattr(watch.Watch, "lasting", lasting)
    assert not whole(server)
    assert looks
    assert not any(looks)
