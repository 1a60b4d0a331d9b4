"""Queries Alertmanagers."""

from release.clients import http
from release.model.status import Alert

_SECONDS = 10.0


def fetch_alerts(base: str, component: str, host: str | None = None) -> list[Alert] | None:
    """Return the alerts that fire, oldest first; None when the Alertmanager does not answer."""
    answer = http.fetch_json(
        f"{base}/api/v2/alerts?active=true&silenced=false&inhibited=false",
        host=host,
        timeout=_SECONDS,
    )
    if not isinstance(answer, list):
        return None
    alerts = [
        Alert(
            component=component,
            name=alert["labels"].get("alertname", "?"),
            severity=alert["labels"].get("severity", ""),
            since=alert["startsAt"],
            summary=alert.get("annotations", {}).get("summary", ""),
        )
        for alert in answer
    ]
    return sorted(alerts, key=lambda alert: alert.since)
