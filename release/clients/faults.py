"""Rehearsal faults: asks the services' internal ports to be slow or to fail."""

from __future__ import annotations

from collections.abc import Sequence

import requests

from release.clients.http import session
from release.errors import ReleaseError


def inject(ports: Sequence[str], delay: float, errors: float) -> None:
    """Make every process at these internal base URLs answer `delay` seconds late and fail a share
    `errors` of requests.
    """
    for port in ports:
        _ask("POST", port, {"delay": delay, "errors": errors})


def clear(ports: Sequence[str]) -> None:
    """Back to normal."""
    for port in ports:
        _ask("DELETE", port)


def _ask(method: str, port: str, wanted: dict[str, float] | None = None) -> None:
    try:
        answer = session.request(method, f"{port}/fault", json=wanted, timeout=5)
    except requests.RequestException as error:
        raise ReleaseError(f"the service does not answer on {port}: see make status") from error
    if answer.status_code == 404:
        raise ReleaseError(
            "this release has no fault switch: it was deployed with faultInjection.enabled=false"
        )
    if not answer.ok:
        raise ReleaseError(f"the fault switch answered {answer.status_code}: {answer.text[:200]}")
