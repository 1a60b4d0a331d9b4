"""How long is waited for a revision that was put back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.clients import http
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.health import diagnostics
from release.targets.kubernetes.helm.rollout import roll_back
from tests.release.targets.kubernetes.helm_records import record

REVISED = datetime(2026, 1, 1, tzinfo=UTC)
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "stock"}}


@pytest.fixture(autouse=True)
def _release(server: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One with a Deployment that never becomes ready."""
    server.delete("/")
    record(server, "qv1", "qv1", manifest=[DEPLOYMENT])
    monkeypatch.setitem(diagnostics._PATIENCE, "ImagePullBackOff", 0)


def whole(server: Api) -> bool:
    helm = SimpleNamespace(rollback=lambda *_: None)
    return roll_back(server, cast(Any, helm), "qv1", 1)


def unpullable(server: Api, made: str) -> None:
    state = {"waiting": {"reason": "ImagePullBackOff"}}
    status = {"image": "shop/stock:1", "state": state, "ready": False}
    pod = {
        "metadata": {"name": "stock-1", "creationTimestamp": made},
        "status": {"containerStatuses": [status]},
    }
    server.create("/api/v1/namespaces/qv1/pods", pod)


@pytest.mark.parametrize(("seconds", "hopeless"), [(-60, False), (60, True)])
def test_what_was_wrong_until_now_is_what_it_mends(
    server: Api, monkeypatch: pytest.MonkeyPatch, seconds: int, hopeless: bool
) -> None:
    """What is wrong with pods of afterwards is not waited for."""
    monkeypatch.setattr(Api, "clock", lambda _: REVISED.timestamp())
    looks: list[bool] = []

    def once(decided: Callable[[], bool], **_: float) -> bool:
        looks.append(decided())
        return looks[-1]

    monkeypatch.setattr(http, "wait_until", once)
    unpullable(server, (REVISED + timedelta(seconds=seconds)).isoformat())
    assert not whole(server)
    assert looks == [hopeless]
