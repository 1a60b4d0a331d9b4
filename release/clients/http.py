"""HTTP to our own loopback addresses: small requests, bounded answers, and waiting with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

session = requests.Session()
# Proxies and .netrc of the caller have no say in what goes to loopback.
session.trust_env = False


def url(port: int, path: str = "/") -> str:
    """A loopback address."""
    return f"http://127.0.0.1:{port}{path}"


def answers(address: str, *, host: str | None = None, timeout: float = 2) -> bool:
    """Whether a GET is answered with 200."""
    return fetch(address, host=host, timeout=timeout) is not None


def fetch_any(address: str, *, timeout: float = 2) -> requests.Response | None:
    """The answer of a GET, whatever it is; None when there is none."""
    try:
        return session.get(address, timeout=timeout, allow_redirects=False)
    except requests.RequestException:
        return None


def fetch(address: str, *, host: str | None = None, timeout: float = 2) -> requests.Response | None:
    """The answer of a GET when it is 200, else None. `host` goes into the Host header, since names
    need not resolve.
    """
    headers = {"Host": host} if host else None
    try:
        answer = session.get(address, headers=headers, timeout=timeout, allow_redirects=False)
    except requests.RequestException:
        return None
    return answer if answer.status_code == 200 else None


def fetch_json(address: str, *, host: str | None = None, timeout: float = 2) -> Any:
    """The JSON of a 200 answer, else None."""
    return decoded(fetch(address, host=host, timeout=timeout))


def decoded(answer: requests.Response | None) -> Any:
    """The JSON of a 200 answer, else None."""
    try:
        return answer.json() if answer is not None and answer.status_code == 200 else None
    except requests.JSONDecodeError:
        return None


def read(
    address: str, *, host: str | None, parameters: Mapping[str, str], seconds: float, most: int
) -> tuple[int, bytes]:
    """Status and body of a GET, in bounded time and size. Raises OSError for anything else."""
    headers = {"Host": host} if host else {}
    deadline = time.monotonic() + seconds
    body = bytearray()
    with session.get(
        address,
        params=parameters,
        headers=headers,
        timeout=seconds,
        allow_redirects=False,
        stream=True,
    ) as answer:
        for part in answer.iter_content(65_536):
            body += part
            if len(body) > most:
                raise OSError(f"an answer of more than {most} bytes")
            if time.monotonic() > deadline:
                raise OSError(f"no whole answer within {seconds:g} s")
        return answer.status_code, bytes(body)


def wait_until(condition: Callable[[], bool], *, limit: float, pause: float = 0.05) -> bool:
    """Poll until the condition holds; False when `limit` seconds have passed."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
