"""A control plane that is away while traffic is shifted: it serves nobody, and nobody notices."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import eventually
from tests.kubernetes.cluster import ENTRYPOINT, Shop, copy_of_kubeconfig, of_another
from tests.kubernetes.relay import Relay


@pytest.fixture
def relay(merged: Shop) -> Iterator[Relay]:
    server = urlsplit(copy_of_kubeconfig(merged)["clusters"][0]["cluster"]["server"])
    assert server.hostname
    with Relay(server.hostname, server.port or 443) as relay:
        yield relay


@pytest.fixture
def environment(merged: Shop, relay: Relay, tmp_path: Path) -> dict[str, str]:
    """That of a command which reaches the cluster by way of the relay."""
    cluster = copy_of_kubeconfig(merged)["clusters"][0]["cluster"]
    name = cluster.get("tls-server-name") or urlsplit(cluster["server"]).hostname
    way = {"server": f"https://127.0.0.1:{relay.port}", "tls-server-name": name}
    return of_another(merged, tmp_path, way, {})


class Told(list[dict[str, Any]]):
    """What a command has said so far with JSON=1."""

    def __init__(self, command: subprocess.Popen[str]) -> None:
        super().__init__()
        assert command.stdout
        self._lines = command.stdout

    def until(self, kind: str, part: str) -> None:
        """Read on, to the first line of a kind that says so."""
        for line in self._lines:
            self.append(json.loads(line))
            if self[-1]["event"] == kind and part in json.dumps(self[-1]):
                return
        pytest.fail(f"it never said {part}: {list(self)}")


def test_a_shift_holds_and_goes_back_once_it_can(
    merged: Shop, relay: Relay, environment: dict[str, str]
) -> None:
    """Everything that a shift asks goes by way of the control plane; no request of a visitor."""
    merged.make("merge", WEIGHT=0, VALUES=ENTRYPOINT)
    clients = merged.start("load", RATE=40, FOR="400s", MIX="browsers")
    shift = merged.start(
        "shift", TO=2, PROFILE="demo", HOLD_LIMIT="10s", JSON=1, environment=environment
    )
    told = Told(shift)
    try:
        told.until("move", "25 %")
        relay.cut()
        told.until("look", "does not answer")
        told.until("note", "trying again until it does")
        relay.mend()
        told.until("move", "0 %")
        _, said = shift.communicate(timeout=60)
    finally:
        shift.terminate()
        clients.terminate()
        counted, _ = clients.communicate()
    assert "version 2 was rolled back" in said
    assert [each["weight"] for each in told if each["event"] == "move"] == [25, 0]
    assert "failed:" not in counted, counted
    changes = json.loads(merged.make("history", JSON=1).stdout)
    assert changes[-1]["change"]["action"] == "rollback"
    eventually(lambda: "t-shirts" in merged.ask("").json())
