"""The one place that asks Alertmanagers, at the addresses that a target gives."""

from __future__ import annotations

from release.clients import http
from release.model.status import Alert

_SECONDS = 10.0


def firing(base: str, component: str, host: str | None = None) -> list[Alert] | None:
    """The alerts that fire now, oldest first; None when the Alertmanager does not answer."""
    found = http.fetch_json(
        f"{base}/api/v2/alerts?active=true&silenced=false&inhibited=false",
        host=host,
        timeout=_SECONDS,
    )
    if not isinstance(found, list):
        return None
    alerts = [
        Alert(
            component=component,
            name=alert["labels"].get("alertname", "?"),
            severity=alert["labels"].get("severity", ""),
            since=alert["startsAt"],
            summary=alert.get("annotations", {}).get("summary", ""),
        )
        for alert in found
    ]
    return sorted(alerts, key=lambda alert: alert.since)
