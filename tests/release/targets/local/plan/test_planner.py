"""Rendered objects become processes, or an error that names what would have been lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from release.errors import UnsupportedError
from release.model import services
from release.targets.local.plan.planner import make_plan
from tests.conftest import NEWEST
from tests.release.conftest import Objects, find

QV = f"qv{NEWEST}"


def _deployment(objects: Objects, name: str = "stock") -> dict[str, Any]:
    return find(objects, "Deployment", name)


def _container(objects: Objects, name: str = "stock") -> dict[str, Any]:
    container: dict[str, Any] = _deployment(objects, name)["spec"]["template"]["spec"][
        "containers"
    ][0]
    return container


def test_a_release_is_services_each_with_a_prometheus_and_an_alertmanager(
    objects: Objects,
) -> None:
    result = make_plan(objects, QV)
    assert sorted(workload.name for workload in result.workloads) == sorted(
        f"{prefix}{name}"
        for prefix in ("", "prometheus-", "alertmanager-")
        for name in services.NAMES
    )
    assert [job.name for job in result.jobs] == ["stock-migration"]
    assert "catalog.v2.shop.localhost" in result.public_hosts


def test_each_prometheus_scrapes_its_own_component_and_tells_its_own_alertmanager(
    objects: Objects,
) -> None:
    for server in make_plan(objects, QV).prometheuses:
        assert [scrape.monitor for scrape in server.scrapes] == [server.name]
        assert server.alertmanagers == ((f"alertmanager-{server.name}", "web"),)
        assert server.rules


def test_the_same_objects_give_the_same_plan(render: Callable[..., Objects]) -> None:
    assert make_plan(render(NEWEST), QV) == make_plan(render(NEWEST), QV)


def test_values_reach_the_processes(render: Callable[..., Objects]) -> None:
    given = {"replicas": 3, "threads": 5, "preStopSleepSeconds": 7}
    found = {work.name: work for work in make_plan(render(NEWEST, **given), QV).workloads}
    assert found["catalog"].replicas == 3
    assert found["catalog"].environment["THREADS"] == "5"
    assert found["catalog"].stop_delay == 7
    assert found["stock"].replicas == 1


def test_what_only_a_cluster_needs_changes_nothing_here(render: Callable[..., Objects]) -> None:
    volumes = {
        "prometheus": {"storage": {"size": "1Gi"}},
        "alertmanager": {"storage": {"size": "1Gi"}},
    }
    needed = {
        "global": {"imagePullSecrets": ["registry-login"]},
        "antiAffinity": "required",
        "prometheus-operated": volumes,
    }
    assert make_plan(render(NEWEST, **needed), QV) == make_plan(render(NEWEST), QV)


SPOILT: list[tuple[str, Callable[[Objects], object], str]] = [
    (
        "a kind that nobody knows",
        lambda objects: objects.append({"kind": "CronJob", "metadata": {"name": "nightly"}}),
        "CronJob/nightly: the local target does not know the kind CronJob",
    ),
    (
        "a second container",
        lambda objects: _deployment(objects)["spec"]["template"]["spec"]["containers"].append(
            {"name": "sidecar", "image": "shop/stock:2.0.0"}
        ),
        "Deployment/stock: 2 containers",
    ),
    (
        "a field that would change what runs",
        lambda objects: _container(objects).update(args=["--reload"]),
        "Deployment/stock: the local target does not understand the field "
        "spec.template.spec.containers.args",
    ),
    (
        "an init container",
        lambda objects: _deployment(objects)["spec"]["template"]["spec"].update(
            initContainers=[{"name": "first"}]
        ),
        "spec.template.spec.initContainers.name",
    ),
    (
        "a hook of another kind",
        lambda objects: find(objects, "Job", "stock-migration")["metadata"]["annotations"].update(
            {"helm.sh/hook": "post-delete"}
        ),
        "Job/stock-migration: the local target has no use for a Job with the hook post-delete",
    ),
    (
        "a port that cannot be moved",
        lambda objects: _container(objects)["ports"].append(
            {"name": "debug", "containerPort": 5678}
        ),
        "Deployment/stock: port 'debug' cannot be moved, since no DEBUG_PORT",
    ),
    (
        "no command",
        lambda objects: _container(objects).pop("command"),
        "Deployment/stock: no command",
    ),
    (
        "a variable from a place that is not here",
        lambda objects: _container(objects)["env"].append(
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
        ),
        "Deployment/stock: environment variable NODE comes from",
    ),
    (
        "a selector that misses its pods",
        lambda objects: _deployment(objects)["spec"]["selector"]["matchLabels"].update(tier="gold"),
        "Deployment/stock: its selector does not match its own pods",
    ),
    (
        "a Service that selects nothing",
        lambda objects: find(objects, "Service", "stock")["spec"]["selector"].update(tier="gold"),
        "Service/stock: its selector matches no pod",
    ),
    (
        "a Service port that no pod has",
        lambda objects: find(objects, "Service", "stock")["spec"]["ports"][0].update(
            targetPort="grpc"
        ),
        "Service/stock: its pods have no port 'grpc'",
    ),
    (
        "a route to nowhere",
        lambda objects: objects.remove(find(objects, "Service", "catalog")),
        "host catalog.v2.shop.localhost: there is no Service/catalog with port 'http'",
    ),
    (
        "a path of its own on a host",
        lambda objects: find(objects, "Ingress", "stock")["spec"]["rules"][0]["http"]["paths"][
            0
        ].update(path="/api"),
        "Ingress/stock: only the path / with pathType Prefix is understood",
    ),
    (
        "an Alertmanager without a configuration",
        lambda objects: objects.remove(find(objects, "Secret", "alertmanager-stock-config")),
        "Alertmanager/stock: its configuration, Secret/alertmanager-stock-config, is not",
    ),
    (
        "a Prometheus that tells an Alertmanager that is not there",
        lambda objects: find(objects, "Prometheus", "stock")["spec"]["alerting"]["alertmanagers"][
            0
        ].update(name="alertmanager-of-others"),
        "Prometheus/stock: there is no Service/alertmanager-of-others",
    ),
    (
        "remote storage",
        lambda objects: find(objects, "Prometheus", "stock")["spec"].update(
            remoteWrite=[{"url": "http://elsewhere"}]
        ),
        "Prometheus/stock: the local target does not understand the field spec.remoteWrite.url",
    ),
    (
        "another namespace",
        lambda objects: find(objects, "Service", "stock")["metadata"].update(namespace="elsewhere"),
        f"Service/stock: it is meant for another namespace than {QV}",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "words"), [case[1:] for case in SPOILT], ids=[c[0] for c in SPOILT]
)
def test_what_would_be_lost_is_an_error_that_names_it(
    objects: Objects, spoil: Callable[[Objects], object], words: str
) -> None:
    spoil(objects)
    with pytest.raises(UnsupportedError) as caught:
        make_plan(objects, QV)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_empty_is_not_a_field(objects: Objects) -> None:
    _container(objects).update(args=[], envFrom=None)
    assert make_plan(objects, QV)
