"""Each component brings a Prometheus and an Alertmanager that the rules of monitoring/ suit."""

from typing import Any

import pytest
import yaml

from tests.charts.rendering import CATALOG, ROOT, VERSIONS, Helm, Release, Render


def groups() -> list[Any]:
    files = sorted((ROOT / "monitoring" / "rules").glob("*.yaml"))
    return [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]


def configuration(release: Release, component: str) -> dict[str, Any]:
    secret = release.one("Secret", f"alertmanager-{component}-config")
    loaded: dict[str, Any] = yaml.safe_load(secret["stringData"]["alertmanager.yaml"])
    return loaded


def test_every_prometheus_gets_the_rules_of_the_one_copy(release: Release) -> None:
    rules = list(release.all("PrometheusRule"))
    assert len(rules) == len(list(release.all("Prometheus")))
    for each in rules:
        assert each["spec"]["groups"] == groups()


def test_rules_have_one_copy() -> None:
    linked = ROOT / "charts" / "prometheus-operated" / "rules"
    assert linked.is_symlink()
    assert linked.resolve() == ROOT / "monitoring" / "rules"


def test_alerts_say_whose_they_are(release: Release) -> None:
    for each in release.all("Prometheus"):
        labels = each["spec"]["externalLabels"]
        assert labels["component"] == each["metadata"]["name"]
        assert labels["api_version"] == release.namespace.removeprefix("qv")


def test_the_configuration_secret_is_the_one_that_is_named(release: Release) -> None:
    for each in release.all("Alertmanager"):
        assert release.one("Secret", each["spec"]["configSecret"])


def test_without_a_webhook_nobody_is_called(helm: Helm) -> None:
    release = helm.render(CATALOG)
    assert configuration(release, "catalog")["receivers"] == [{"name": "none"}]
    assert "secrets" not in release.one("Alertmanager", "catalog")["spec"]


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_go_to_the_channel_of_the_version(helm: Helm, version: int) -> None:
    options = ("--set", "prometheus-operated.slack.secretName=hook")
    release = helm.render(f"catalog/v{version}", *options)
    [_, slack] = configuration(release, "catalog")["receivers"]
    [posted] = slack["slack_configs"]
    assert posted["channel"] == f"#shop-v{version}"
    assert posted["send_resolved"] is True
    # The path under which the operator mounts what spec.secrets names.
    assert posted["api_url_file"] == "/etc/alertmanager/secrets/hook/url"
    assert release.one("Alertmanager", "catalog")["spec"]["secrets"] == ["hook"]
    assert configuration(release, "stock")["receivers"] == [{"name": "none"}]


@pytest.mark.parametrize(
    "values",
    [f"{CATALOG}:production", f"{CATALOG}:production/release", "entrypoint:production/entrypoint"],
)
def test_in_production_what_was_seen_outlives_its_pod(scenario: Render, values: str) -> None:
    sizes = {"Prometheus": "20Gi", "Alertmanager": "1Gi"}
    operated = list(scenario(values).all(*sizes))
    assert operated
    for each in operated:
        claim = each["spec"]["storage"]["volumeClaimTemplate"]["spec"]
        requests = {"storage": sizes[each["kind"]]}
        assert claim == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": requests}}


def test_volumes_are_of_the_class_that_is_named(helm: Helm) -> None:
    given = "prometheus.storage.size=1.5Gi,prometheus.storage.className=fast"
    release = helm.render("prometheus-operated", "--set", f"component=till,apiVersion=1,{given}")
    [prometheus] = release.all("Prometheus")
    [alertmanager] = release.all("Alertmanager")
    claim = prometheus["spec"]["storage"]["volumeClaimTemplate"]["spec"]
    assert claim["storageClassName"] == "fast"
    assert "storage" not in alertmanager["spec"]


def test_one_pod_has_no_budget_that_would_hold_its_node(helm: Helm) -> None:
    assert list(helm.render(CATALOG).all("PodDisruptionBudget")) == []


def test_a_replaced_pod_leaves_no_gap(release: Release) -> None:
    for each in release.all("Deployment"):
        assert each["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        pod = each["spec"]["template"]["spec"]
        [container] = pod["containers"]
        environment = {e["name"]: e.get("value") for e in container["env"]}
        sleep = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert sleep > 0
        graceful = int(environment["GRACEFUL_TIMEOUT"])
        assert sleep + graceful < pod["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("kind", ["Prometheus", "Alertmanager"])
def test_what_an_operator_is_asked_for_has_a_name_of_its_own(helm: Helm, kind: str) -> None:
    """The target waits until the operator's StatefulSet carries it."""

    def name(*options: str) -> str:
        found = helm.render(CATALOG, *options).one(kind, "catalog")
        return str(found["metadata"]["annotations"]["parallel-releases/spec"])

    usual = name()
    assert len(usual) == 64
    assert name("--set", "replicas=2") == usual
    assert name("--set", f"prometheus-operated.{kind.lower()}.replicas=2") != usual
