"""Another shop on the same cluster: its hosts, its labels, and who may reach its inventory."""

import json

import pytest

from release.model import services
from tests.charts.labels import selects
from tests.charts.rendering import CATALOG, NEWEST, VERSIONS, Helm, Object, Release
from tests.charts.test_hosts import PARTS, PUBLIC

STAGE = ("--set", "global.shop=stage,global.domain=stage.localhost")
LABEL = "app.kubernetes.io/part-of"


@pytest.mark.parametrize("version", VERSIONS)
def test_its_usual_namespace_has_hosts_by_version(helm: Helm, version: int) -> None:
    release = helm.render(f"catalog/v{version}", *PUBLIC, *STAGE, namespace=f"stage-qv{version}")
    assert release.hosts() == {f"{part}.v{version}.stage.localhost" for part in PARTS}


@pytest.mark.parametrize("namespace", [f"qv{NEWEST}", "stage-qv99", f"other-qv{NEWEST}", "trial"])
def test_any_other_namespace_has_hosts_of_its_own(helm: Helm, namespace: str) -> None:
    release = helm.render(CATALOG, *STAGE, namespace=namespace)
    assert release.hosts() == {f"{part}.{namespace}.stage.localhost" for part in services.NAMES}


def test_its_namespaces_are_just_others_to_the_default_shop(helm: Helm) -> None:
    release = helm.render(CATALOG, namespace=f"stage-qv{NEWEST}")
    assert release.hosts() == {f"{part}.stage-qv{NEWEST}.shop.localhost" for part in services.NAMES}


@pytest.mark.parametrize("shop", ["shop", "stage"])
@pytest.mark.parametrize("chart", [CATALOG, "entrypoint", "postgresql"])
def test_everything_says_whose_it_is(helm: Helm, chart: str, shop: str) -> None:
    release = helm.render(chart, "--set", f"global.shop={shop}")
    labels = [each["metadata"]["labels"] for each in release.objects]
    labels += [pod["metadata"]["labels"] for _, pod in release.pods() if chart == "postgresql"]
    assert labels
    assert {each[LABEL] for each in labels} == {shop}


@pytest.mark.parametrize("shop", ["shop", "stage"])
@pytest.mark.parametrize(
    ("chart", "component", "channel"),
    [(CATALOG, "stock", f"#{{shop}}-v{NEWEST}"), ("entrypoint", "gateway", "#{shop}")],
)
def test_its_messages_go_to_channels_of_its_own(
    helm: Helm, chart: str, component: str, channel: str, shop: str
) -> None:
    prefix = "stock." if component == "stock" else ""
    slack = f"{prefix}prometheus-operated.slack.secretName=slack"
    release = helm.render(chart, "--set", f"global.shop={shop},{slack}")
    configuration = release.one("Secret", f"alertmanager-{component}-config")
    said = configuration["stringData"]["alertmanager.yaml"]
    assert f'channel: "{channel.replace("{shop}", shop)}"' in said


def admitted(release: Release) -> Object:
    [rule] = release.one("NetworkPolicy", "postgresql")["spec"]["ingress"]
    [peer] = rule["from"]
    labels: Object = peer["namespaceSelector"]["matchLabels"]
    return labels


@pytest.mark.parametrize(("shop", "other"), [("shop", "stage"), ("stage", "shop")])
def test_the_inventory_is_for_the_own_shop(helm: Helm, shop: str, other: str) -> None:
    labels = admitted(helm.render("postgresql", "--set", f"global.shop={shop}"))
    assert selects(labels, {LABEL: shop, "team": "t"})
    assert not selects(labels, {LABEL: other, "team": "t"})


def test_other_labels_may_be_asked_for(helm: Helm) -> None:
    release = helm.render("postgresql", "--set", "clients.labels.team=t")
    assert admitted(release) == {"team": "t"}


def test_a_version_that_is_gone_is_missed_at_its_own_host(helm: Helm) -> None:
    stones = [
        {
            "version": 1,
            "namespace": "stage-qv1",
            "successor": 2,
            "successorNamespace": "stage-qv2",
            "since": 1790000000,
            "link": "",
        }
    ]
    values = {"tombstones": stones, "services": services.NAMES}
    given = ("--set-json", f"notice={json.dumps(values)}")
    release = helm.render("entrypoint", *STAGE, *given, namespace="stage-entrypoint")
    hosts = {f"{name}.v1.stage.localhost" for name in services.NAMES}
    routes = release.one("IngressRoute", "tombstones")["spec"]["routes"]
    assert {each["match"] for each in routes} == {f"Host(`{host}`)" for host in hosts}
    [notice] = release.one("Deployment", "notice")["spec"]["template"]["spec"]["containers"]
    [said] = [json.loads(each["value"]) for each in notice["env"] if each["name"] == "NOTICES"]
    assert said["tombstones"].keys() == hosts
    after = said["tombstones"]["catalog.v1.stage.localhost"]["successor"]
    assert after == "http://catalog.v2.stage.localhost/"
    without = ("--set-json", f"notice={json.dumps({'tombstones': stones})}")
    assert "at '/services': minItems: got 0, want 1" in helm.refusal("entrypoint", *without)


@pytest.mark.parametrize("shop", ["Stage", "2", "-stage", "a" * 43])
def test_a_shop_is_named_by_a_short_label(helm: Helm, shop: str) -> None:
    said = helm.refusal(CATALOG, "--set-string", f"global.shop={shop}")
    assert f"at '/global/shop': '{shop}' does not match" in said
