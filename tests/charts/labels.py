"""Who selects whom."""

from tests.charts.rendering import Object, Release


def selects(selector: Object, labels: Object) -> bool:
    return bool(selector) and selector.items() <= labels.items()


def operated_pod(resource: Object) -> Object:
    """Labels that the operator gives to the pods of a Prometheus or an Alertmanager."""
    kind, name = resource["kind"].lower(), resource["metadata"]["name"]
    own = "operator.prometheus.io/name" if kind == "prometheus" else "alertmanager"
    return {"app.kubernetes.io/name": kind, own: name}


def pods(release: Release) -> dict[str, Object]:
    """Labels of every long-running pod by the name of what makes it."""
    made = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"]
        for each in release.all("Deployment", "StatefulSet")
    }
    for each in release.all("Prometheus", "Alertmanager"):
        made[f"{each['kind'].lower()}-{each['metadata']['name']}"] = operated_pod(each)
    return made
