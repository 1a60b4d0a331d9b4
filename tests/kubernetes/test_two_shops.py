"""Another shop on the same cluster sees nothing of this one, and changes nothing of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from release import paths
from release.model.names import PART_OF, Names
from tests.conftest import eventually
from tests.kubernetes.cluster import RELEASE, Shop
from tests.kubernetes.test_bad_input import refusal, serving
from tests.kubernetes.test_security import knock


@pytest.fixture
def other(both: Shop) -> Iterator[Shop]:
    """A shop of which nothing was ever deployed."""
    shop = replace(both, names=Names.of(f"{both.names.shop}-2"))
    yield shop
    eventually(
        lambda: shop.there() == [], limit=60, what="nothing is left of a shop without releases"
    )
    # Its charts are built before it is refused, and stay until a `make down` that has something.
    charts = paths.tools_folder() / "charts" / shop.context.replace("/", "_")
    shutil.rmtree(charts / shop.names.shop, ignore_errors=True)


def revisions(shop: Shop) -> dict[str, int]:
    report = json.loads(shop.make("status", JSON=1).stdout)
    return {each["namespace"]: each["revision"] for each in report["releases"]}


def test_another_shop_sees_and_takes_down_nothing(both: Shop, other: Shop) -> None:
    before, theirs = revisions(both), both.names.version(1)
    assert theirs in before
    assert revisions(other) == {}
    assert json.loads(other.make("history", JSON=1).stdout) == []
    assert "nothing is deployed" in other.make("down").stderr
    other.make("down", check=False, NAMESPACE=theirs)
    for target in ("undo", "consumers", "decommission"):
        said = refusal(other, target, VERSION=1, NAMESPACE=theirs)
        # The default shop's names cannot even be given in another one.
        assert said.startswith((f"{theirs} is not deployed", f"NAMESPACE={theirs} belongs to"))
    assert revisions(both) == before
    serving(both)


def test_another_shop_does_not_deploy_over_a_release(both: Shop, other: Shop) -> None:
    before, theirs = revisions(both), both.names.version(1)
    said = refusal(other, VERSION=1, VALUES=RELEASE, NAMESPACE=theirs)
    assert f"{theirs} belongs to SHOP={both.names.shop}, not to SHOP={other.names.shop}" in said
    assert "nothing is deployed" in other.make("down").stderr
    assert revisions(both) == before
    serving(both)


def test_the_stock_of_another_shop_does_not_reach_the_inventory(both: Shop, space: str) -> None:
    def reached() -> set[str]:
        return knock(both, space, "stock-migration", {"app.kubernetes.io/name": "stock-migration"})

    label = f"{PART_OF}={both.names.shop}"
    both.kubectl("label", "namespace", space, f"{label}-2")
    assert reached() == set()
    both.kubectl("label", "namespace", space, "--overwrite", label)
    eventually(lambda: reached() == {"the inventory"}, limit=60, what="the label counts")
