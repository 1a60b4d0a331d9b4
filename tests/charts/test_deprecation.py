"""What is announced about a version, once for the release, reaches each of its services."""

import pytest

from release.model import services
from tests.charts.rendering import CATALOG, NEWEST, VERSIONS, Helm, Release

ANNOUNCED = (
    "--set", "global.deprecation.since=1795392000",
    "--set", "global.deprecation.sunset=2027-03-01",
    "--set", "global.deprecation.link=https://shop.example/v2?why=1",
    "--set", f"global.deprecation.successor={NEWEST + 1}",
)  # fmt: skip


def announced(release: Release, service: str) -> dict[str, str]:
    [container] = release.one("Deployment", service)["spec"]["template"]["spec"]["containers"]
    names = ("DEPRECATION", "SUNSET", "DEPRECATION_LINK", "SUCCESSOR_URL", "BROWNOUT_UNTIL")
    return {each["name"]: each["value"] for each in container["env"] if each["name"] in names}


@pytest.mark.parametrize("service", services.NAMES)
def test_one_announcement_reaches_every_service(helm: Helm, service: str) -> None:
    release = helm.render(CATALOG, *ANNOUNCED, "--set", "global.port=8080")
    assert announced(release, service) == {
        "DEPRECATION": "1795392000",
        "SUNSET": "2027-03-01",
        "DEPRECATION_LINK": "https://shop.example/v2?why=1",
        "SUCCESSOR_URL": f"http://{service}.v{NEWEST + 1}.shop.localhost:8080/",
    }


def test_nothing_is_announced_by_default(helm: Helm) -> None:
    assert announced(helm.render(CATALOG), "catalog") == {}


def test_a_copy_of_the_version_names_the_usual_successor(helm: Helm) -> None:
    release = helm.render(CATALOG, *ANNOUNCED, namespace="trial")
    successor = f"http://stock.v{NEWEST + 1}.shop.localhost/"
    assert announced(release, "stock")["SUCCESSOR_URL"] == successor


def test_a_brownout_is_the_whole_releases(helm: Helm) -> None:
    release = helm.render(CATALOG, "--set", "global.brownoutUntil=1795392060")
    for service in services.NAMES:
        assert announced(release, service) == {"BROWNOUT_UNTIL": "1795392060"}


def test_no_version_is_its_own_successor(helm: Helm) -> None:
    itself = ("--set", f"global.deprecation.successor={NEWEST}")
    refusal = helm.refusal(CATALOG, *ANNOUNCED, *itself)
    assert f"global.deprecation.successor is {NEWEST}, the version itself" in refusal


@pytest.mark.parametrize("version", VERSIONS)
def test_the_weighted_route_has_a_port_of_its_own_on_catalog_alone(
    helm: Helm, version: int
) -> None:
    release = helm.render(f"catalog/v{version}")
    ports = {
        service: {
            port["name"]: (port["port"], port["targetPort"])
            for port in release.one("Service", service)["spec"]["ports"]
        }
        for service in services.NAMES
    }
    front = ports.pop(services.FRONT.name)
    assert front["weighted"] == (8081, "http")
    assert all(other.keys() == {"http", "metrics"} for other in ports.values())
