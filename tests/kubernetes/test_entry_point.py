"""One host for both versions on a cluster: weights change through Helm alone, and count at once."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.conftest import eventually
from tests.kubernetes.cluster import ENTRYPOINT, Shop


def reached(shop: Shop, **options: Any) -> int:
    """The version of catalog that answers at the merged host."""
    return 1 if "t-shirts" in shop.ask("", **options).json() else 2


def test_a_weight_of_nothing_counts_as_soon_as_the_command_returns(merged: Shop) -> None:
    merged.make("merge", WEIGHT=100)
    assert Counter(reached(merged) for _ in range(20)) == {2: 20}
    merged.make("rollback")
    assert Counter(reached(merged) for _ in range(20)) == {1: 20}


def test_a_visitor_stays_and_a_client_pins(merged: Shop) -> None:
    first = merged.ask("")
    version = 1 if "t-shirts" in first.json() else 2
    cookies = dict(first.cookies)
    assert Counter(reached(merged, cookies=cookies) for _ in range(10)) == {version: 10}
    for pinned in (1, 2):
        headers = {"API-Version": str(pinned)}
        assert reached(merged, headers=headers) == pinned
    unknown = merged.ask("", headers={"API-Version": "7"})
    assert unknown.status_code == 400


def test_the_history_is_helm_s_own(merged: Shop) -> None:
    merged.make("rollback")
    name = merged.names.entrypoint
    kept = json.loads(merged.helm("history", name, "-n", name, "-o", "json").stdout)
    told = json.loads(merged.make("history", JSON=1).stdout)
    assert [each["revision"] for each in told] == [each["revision"] for each in kept]
    assert told[-1]["change"]["action"] == "rollback"
    assert told[-1]["change"]["weights"] == {"1": 100, "2": 0}
    live = json.loads(merged.helm("get", "values", name, "-n", name, "-o", "json").stdout)
    assert live["change"] == told[-1]["change"]


def test_traffic_moves_on_evidence_and_the_old_version_is_drained(merged: Shop) -> None:
    merged.make("merge", WEIGHT=0, VALUES=ENTRYPOINT)
    [*_, before] = json.loads(merged.make("history", JSON=1).stdout)
    clients = merged.start("load", RATE=40, FOR="10m", MIX="browsers,browsers,v1-clients")
    try:
        said = merged.make("shift", TO=2, PROFILE="demo", HOLD_LIMIT="5m")
    finally:
        clients.terminate()
        counted, _ = clients.communicate()
    assert "version 2 has everybody" in said.stdout
    assert "failed:" not in counted, counted
    changes = json.loads(merged.make("history", JSON=1).stdout)
    shifts = [each["change"] for each in changes if each["revision"] > before["revision"]]
    assert {each["action"] for each in shifts} == {"shift"}
    assert [each["weights"]["2"] for each in shifts] == [25, 50, 100, 100]
    assert [each["drain"] for each in shifts] == [0, 0, 1, 0]
    assert all(each["evidence"] for each in shifts[1:3])


def test_a_bad_version_is_sent_back(merged: Shop) -> None:
    merged.make("merge", WEIGHT=0, VALUES=ENTRYPOINT)
    merged.make("fault", VERSION=2, SERVICE="catalog", ERRORS=0.5)
    clients = merged.start("load", RATE=40, FOR="10m", MIX="browsers")
    try:
        said = merged.make("shift", TO=2, PROFILE="demo", HOLD_LIMIT="5m", check=False)
    finally:
        clients.terminate()
        clients.communicate()
        merged.make("fault", VERSION=2, SERVICE="catalog", OFF=1)
    assert said.returncode != 0
    assert "version 2 was rolled back" in said.stderr
    assert Counter(reached(merged) for _ in range(10)) == {1: 10}


def test_weights_move_while_nothing_else_works(merged: Shop) -> None:
    namespace = ("--namespace", merged.names.entrypoint)
    merged.kubectl("scale", "deployment/notice", "--replicas=0", *namespace)
    merged.kubectl("scale", "statefulset/prometheus-gateway", "--replicas=0", *namespace)
    merged.make("rollback")
    assert Counter(reached(merged) for _ in range(10)) == {1: 10}
    # Helm is the only writer: it puts back what was changed behind its back.
    merged.make("merge", WEIGHT=50, VALUES=ENTRYPOINT)
    eventually(lambda: merged.ask("", headers={"API-Version": "7"}).status_code == 400)
