"""Each Prometheus finds its own component, rules and Alertmanager, and nobody else's."""

from tests.charts.labels import operated_pod, selects
from tests.charts.rendering import Release


def test_each_prometheus_finds_its_own_monitor_and_rules_only(release: Release) -> None:
    for prometheus in release.all("Prometheus"):
        spec, name = prometheus["spec"], prometheus["metadata"]["name"]
        for selector, kind in (("serviceMonitor", "ServiceMonitor"), ("rule", "PrometheusRule")):
            wanted = spec[f"{selector}Selector"]["matchLabels"]
            found = [
                each["metadata"]["name"]
                for each in release.all(kind)
                if selects(wanted, each["metadata"]["labels"])
            ]
            assert found == [name]
            # No namespace selector means: the Prometheus' own namespace.
            assert f"{selector}NamespaceSelector" not in spec
        assert not {"podMonitorSelector", "probeSelector", "scrapeConfigSelector"} & spec.keys()


def test_each_monitor_scrapes_a_named_port_of_its_own_service_only(release: Release) -> None:
    for monitor in release.all("ServiceMonitor"):
        name = monitor["metadata"]["name"]
        wanted = monitor["spec"]["selector"]["matchLabels"]
        found = [s for s in release.all("Service") if selects(wanted, s["metadata"]["labels"])]
        # A component that is deployed by other means has its Service elsewhere.
        if name in {each["metadata"]["name"] for each in release.all("Deployment")}:
            [service] = found
            assert service["metadata"]["name"] == name
            [endpoint] = monitor["spec"]["endpoints"]
            assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
        else:
            assert found == []


def test_each_prometheus_alerts_its_own_alertmanager(release: Release) -> None:
    for prometheus in release.all("Prometheus"):
        [target] = prometheus["spec"]["alerting"]["alertmanagers"]
        service = release.one("Service", target["name"])
        labels = operated_pod(release.one("Alertmanager", prometheus["metadata"]["name"]))
        assert selects(service["spec"]["selector"], labels)
        assert target["port"] in {port["name"] for port in service["spec"]["ports"]}
        assert target["namespace"] == release.namespace


def test_each_prometheus_may_look_for_targets_in_its_namespace(release: Release) -> None:
    for prometheus in release.all("Prometheus"):
        account = prometheus["spec"]["serviceAccountName"]
        binding = release.one("RoleBinding", account)
        assert [(s["kind"], s["name"]) for s in binding["subjects"]] == [
            ("ServiceAccount", account)
        ]
        rules = release.one("Role", binding["roleRef"]["name"])["rules"]
        allowed = {resource: set(rule["verbs"]) for rule in rules for resource in rule["resources"]}
        reading = {"get", "list", "watch"}
        found = ("services", "endpoints", "pods", "endpointslices")
        assert allowed == dict.fromkeys(found, reading)
