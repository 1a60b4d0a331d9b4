"""What a cluster adds to the values of the entry point."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from release.names import Names
from release.targets.kubernetes.values import Values

TRAEFIK = SimpleNamespace(namespace="traefik", metrics={"labels": {}, "port": "metrics"})


def address(gateway: str | None, recorded: dict[str, Any]) -> dict[str, Any]:
    """The scheme and port that links begin with from then on; without them, the chart's."""
    values = Values(Names("shop"), cast(Any, TRAEFIK), gateway, "")
    found = values.of_entrypoint("shop.example", {"global": recorded})["global"]
    assert found.pop("domain") == "shop.example"
    return dict(found)


@pytest.mark.parametrize("gateway", [None, "http://127.0.0.1:8080"])
def test_a_move_leaves_the_public_address_as_it_was_chosen(gateway: str | None) -> None:
    chosen = {"scheme": "https", "port": 443}
    assert address(gateway, chosen) == chosen


def test_an_address_that_nobody_chose_is_the_gateway_s() -> None:
    assert address(None, {}) == {}
    assert address("http://127.0.0.1:8080", {}) == {"scheme": "http", "port": 8080}
