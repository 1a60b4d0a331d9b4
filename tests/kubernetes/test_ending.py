"""A version ends on a cluster: it is announced, rehearsed, refused, and then removed."""

from __future__ import annotations

import json

from tests.conftest import eventually
from tests.kubernetes.cluster import Shop


def test_an_announcement_is_in_every_answer_and_outlives_a_deploy(merged: Shop) -> None:
    merged.make("deprecate", VERSION=1, SUNSET="2099-03-01")
    answer = merged.ask("stock.v1", "/t-shirt")
    assert answer.headers["Sunset"] == "Sun, 01 Mar 2099 00:00:00 GMT"
    merged.deploy(1)
    assert merged.ask("stock.v1", "/t-shirt").headers["Sunset"] == answer.headers["Sunset"]
    merged.make("deprecate", VERSION=1, OFF=1)
    assert "Sunset" not in merged.ask("stock.v1", "/t-shirt").headers


def test_a_rehearsal_ends_by_itself_and_names_who_called(merged: Shop) -> None:
    agent = {"User-Agent": "warehouse-report/1.0"}
    rehearsal = merged.start("brownout", VERSION=1, FOR="90s")

    def refused() -> bool:
        return merged.ask("stock.v1", "/t-shirt", headers=agent).status_code == 503

    try:
        eventually(refused, limit=120, what="version 1 answers 503")
        assert merged.ask("stock.v2", "/t-shirts").status_code == 200
    finally:
        _, said = rehearsal.communicate(timeout=300)
    assert rehearsal.returncode == 0, said
    assert "warehouse-report called" in said
    assert not refused()


def made(shop: Shop) -> str:
    """When the namespace of version 1 was."""
    name = shop.names.version(1)
    return shop.kubectl("get", "ns", name, "-o", "jsonpath={.metadata.creationTimestamp}")


def test_a_version_that_is_called_stays_until_somebody_says_why(merged: Shop) -> None:
    merged.ask("stock.v1", "/t-shirt", headers={"User-Agent": "warehouse-report/1.0"})

    def known() -> bool:
        # Who has a contract is listed as well, called or not.
        told = merged.make("consumers", VERSION=1, WINDOW="1m", JSON=1).stdout
        return "warehouse-report" in [each["consumer"] for each in json.loads(told)["callers"]]

    eventually(known, what="the call is known")
    refused = merged.make("decommission", VERSION=1, WINDOW="1m", check=False)
    assert refused.returncode != 0
    assert "blocked by warehouse-report:" in refused.stderr
    assert merged.ask("stock.v1", "/t-shirt").status_code == 200
    before = made(merged)
    merged.make("decommission", VERSION=1, WINDOW="1m", FORCE="a rehearsal")
    gone = merged.ask("stock.v1", "/t-shirt")
    assert gone.status_code == 410
    assert "stock.v2" in gone.headers["Link"]
    # At once: what is about to go is waited for, and not taken for what is there.
    merged.deploy(1)
    assert made(merged) > before
    assert merged.ask("stock.v1", "/t-shirt").status_code == 200
