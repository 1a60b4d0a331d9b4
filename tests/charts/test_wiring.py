"""Everything that refers to something else by label, name or port refers to what is there."""

import json

import pytest

from tests.charts.labels import pods, selects
from tests.charts.rendering import CATALOG, VERSIONS, Helm, Release, Render


def test_every_service_selects_the_pods_of_its_name_and_no_others(release: Release) -> None:
    for service in release.all("Service"):
        selector = service["spec"]["selector"]
        chosen = [name for name, labels in pods(release).items() if selects(selector, labels)]
        assert chosen == [service["metadata"]["name"]]


def test_every_policy_is_about_the_pods_of_its_name_and_no_others(release: Release) -> None:
    for policy in release.all("NetworkPolicy"):
        selector = policy["spec"]["podSelector"]["matchLabels"]
        chosen = [name for name, labels in pods(release).items() if selects(selector, labels)]
        assert chosen == [policy["metadata"]["name"]]


def test_services_lead_to_ports_that_the_containers_name(release: Release) -> None:
    for deployment in release.all("Deployment"):
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        named = {port["name"] for port in container["ports"]}
        service = release.one("Service", deployment["metadata"]["name"])
        assert {port["targetPort"] for port in service["spec"]["ports"]} == named


def test_processes_listen_where_the_ports_and_probes_say(release: Release) -> None:
    for deployment in release.all("Deployment"):
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
        environment = {each["name"]: each.get("value") for each in container["env"]}
        assert ports == {
            "http": environment["HTTP_PORT"],
            "metrics": environment["METRICS_PORT"],
        }
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] == "metrics"


@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_runs_the_code_of_an_image_is_told_which_it_must_be(
    helm: Helm, version: int
) -> None:
    def meant(*options: str) -> dict[str, str | None]:
        return {
            name: next((e["value"] for e in c.get("env", ()) if e["name"] == "IMAGE_CONTENT"), None)
            for name, pod in helm.render(f"catalog/v{version}", *options).pods()
            for c in pod["spec"]["containers"]
            if name in ("catalog", "stock", "stock-migration")
        }

    catalog, stock = (f"{name}-v{version}-0123456789abcdef" for name in ("catalog", "stock"))
    given = meant("--set", f"image.content={catalog},stock.image.content={stock}")
    assert given == {"catalog": catalog, "stock": stock, "stock-migration": stock}
    assert meant() == dict.fromkeys(given)


def test_deployments_and_budgets_select_their_own_pods(release: Release) -> None:
    for each in release.all("Deployment", "PodDisruptionBudget"):
        labels = pods(release)[each["metadata"]["name"]]
        assert selects(each["spec"]["selector"]["matchLabels"], labels)


def test_every_host_leads_to_a_port_of_a_service_that_is_there(release: Release) -> None:
    for ingress in release.all("Ingress"):
        [path] = ingress["spec"]["rules"][0]["http"]["paths"]
        backend = path["backend"]["service"]
        service = release.one("Service", backend["name"])
        ports = {port["name"] for port in service["spec"]["ports"]}
        assert backend["port"]["name"] in ports - {"metrics"}


def test_hosts_and_objects_have_names_of_their_own(release: Release) -> None:
    assert len(release.hosts()) == len(list(release.all("Ingress")))
    names = [(each["kind"], each["metadata"]["name"]) for each in release.objects]
    assert len(names) == len(set(names))


def test_everything_lives_in_the_namespace_of_the_release(release: Release) -> None:
    elsewhere = [
        each for each in release.objects if each["metadata"]["namespace"] != release.namespace
    ]
    # The right to find the gateway's pods is granted where those are; nothing else leaves home.
    assert {each["kind"] for each in elsewhere} <= {"Role", "RoleBinding"}
    assert {each["metadata"]["namespace"] for each in elsewhere} <= {"traefik"}


def test_every_account_that_is_used_is_there(release: Release) -> None:
    used = [each["spec"]["template"]["spec"] for each in release.all("Deployment")]
    used += [each["spec"] for each in release.all("Prometheus", "Alertmanager")]
    for spec in used:
        assert release.one("ServiceAccount", spec["serviceAccountName"])


def test_a_hook_needs_nothing_that_comes_after_it(release: Release) -> None:
    for job in release.all("Job"):
        assert "serviceAccountName" not in job["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", VERSIONS)
def test_catalog_calls_the_stock_of_its_own_release(scenario: Render, version: int) -> None:
    release = scenario(f"catalog/v{version}:minimal")
    [container] = release.one("Deployment", "catalog")["spec"]["template"]["spec"]["containers"]
    environment = {each["name"]: each.get("value") for each in container["env"]}
    assert environment["STOCK_URL"] == f"http://stock.qv{version}.svc:80"
    assert release.one("Service", "stock")["spec"]["ports"][0]["port"] == 80


@pytest.mark.parametrize(
    ("given", "told"), [((), "catalog"), (("till",), "catalog,till"), (("catalog",), "catalog")]
)
def test_metrics_tell_apart_who_may_call_and_who_is_named(
    helm: Helm, given: tuple[str, ...], told: str
) -> None:
    release = helm.render(CATALOG, "--set-json", f"stock.consumers={json.dumps(given)}")
    [container] = release.one("Deployment", "stock")["spec"]["template"]["spec"]["containers"]
    assert {"name": "CONSUMERS", "value": told} in container["env"]
