"""Two shops on one cluster: neither sees, replaces or removes what is the other's."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from release.cli.open_target import open_cluster
from release.clients import http
from release.errors import LockedError, ReleaseError, UsageError
from release.model.names import Names
from release.model.release import Release
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.namespaces import Namespaces
from release.targets.kubernetes.target import KubernetesTarget
from tests.conftest import VERSIONS
from tests.release.parsing import parse
from tests.release.targets.kubernetes.helm_records import record

SHOPS = ("shop", "stage")


@pytest.fixture
def api(server: Api) -> Iterator[Api]:
    """A cluster with two shops, each with both versions and an entry point."""
    for shop in SHOPS:
        names = Names(shop)
        for namespace in (names.shared, names.entrypoint, names.version(1), names.version(2)):
            Namespaces(server, names).ensure(namespace)
        for version in (1, 2):
            install(server, names.version(version), shop, version)
        install(server, names.entrypoint, shop, 1, chart="entrypoint")
    yield server
    server.delete("/")


def install(
    api: Api, namespace: str, shop: str, version: int, number: int = 1, chart: str = "catalog"
) -> None:
    """A revision, as Helm records it; the default shop's says nothing of shops."""
    values = {} if shop == "shop" else {"global": {"shop": shop}}
    record(api, namespace, namespace, number, values=values, chart=(chart, f"{version}.0.0"))


def target(api: Api, shop: str) -> KubernetesTarget:
    given = {"TARGET": "kubernetes", "CONTEXT": "kind-shop", "SHOP": shop}
    found = open_cluster(parse(**given).place)
    found.api = api
    return found


def release(namespace: str, shop: str) -> Release:
    values = {} if shop == "shop" else {"global": {"shop": shop}}
    return Release(namespace, 1, Path("nowhere"), "1.0.0", values, [])


@pytest.mark.parametrize("shop", SHOPS)
def test_each_sees_its_own_releases(api: Api, shop: str) -> None:
    names = Names(shop)
    found = [each.namespace for each in target(api, shop).deployed()]
    assert found == sorted([names.entrypoint, names.version(1), names.version(2)])


def test_a_shop_that_was_never_there_has_nothing(api: Api) -> None:
    assert not target(api, "other").exists()
    assert target(api, "other").deployed() == []


def test_its_usual_namespaces_need_not_be_made_by_the_tool(api: Api) -> None:
    names = Names("other")
    usual = [names.entrypoint, *map(names.version, VERSIONS)]
    for name in usual:
        api.create("/api/v1/namespaces", {"metadata": {"name": name}})
        install(api, name, "other", 1)
    assert [each.namespace for each in target(api, "other").deployed()] == usual


@pytest.mark.parametrize(("shop", "other"), [SHOPS, SHOPS[::-1]])
def test_what_is_the_other_s_is_not_deployed_here(api: Api, shop: str, other: str) -> None:
    theirs = Names(other).version(1)
    here = target(api, shop)
    assert here.current(theirs) is None
    assert here.history(theirs) == []
    for act in (
        lambda: here.remove(theirs),
        lambda: here.undo(theirs),
        lambda: here.logs(theirs, "stock", 1),
        lambda: here.prometheus(theirs, "stock"),
        lambda: here.internal_addresses(theirs, "stock"),
    ):
        with pytest.raises(ReleaseError, match=f"{theirs} is not deployed"):
            act()
    assert target(api, other).current(theirs)


@pytest.mark.parametrize(("shop", "other"), [SHOPS, SHOPS[::-1]])
def test_a_release_of_the_other_is_not_replaced(api: Api, shop: str, other: str) -> None:
    # In a namespace that was made by hand nothing but the release says whose it is.
    api.create("/api/v1/namespaces", {"metadata": {"name": "trial"}})
    install(api, "trial", other, 1)
    for change in (target(api, shop).apply, target(api, shop).update_routes):
        with pytest.raises(UsageError, match=f"namespace trial belongs to SHOP={other}"):
            change(release("trial", shop))


def test_a_namespace_of_the_other_is_not_taken(api: Api) -> None:
    Namespaces(api, Names("stage")).ensure("trial")
    with pytest.raises(UsageError, match="namespace trial belongs to SHOP=stage, not to SHOP=shop"):
        target(api, "shop").apply(release("trial", "shop"))


def test_values_do_not_say_which_shop_it_is(api: Api) -> None:
    for shop, given in (SHOPS, SHOPS[::-1]):
        with pytest.raises(UsageError, match=f"global.shop={given} is for SHOP to say"):
            target(api, shop).apply(release("trial", given))


@pytest.mark.parametrize(("shop", "other"), [SHOPS, SHOPS[::-1]])
def test_namespaces_are_made_and_removed_for_one_shop(api: Api, shop: str, other: str) -> None:
    ours, theirs = Namespaces(api, Names(shop)), Namespaces(api, Names(other))
    before = theirs.list_created()
    assert set(before).isdisjoint(ours.list_created())
    for name in [*ours.list_created(), *before]:
        ours.remove(name)
    assert ours.list_created() == []
    assert theirs.list_created() == before


@pytest.mark.parametrize(("phase", "lasts"), [("Running", True), ("Succeeded", False)])
def test_a_namespace_is_removed_when_its_pods_have_ended(
    api: Api, monkeypatch: pytest.MonkeyPatch, phase: str, lasts: bool
) -> None:
    """Who removes one that has some may look again after five minutes only."""
    looks: list[bool] = []

    def once(condition: Callable[[], bool], **_: float) -> bool:
        looks.append(condition())
        assert api.get("/api/v1/namespaces/stage-qv1")
        return looks[-1]

    monkeypatch.setattr(http, "wait_until", once)
    shop = Namespaces(api, Names("stage"))
    pod = {"metadata": {"name": "prometheus-stock-0"}, "status": {"phase": phase}}
    api.create("/api/v1/namespaces/stage-qv1/pods", pod)
    shop.remove("stage-qv1")
    assert looks == [not lasts]
    assert api.get("/api/v1/namespaces/stage-qv1") is None


def test_secrets_of_the_other_stay_where_two_share_a_namespace(api: Api) -> None:
    api.create("/api/v1/namespaces", {"metadata": {"name": "trial"}})
    ours, theirs = (Namespaces(api, Names(shop)) for shop in SHOPS)
    ours.write_secret("trial", "ours", "url", "x")
    theirs.write_secret("trial", "theirs", "url", "x")
    ours.remove("trial")
    left = [item["name"] for item in api.names("/api/v1/namespaces/trial/secrets")]
    assert left == ["theirs"]


def test_a_release_s_inventory_is_its_own_shop_s(api: Api) -> None:
    stage = Namespaces(api, Names("stage"))
    secret = {"metadata": {"name": "postgresql"}, "data": {"password": b64encode(b"p").decode()}}
    api.create("/api/v1/namespaces/shop/secrets", secret)
    with pytest.raises(ReleaseError, match="there is no inventory"):
        stage.missing_database("stage-qv1")
    api.create("/api/v1/namespaces/stage/secrets", secret)
    url = "postgresql://stock:p@postgresql.stage.svc:5432/stock"
    assert stage.missing_database("stage-qv1") == url
    api.create(
        "/api/v1/namespaces/stage-qv1/secrets",
        {"metadata": {"name": "stock-database"}, "data": {"url": b64encode(url.encode()).decode()}},
    )
    assert stage.missing_database("stage-qv1") is None


def test_a_shop_that_comes_to_nothing_leaves_nothing(api: Api) -> None:
    """A name that was mistyped, with no inventory."""
    typo = target(api, "sohp")
    with pytest.raises(ReleaseError, match="there is no inventory"), typo.lock("make deploy"):
        typo.apply(release("sohp-qv1", "sohp"))
    assert [
        item["name"] for item in api.names("/api/v1/namespaces") if "sohp" in item["name"]
    ] == []


def test_who_has_to_wait_removes_nothing(api: Api) -> None:
    """Two begin a shop at once: the namespace of the one that was slower is the other's, too."""
    spec = {"holderIdentity": "make platform", "leaseDurationSeconds": 60}
    spec["renewTime"] = datetime.fromtimestamp(api.clock(), UTC).isoformat()
    folder = "/apis/coordination.k8s.io/v1/namespaces/late/leases"
    api.create(folder, {"metadata": {"name": "changing"}, "spec": spec})
    with pytest.raises(LockedError, match="make platform is at work"):
        target(api, "late").lock("make deploy").__enter__()
    assert api.get("/api/v1/namespaces/late")


def test_a_shop_stays_when_there_is_something_of_it(api: Api) -> None:
    with target(api, "shop").lock("make deploy"):
        pass
    with target(api, "other").lock("make deploy"):
        install(api, "other-qv1", "other", 1)
    with target(api, "third").lock("make platform"):
        made = {"metadata": {"name": "postgresql"}, "data": {}}
        api.create("/api/v1/namespaces/third/secrets", made)
    for shop in ("shop", "other", "third"):
        assert api.get(f"/api/v1/namespaces/{shop}")
