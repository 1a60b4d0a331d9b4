"""Injects faults into running services, for rehearsals."""

from collections.abc import Sequence

import requests

from release.clients.http import session
from release.errors import ReleaseError


def inject(addresses: Sequence[str], delay: float, errors: float) -> None:
    """Make every process answer `delay` seconds late and fail a share `errors` of its requests.

    The addresses are base URLs of internal ports.
    """
    for address in addresses:
        _send("POST", address, {"delay": delay, "errors": errors})


def clear(addresses: Sequence[str]) -> None:
    """End the fault of every process."""
    for address in addresses:
        _send("DELETE", address)


def _send(method: str, address: str, fault: dict[str, float] | None = None) -> None:
    try:
        answer = session.request(method, f"{address}/fault", json=fault, timeout=5)
    except requests.RequestException as error:
        raise ReleaseError(f"the service does not answer on {address}: see make status") from error
    if answer.status_code == 404:
        raise ReleaseError(
            "this release has no fault switch: it was deployed with faultInjection.enabled=false"
        )
    if not answer.ok:
        raise ReleaseError(f"the fault switch answered {answer.status_code}: {answer.text[:200]}")
