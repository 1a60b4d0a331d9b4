"""Rehearsal faults: asks the services' internal ports to be slow or to fail."""

from __future__ import annotations

from collections.abc import Sequence

import requests

from release.errors import ReleaseError
from release.web import session


def switch(ports: Sequence[str], delay: float, errors: float) -> None:
    """Make every process at these internal base URLs answer `delay` seconds late and fail a share
    `errors` of requests.
    """
    for port in ports:
        _expect(session.post(f"{port}/fault", json={"delay": delay, "errors": errors}, timeout=5))


def clear(ports: Sequence[str]) -> None:
    """Back to normal."""
    for port in ports:
        _expect(session.delete(f"{port}/fault", timeout=5))


def _expect(answer: requests.Response) -> None:
    if answer.status_code == 404:
        raise ReleaseError(
            "this release has no fault switch: it was deployed with faultInjection.enabled=false"
        )
    if not answer.ok:
        raise ReleaseError(f"the fault switch answered {answer.status_code}: {answer.text[:200]}")
