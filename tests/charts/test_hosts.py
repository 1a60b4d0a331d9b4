"""Where a release can be reached, and what it is told about that."""

import pytest

from release.model import services
from tests.charts.rendering import CATALOG, NEWEST, VERSIONS, Helm, Release

MONITORS = tuple(
    f"{server}.{name}" for name in services.NAMES for server in ("prometheus", "alertmanager")
)
PARTS = (*services.NAMES, *MONITORS)
_PUBLIC = "prometheus-operated.ingress.enabled=true"
_MIDDLEWARE = "prometheus-operated.ingress.middleware=auth-basic@kubernetescrd"
PUBLIC = (
    "--set",
    ",".join(
        f"{'' if service == services.FRONT else f'{service.name}.'}{value}"
        for service in services.SERVICES
        for value in (_PUBLIC, _MIDDLEWARE)
    ),
)


def external_urls(release: Release) -> set[str]:
    return {each["spec"]["externalUrl"] for each in release.all("Prometheus", "Alertmanager")}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_usual_namespace_has_hosts_by_version(helm: Helm, version: int) -> None:
    release = helm.render(f"catalog/v{version}", *PUBLIC)
    assert release.hosts() == {f"{part}.v{version}.shop.localhost" for part in PARTS}


@pytest.mark.parametrize("version", VERSIONS)
def test_another_namespace_has_hosts_of_its_own(helm: Helm, version: int) -> None:
    release = helm.render(f"catalog/v{version}", *PUBLIC, namespace="trial")
    assert release.hosts() == {f"{part}.trial.shop.localhost" for part in PARTS}


def test_the_usual_namespace_of_the_other_version_is_just_another_one(helm: Helm) -> None:
    release = helm.render(CATALOG, *PUBLIC, namespace=f"qv{NEWEST + 1}")
    assert release.hosts() == {f"{part}.qv{NEWEST + 1}.shop.localhost" for part in PARTS}


def test_the_monitoring_has_no_host_unless_it_is_asked_for(helm: Helm) -> None:
    release = helm.render(CATALOG)
    assert release.hosts() == {f"{part}.v{NEWEST}.shop.localhost" for part in services.NAMES}
    assert not any("externalUrl" in e["spec"] for e in release.all("Prometheus", "Alertmanager"))


def test_nobody_reads_the_monitoring_without_signing_in(helm: Helm) -> None:
    assert "ingress.enabled needs ingress.middleware" in helm.refusal(CATALOG, "--set", _PUBLIC)
    for each in helm.render(CATALOG, *PUBLIC).all("Ingress"):
        asked = each["metadata"].get("annotations", {})
        key = "traefik.ingress.kubernetes.io/router.middlewares"
        is_monitor = each["metadata"]["name"] not in services.NAMES
        assert asked == ({key: "auth-basic@kubernetescrd"} if is_monitor else {})


@pytest.mark.parametrize(
    ("scheme", "port", "suffix"),
    [
        ("http", 80, ""),
        ("http", 8080, ":8080"),
        ("http", 443, ":443"),
        ("https", 443, ""),
        ("https", 80, ":80"),
    ],
)
def test_links_in_messages_open(helm: Helm, scheme: str, port: int, suffix: str) -> None:
    options = f"global.scheme={scheme},global.port={port},global.domain=shop.example.com"
    release = helm.render(CATALOG, *PUBLIC, "--set", options)
    assert external_urls(release) == {
        f"{scheme}://{part}.v{NEWEST}.shop.example.com{suffix}" for part in MONITORS
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_notes_list_every_host(helm: Helm, version: int) -> None:
    notes = helm.run(
        "install", f"qv{version}", helm.charts / f"catalog/v{version}", "--dry-run=client",
        "--namespace", f"qv{version}", "--set", "global.port=8080", *PUBLIC,
    ).stdout.partition("NOTES:")[2]  # fmt: skip
    for part in PARTS:
        assert f" http://{part}.v{version}.shop.localhost:8080/\n" in notes
