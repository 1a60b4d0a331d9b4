"""Reads what runs in the cluster. Changes nothing, and needs no lock."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from release.clients import alertmanager
from release.model.objects import Object
from release.model.status import Alert, Process, ReleaseStatus, TargetStatus
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import is_leaving
from release.targets.kubernetes.helm.helm_history import PENDING, HelmHistory, HelmRevision


def report(api: Api, history: HelmHistory, namespaces: Sequence[str], gateway: str) -> TargetStatus:
    """Return the status of the shop's releases in these namespaces."""
    problems = []
    releases = []
    for namespace in namespaces:
        last, current = history.last(namespace), history.current(namespace)
        if last and last.status in PENDING:
            problems.append(f"{namespace}: a change was broken off ({last.status}): make deploy")
        if current:
            releases.append(_release(api, namespace, current))
    return TargetStatus("kubernetes", problems, gateway, releases)


def _release(api: Api, namespace: str, revision: HelmRevision) -> ReleaseStatus:
    alerts: list[Alert] = []
    unreachable = []
    for item in revision.objects:
        if item["kind"] == "Alertmanager":
            component = item["metadata"]["name"]
            service = f"alertmanager-{component}"
            base = api.proxied(namespace, f"services/{service}:web")
            firing = alertmanager.fetch_alerts(base, component)
            alerts += firing or []
            unreachable += [f"{service}.{namespace}"] if firing is None else []
    return ReleaseStatus(
        namespace,
        *revision.summary,
        reason=revision.reason,
        processes=list(_processes(api, namespace)),
        urls=list(_urls(revision)),
        alerts=alerts,
        unreachable=unreachable,
    )


def _processes(api: Api, namespace: str) -> Iterator[Process]:
    for pod in api.items(f"/api/v1/namespaces/{namespace}/pods"):
        if pod["status"].get("phase") == "Succeeded":
            continue
        statuses = pod["status"].get("containerStatuses", [])
        started = pod["status"].get("startTime")
        yield Process(
            name=pod["metadata"]["name"],
            state=_state(pod, statuses),
            pid=0,
            restarts=sum(each["restartCount"] for each in statuses),
            started=datetime.fromisoformat(started).timestamp() if started else 0,
        )


def _state(pod: Object, statuses: list[Object]) -> str:
    if is_leaving(pod["metadata"]):
        return "leaving"
    for status in statuses:
        if "waiting" in status["state"]:
            return str(status["state"]["waiting"].get("reason", "waiting"))
    phase = str(pod["status"].get("phase", "unknown")).lower()
    if phase != "failed" and statuses and not all(status["ready"] for status in statuses):
        return "not ready"
    return phase


def _urls(revision: HelmRevision) -> Iterator[str]:
    values = revision.values.get("global", {})
    scheme, port = values.get("scheme", "http"), values.get("port", 80)
    usual = {"http": 80, "https": 443}[scheme]
    suffix = "" if port == usual else f":{port}"
    for item in revision.objects:
        if item["kind"] == "Ingress":
            for rule in item["spec"]["rules"]:
                yield f"{scheme}://{rule['host']}{suffix}/"
        if item["kind"] == "IngressRoute" and item["metadata"]["name"] == "shop":
            yield f"{scheme}://{values['domain']}{suffix}/"
