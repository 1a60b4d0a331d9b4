"""What a shop is called, and what its things on a cluster are called after it."""

from __future__ import annotations

from typing import Any

import pytest

from release.cli.open_target import open_target
from release.errors import UsageError
from release.model.names import Names
from release.paths import known_versions
from release.targets.kubernetes.target import KubernetesTarget
from tests.release.parsing import parse

NEWEST = str(known_versions()[-1])
CLUSTER = {"TARGET": "kubernetes", "CONTEXT": "kind-shop"}


def settings(**variables: str) -> Any:
    return parse(**CLUSTER | variables)


def test_the_default_shop_has_the_plain_names() -> None:
    names = settings().place.names
    assert names == settings(SHOP="shop").place.names == settings(SHOP="").place.names == Names()
    assert [names.version(number) for number in (1, 2)] == ["qv1", "qv2"]
    assert (names.entrypoint, names.shared, names.domain) == (
        "entrypoint",
        "shop",
        "shop.localhost",
    )


def test_another_shop_puts_its_name_before_them() -> None:
    names = settings(SHOP="stage").place.names
    assert [names.version(number) for number in (1, 2)] == ["stage-qv1", "stage-qv2"]
    assert names.entrypoint == "stage-entrypoint"
    assert (names.shared, names.domain) == ("stage", "stage.localhost")


@pytest.mark.parametrize(
    ("shop", "namespace", "version"),
    [
        ("shop", "qv1", 1),
        ("shop", "qv12", 12),
        ("shop", "stage-qv1", None),
        ("stage", "stage-qv1", 1),
        ("stage", "qv1", None),
        ("stage", "stages-qv1", None),
        ("stage", "my-stage-qv1", None),
        ("stage", "stage-qv1-copy", None),
    ],
)
def test_a_namespace_is_usual_in_one_shop_only(
    shop: str, namespace: str, version: int | None
) -> None:
    assert Names(shop).version_of(namespace) == version


def test_the_longest_name_still_fits_its_names() -> None:
    names = settings(SHOP="a" * 42).place.names
    # 63 characters are a namespace's limit, 53 a Helm release's, and a release is named like it.
    assert len(names.entrypoint) == 53
    assert len(names.version(99)) <= 53


@pytest.mark.parametrize("shop", ["Stage", "sta_ge", "-stage", "stage-", "2", "sta.ge", "a" * 43])
def test_a_shop_is_named_by_a_short_label(shop: str) -> None:
    with pytest.raises(UsageError, match="a letter first, 42 characters at most"):
        settings(SHOP=shop, DOMAIN="stage.example")


@pytest.mark.parametrize(
    "shop",
    [
        "entrypoint",
        "qv1",
        "a-qv2",
        "a-entrypoint",
        "default",
        "kube-public",
        "traefik",
        "monitoring",
    ],
)
def test_a_shop_does_not_take_a_namespace_with_another_purpose(shop: str) -> None:
    with pytest.raises(UsageError, match="is not for an inventory"):
        settings(SHOP=shop)


def test_the_domain_is_the_shop_s_unless_one_is_given() -> None:
    assert settings(SHOP="stage").place.domain == "stage.localhost"
    assert settings(SHOP="stage", DOMAIN="stage.example").place.domain == "stage.example"
    assert settings().place.domain == "shop.localhost"


def test_a_namespace_means_what_it_says() -> None:
    assert settings(SHOP="stage", VERSION=NEWEST).namespace == f"stage-qv{NEWEST}"
    assert settings(SHOP="stage", VERSION=NEWEST, NAMESPACE="trial").namespace == "trial"


@pytest.mark.parametrize(
    ("shop", "namespace", "reason"),
    [
        ("stage", "stage-qv99", f"belongs to VERSION=99, not to VERSION={NEWEST}"),
        ("stage", "qv1", "belongs to SHOP=shop, not to SHOP=stage"),
        ("stage", "shop", "belongs to SHOP=shop, not to SHOP=stage"),
        ("stage", "entrypoint", "belongs to SHOP=shop, not to SHOP=stage"),
        ("shop", "qv99", f"belongs to VERSION=99, not to VERSION={NEWEST}"),
    ],
)
def test_a_usual_namespace_is_for_its_version_and_shop(
    shop: str, namespace: str, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        settings(SHOP=shop, VERSION=NEWEST, NAMESPACE=namespace)


@pytest.mark.parametrize(
    ("shop", "namespace"),
    [
        ("shop", "shop"),
        ("shop", "entrypoint"),
        ("stage", "stage-entrypoint"),
        ("stage", "traefik"),
        ("shop", "kube-system"),
    ],
)
def test_what_versions_share_is_in_namespaces_of_its_own(shop: str, namespace: str) -> None:
    with pytest.raises(UsageError, match="is for what versions share, and for no version"):
        settings(SHOP=shop, VERSION=NEWEST, NAMESPACE=namespace)
    # To look at what is there is something else.
    settings(SHOP=shop, NAMESPACE=namespace)


def test_a_namespace_is_no_longer_than_helm_allows() -> None:
    settings(VERSION=NEWEST, NAMESPACE="x" * 53)
    with pytest.raises(UsageError, match="53 characters at most"):
        settings(VERSION=NEWEST, NAMESPACE="x" * 54)


def test_on_one_machine_shops_are_folders() -> None:
    with pytest.raises(UsageError, match="every folder is a shop of its own, as in STATE="):
        open_target(parse(SHOP="stage").place)
    assert open_target(parse(SHOP="shop").place).names == Names()
    assert isinstance(open_target(settings(SHOP="stage").place), KubernetesTarget)
