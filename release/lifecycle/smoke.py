"""Does a release answer? Every operation of its services that needs nothing but to be asked, as its
clients ask: through the gateway.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from release import paths
from release.clients import http
from release.errors import ReleaseError

LIMIT = 30.0
"""Seconds that routes and processes have to come."""
_DESCRIPTION = "/openapi.json"


@dataclass(frozen=True)
class Answer:
    """One operation, asked for."""

    url: str
    status: int
    milliseconds: float


def ask(gateway: str, urls: Sequence[str], version: int) -> Iterator[Answer]:
    """The answers, one by one. `urls`: the public addresses of the release.

    Raises ReleaseError at the first that is not what the service describes.
    """
    for host in _hosts(urls):
        description: dict[str, Any] = {}

        def described(host: str = host, found: dict[str, Any] = description) -> bool:
            found.update(http.fetch_json(f"{gateway}{_DESCRIPTION}", host=host) or {})
            return bool(found)

        if not http.wait_until(described, limit=LIMIT):
            raise ReleaseError(f"{host}{_DESCRIPTION}: no answer within {LIMIT:g} s: make status")
        said = str(description["info"]["version"])
        if said.partition(".")[0] != str(version):
            raise ReleaseError(f"{host} is version {said}, not {version}")
        yield from (_asked(gateway, host, path) for path in _plain(description))


def _hosts(urls: Sequence[str]) -> list[str]:
    """Those of the services, without what watches them."""
    found = (urlsplit(url).netloc for url in urls)
    return [host for host in found if host.partition(".")[0] in paths.SERVICES]


def _plain(description: Mapping[str, Any]) -> list[str]:
    """The paths that can be asked for as they are."""
    return [
        path
        for path, operations in description["paths"].items()
        if "get" in operations and "{" not in path
    ]


def _asked(gateway: str, host: str, path: str) -> Answer:
    begun = time.monotonic()
    try:
        status, _ = http.read(
            f"{gateway}{path}", host=host, parameters={}, seconds=10, most=2_000_000
        )
    except OSError as error:
        raise ReleaseError(f"http://{host}{path}: {type(error).__name__}: make logs") from error
    if status != 200:
        raise ReleaseError(f"http://{host}{path}: status {status}: make logs")
    return Answer(f"http://{host}{path}", status, (time.monotonic() - begun) * 1000)
