"""HTTP requests to our own servers: bounded answers, and waiting with a limit."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

session = requests.Session()
# The caller's proxies and .netrc are not for loopback addresses.
session.trust_env = False


def url(port: int, path: str = "/") -> str:
    """Return a loopback address."""
    return f"http://127.0.0.1:{port}{path}"


def get(address: str, *, host: str | None = None, timeout: float = 2) -> requests.Response | None:
    """Return the answer to a GET, whatever its status; None when there is none.

    `host` goes into the Host header, since names need not resolve.
    """
    headers = {"Host": host} if host else None
    try:
        return session.get(address, headers=headers, timeout=timeout, allow_redirects=False)
    except requests.RequestException:
        return None


def answers(address: str, *, host: str | None = None, timeout: float = 2) -> bool:
    """Return True if a GET is answered with 200."""
    answer = get(address, host=host, timeout=timeout)
    return answer is not None and answer.status_code == 200


def fetch_json(address: str, *, host: str | None = None, timeout: float = 2) -> Any:
    """Return the JSON of a 200 answer to a GET, else None."""
    return decode_json(get(address, host=host, timeout=timeout))


def decode_json(answer: requests.Response | None) -> Any:
    """Return the JSON of a 200 answer, else None."""
    try:
        return answer.json() if answer is not None and answer.status_code == 200 else None
    except requests.JSONDecodeError:
        return None


def read(
    address: str, *, host: str | None, parameters: Mapping[str, str], seconds: float, most: int
) -> tuple[int, bytes]:
    """Return status and body of a GET, in bounded time and size. Raises OSError for all else."""
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
    """Poll until the condition holds. Return False once `limit` seconds have passed."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
