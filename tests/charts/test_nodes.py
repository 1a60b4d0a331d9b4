"""Which nodes the pods of the production values may be on."""

import pytest

from release.model import services
from tests.charts.rendering import CATALOG, Helm, Render

RELEASES = (f"{CATALOG}:production", f"{CATALOG}:production/release")
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


@pytest.mark.parametrize("values", RELEASES)
def test_production_survives_the_loss_of_a_node(scenario: Render, values: str) -> None:
    release = scenario(values)
    for component in services.NAMES:
        assert release.one("Deployment", component)["spec"]["replicas"] == 3
        assert release.one("PodDisruptionBudget", component)["spec"]["maxUnavailable"] == 1
        assert release.one("Prometheus", component)["spec"]["replicas"] == 2
        assert release.one("Alertmanager", component)["spec"]["replicas"] == 3
    for each in release.all("Prometheus", "Alertmanager"):
        assert each["spec"]["affinity"]["podAntiAffinity"][REQUIRED]


@pytest.mark.parametrize("values", [*RELEASES, "entrypoint:production/entrypoint"])
def test_three_nodes_have_room_for_a_rolling_update(scenario: Render, values: str) -> None:
    deployments = list(scenario(values).all("Deployment"))
    assert deployments
    for each in deployments:
        spec, pod = each["spec"], each["spec"]["template"]["spec"]
        assert (spec["replicas"], spec["strategy"]["rollingUpdate"]["maxSurge"]) == (3, 1)
        # It would keep the fourth pod from every node that has one of the old revision.
        assert REQUIRED not in pod["affinity"]["podAntiAffinity"]
        assert pod["topologySpreadConstraints"] == [
            {
                "topologyKey": "kubernetes.io/hostname",
                "maxSkew": 1,
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": spec["selector"]["matchLabels"]},
                # Each revision is spread by itself.
                "matchLabelKeys": ["pod-template-hash"],
                # Two nodes have room while the third is drained.
                "nodeTaintsPolicy": "Honor",
            }
        ]


@pytest.mark.parametrize(("mode", "fields"), [("none", set()), ("preferred", {"affinity"})])
def test_only_what_is_required_keeps_a_pod_waiting(helm: Helm, mode: str, fields: set[str]) -> None:
    release = helm.render("notice", "--set", f"antiAffinity={mode}")
    pod = release.one("Deployment", "notice")["spec"]["template"]["spec"]
    assert {"affinity", "topologySpreadConstraints"} & pod.keys() == fields
    assert REQUIRED not in pod.get("affinity", {}).get("podAntiAffinity", {})
