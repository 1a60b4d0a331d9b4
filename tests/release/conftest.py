"""The rendered objects of a release, for tests of what is made of them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from release.charts import rendering
from release.toolchain import tools
from tests.conftest import NEWEST

Objects = list[dict[str, Any]]

VALUES = {
    "global": {"port": 8080, "serviceURL": "http://127.0.0.1:8081/{namespace}/{service}"},
    "stock": {"database": {"url": "sqlite:////tmp/inventory.db"}},
}


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Objects]:
    """Render a version of the release with real Helm."""
    cache = tmp_path_factory.mktemp("charts")
    helm = tools.ensure(["helm"])["helm"]

    def rendered(version: int, namespace: str = "", **values: Any) -> Objects:
        chart = rendering.version_chart(rendering.build_charts(helm, cache), version)
        merged = rendering.merge_values(VALUES, values)
        return rendering.render_chart(helm, chart, namespace or f"qv{version}", merged)

    return rendered


@pytest.fixture(scope="session")
def _pristine(render: Callable[..., Objects]) -> Objects:
    return render(NEWEST)


@pytest.fixture
def objects(_pristine: Objects) -> Objects:
    """The newest version's objects, to be spoilt."""
    return copy.deepcopy(_pristine)


def find(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    """One object."""
    return next(
        item for item in objects if item["kind"] == kind and item["metadata"]["name"] == name
    )
