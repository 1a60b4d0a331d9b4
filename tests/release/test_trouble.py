"""What is told of a pod that does not start."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.targets.kubernetes import trouble
from release.targets.kubernetes.trouble import Watch

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


@pytest.mark.parametrize(
    "latest",
    [
        "THREADS=0 is not a whole number",
        "",
        "unable to retrieve container logs for containerd://6d5563dc5057",
    ],
)
def test_the_log_is_that_of_the_moment_at_which_it_was_given_up(
    monkeypatch: pytest.MonkeyPatch, latest: str
) -> None:
    """Taking the release back takes the pod away."""
    monkeypatch.setitem(trouble._PATIENCE, "CrashLoopBackOff", 0)
    pods = [POD]

    def items(path: str, **_: str) -> list[dict[str, Any]]:
        return pods if path.endswith("/pods") else []

    def text(path: str, parameters: dict[str, str]) -> str:
        said = latest, "THREADS=0 is not a whole number"
        return said["previous" in parameters] if pods and "/catalog-1/" in path else ""

    api = SimpleNamespace(items=items, text=text)
    watch = Watch(cast(Any, api), "qv1", 0)
    assert watch.lasting()
    pods.clear()
    assert str(watch.lasting()).startswith("pod catalog-1: CrashLoopBackOff")
    assert watch.log(watch.found) == "THREADS=0 is not a whole number"
