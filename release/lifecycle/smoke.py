"""Smoke test of a release: send a GET to every path without parameters, through the gateway."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from release.clients import http
from release.errors import ReleaseError
from release.model import services

LIMIT = 30.0
"""Seconds to wait for routes and processes."""
_DESCRIPTION = "/openapi.json"


@dataclass(frozen=True)
class SmokeResult:
    """A path that answered 200."""

    url: str
    status: int
    milliseconds: float


def smoke_test(gateway: str, urls: Sequence[str], version: int) -> Iterator[SmokeResult]:
    """Yield the results, one by one. `urls`: the public addresses of the release.

    Raises ReleaseError at the first path that does not answer 200, and for another version.
    """
    for host in _hosts(urls):
        description: dict[str, Any] = {}

        def is_described(host: str = host, document: dict[str, Any] = description) -> bool:
            document.update(http.fetch_json(f"{gateway}{_DESCRIPTION}", host=host) or {})
            return bool(document)

        if not http.wait_until(is_described, limit=LIMIT):
            raise ReleaseError(f"{host}{_DESCRIPTION}: no answer within {LIMIT:g} s: make status")
        served = str(description["info"]["version"])
        if served.partition(".")[0] != str(version):
            raise ReleaseError(f"{host} is version {served}, not {version}")
        yield from (_get(gateway, host, path) for path in _paths(description))


def _hosts(urls: Sequence[str]) -> list[str]:
    """Return the hosts of the services, without their monitoring."""
    hosts = (urlsplit(url).netloc for url in urls)
    return [host for host in hosts if host.partition(".")[0] in services.NAMES]


def _paths(description: Mapping[str, Any]) -> list[str]:
    """Return the paths with a GET and without parameters."""
    return [
        path
        for path, operations in description["paths"].items()
        if "get" in operations and "{" not in path
    ]


def _get(gateway: str, host: str, path: str) -> SmokeResult:
    begun = time.monotonic()
    try:
        status, _ = http.read(
            f"{gateway}{path}", host=host, parameters={}, seconds=10, most=2_000_000
        )
    except OSError as error:
        raise ReleaseError(f"http://{host}{path}: {type(error).__name__}: make logs") from error
    if status != 200:
        raise ReleaseError(f"http://{host}{path}: status {status}: make logs")
    return SmokeResult(f"http://{host}{path}", status, (time.monotonic() - begun) * 1000)
