from functools import cache

import pytest

from tests.charts.rendering import SCENARIOS, Helm, Release, Render, program


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(program("helm"), tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="session")
def scenario(helm: Helm) -> Render:
    """Renders a scenario, such as `catalog/v1:production`, once."""
    return cache(helm.render_scenario)


@pytest.fixture(scope="session", params=SCENARIOS)
def release(request: pytest.FixtureRequest, scenario: Render) -> Release:
    """Every scenario of every chart, each rendered once."""
    return scenario(request.param)
