"""What names a cluster, and where it is reached."""

from __future__ import annotations

from typing import Any

import pytest

from release.errors import UsageError
from tests.release.parsing import parse


def settings(**variables: str) -> Any:
    return parse(**variables).place


def test_a_cluster_is_named_or_nothing_happens() -> None:
    with pytest.raises(UsageError, match="CONTEXT is missing: name the cluster"):
        settings(TARGET="kubernetes")
    settings(TARGET="kubernetes", CONTEXT="arn:aws:eks:eu-1:123:cluster/shop")
    settings(TARGET="local")


@pytest.mark.parametrize("context", ["-all", "a b", "x;y", "$(id)"])
def test_a_context_is_a_name(context: str) -> None:
    with pytest.raises(UsageError, match="give the name of a context"):
        settings(TARGET="kubernetes", CONTEXT=context)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://gateway.example/", "http://gateway.example:80"),
        ("https://gateway.example", "https://gateway.example:443"),
    ],
)
def test_a_gateway_always_has_a_port(given: str, meant: str) -> None:
    assert settings(GATEWAY=given).gateway == meant


@pytest.mark.parametrize(
    "gateway", ["127.0.0.1:8080", "ftp://x", "http://x/path", "http://x:0", "http://u:p@x", "http://x:99999"]
)  # fmt: skip
def test_a_gateway_is_an_address_without_a_path(gateway: str) -> None:
    with pytest.raises(UsageError, match="GATEWAY"):
        settings(GATEWAY=gateway)


@pytest.mark.parametrize("namespace", ["kube system", "-x", "$(id)"])
def test_traefik_is_in_a_namespace(namespace: str) -> None:
    with pytest.raises(UsageError, match="TRAEFIK_NAMESPACE"):
        settings(TRAEFIK_NAMESPACE=namespace)
    settings(TRAEFIK_NAMESPACE="kube-system")
    assert settings().traefik_namespace == "traefik"


@pytest.mark.parametrize("registry", ["https://x", "x y", "UPPER.example"])
def test_a_registry_is_a_host_and_a_path(registry: str) -> None:
    with pytest.raises(UsageError, match="REGISTRY"):
        settings(REGISTRY=registry)
    settings(REGISTRY="registry.example:5000/team")
