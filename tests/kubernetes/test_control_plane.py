"""A control plane that is away while traffic is shifted: it serves nobody, and nobody notices."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.charts.rendering import program
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
    """What a shift has said so far."""

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

    @property
    def path(self) -> list[int]:
        return [each["weight"] for each in self if each["event"] == "move"]


@contextmanager
def shifting(
    shop: Shop, environment: dict[str, str], **variables: object
) -> Iterator[tuple[subprocess.Popen[str], Told]]:
    """A shift, while clients come who notice nothing."""
    shop.make("merge", WEIGHT=0, VALUES=ENTRYPOINT)
    clients = shop.start("load", RATE=40, FOR="15m", MIX="browsers,v1-clients")
    shift = shop.start("shift", TO=2, PROFILE="demo", JSON=1, environment=environment, **variables)
    # What never says what is waited for must not be waited for without end.
    late = Timer(420, shift.terminate)
    late.start()
    try:
        yield shift, Told(shift)
    finally:
        late.cancel()
        shift.terminate()
        shift.communicate()
        clients.terminate()
        counted, _ = clients.communicate()
    assert "failed:" not in counted, counted


def test_a_shift_holds_and_goes_back_once_it_can(
    merged: Shop, relay: Relay, environment: dict[str, str]
) -> None:
    """Everything that a shift asks goes by way of the control plane; no request of a visitor."""
    with shifting(merged, environment, HOLD_LIMIT="10s") as (shift, told):
        told.until("move", "25 %")
        relay.cut()
        told.until("look", "does not answer")
        told.until("note", "trying again")
        relay.mend()
        told.until("move", "0 %")
        _, said = shift.communicate(timeout=60)
    assert "version 2 was rolled back" in said
    assert told.path == [25, 0]
    changes = json.loads(merged.make("history", JSON=1).stdout)
    assert changes[-1]["change"]["action"] == "rollback"
    eventually(lambda: "t-shirts" in merged.ask("").json())


def cut_in_the_middle_of_a_move(shop: Shop, relay: Relay) -> None:
    """Wait until Helm has begun to change the entry point."""
    name = shop.names.entrypoint
    begun = ("secrets", "-n", name, "-l", f"owner=helm,name={name},status=pending-upgrade")
    kubectl = [program("kubectl"), "--context", shop.context]
    # What a move before this one has left does not count.
    watching = [*kubectl, "get", *begun, "-o", "name", "--watch-only"]
    with subprocess.Popen(watching, stdout=subprocess.PIPE, text=True) as process:
        late = Timer(180, process.terminate)
        late.start()
        assert process.stdout
        seen = process.stdout.readline()
        relay.cut()
        late.cancel()
        process.terminate()
    assert seen, "no move has begun"


def test_a_move_that_is_cut_off_is_made_later(
    merged: Shop, relay: Relay, environment: dict[str, str]
) -> None:
    with shifting(merged, environment, HOLD_LIMIT="10m") as (shift, told):
        told.until("move", "25 %")
        cut_in_the_middle_of_a_move(merged, relay)
        told.until("note", "the step to 50 % failed")
        told.until("note", "trying again")
        relay.mend()
        told.until("end", "version 2 has everybody")
        assert shift.wait(60) == 0
    assert told.path == [25, 25, 50, 100, 100]
    eventually(lambda: "t-shirts" not in merged.ask("").json())
