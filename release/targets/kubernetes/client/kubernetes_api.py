"""The API server of one cluster, asked with the caller's own rights.

`kubectl proxy` signs in, however the kubeconfig says; it listens on a socket in a folder of ours,
since a port would lend the caller's rights to everybody on the machine. One process serves a whole
command: a shift asks twice a second.
"""

from __future__ import annotations

import atexit
import json
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from pathlib import Path

import requests

from release.clients import http
from release.clients.unix_socket import SocketAdapter, is_listening
from release.errors import NotAllowedError, ReleaseError, UnansweredError
from release.model.objects import Object
from release.toolchain import subprocesses

_BASE = "http://cluster.invalid"
_PATIENCE = 20
_REPEATED = 15
"""Seconds for which a question is repeated, once the cluster has answered this command: control
planes restart, and nobody watches a shift whose command has ended."""
_BUSY = (429, 502, 503, 504)
STORE_AWAY = (
    "etcdserver: (request timed out|leader changed|no leader|too many requests|server stopped"
    "|unhealthy cluster)|rpc error: code = (Unavailable|DeadlineExceeded)"
)
"""A pattern of what the API server passes on, as an error of its own, while its store restarts."""


class Conflict(Exception):
    """Somebody else was faster."""


class Api:
    """Small JSON questions. Raises UnansweredError, naming the cluster, when it does not answer,
    ReleaseError when it refuses.
    """

    def __init__(self, kubectl: Path, context: str, environment: Mapping[str, str]) -> None:
        command = ["--context", context, "proxy"]
        self._argv: list[str | Path] = [kubectl, *command]
        self.context = context
        self._environment = environment
        self._answered = False

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Object | None:
        """What is there; None where nothing is."""
        answer = self._ask("GET", path, parameters=parameters)
        return None if answer is None else answer.json()

    def items(self, path: str, **selectors: str) -> list[Object]:
        """The items of a list: `label`, `field`."""
        given = {f"{name}Selector": value for name, value in selectors.items() if value}
        found = self.get(path, given)
        items: list[Object] = (found or {}).get("items") or []
        return items

    def names(self, path: str, **selectors: str) -> list[Object]:
        """The same, without content."""
        given = {f"{name}Selector": value for name, value in selectors.items() if value}
        kind = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        answer = self._ask("GET", path, parameters=given, accept=kind)
        # Go writes an empty list as null.
        items: list[Object] = (answer.json()["items"] if answer else None) or []
        return [item["metadata"] for item in items]

    def text(self, path: str, parameters: Mapping[str, str] | None = None) -> str:
        """An answer that is no JSON; empty where there is nothing."""
        answer = self._ask("GET", path, parameters=parameters)
        return answer.text if answer is not None else ""

    def create(self, path: str, body: Object) -> Object:
        """Raises Conflict when it is there already."""
        return self._written("POST", path, body)

    def replace(self, path: str, body: Object) -> Object:
        """Raises Conflict when it changed since it was read."""
        return self._written("PUT", path, body)

    def delete(self, path: str, body: Object | None = None) -> None:
        self._ask("DELETE", path, body=body)

    def clock(self) -> float:
        """The API server's time: one that everybody who asks it shares."""
        answer = self._ask("GET", "/version")
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() if answer else 0.0

    def proxied(self, namespace: str, target: str) -> str:
        """The address of `services/name:port` or `pods/name:port`, through the API server."""
        self._opened  # noqa: B018 - opens it
        return f"{_BASE}/api/v1/namespaces/{namespace}/{target}/proxy"

    def _written(self, method: str, path: str, body: Object) -> Object:
        answer = self._ask(method, path, body=body)
        if answer is None and method == "POST":
            raise ReleaseError(f"{self._cluster} has no {path}")
        if answer is None:
            raise Conflict
        found: Object = answer.json()
        return found

    def _ask(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: Object | None = None,
        accept: str = "application/json",
    ) -> requests.Response | None:
        self._opened  # noqa: B018 - opens it
        send = partial(
            http.session.request,
            method,
            _BASE + path,
            params=parameters,
            json=body,
            headers={"Accept": accept},
            timeout=_PATIENCE,
        )
        # What writes is not repeated: it may have been done.
        repeats = self._answered and method == "GET"
        try:
            answer = _repeated(send) if repeats else send()
        except requests.RequestException as error:
            kind = type(error).__name__
            raise UnansweredError(f"{self._cluster} does not answer: {kind}") from error
        self._answered = self._answered or not _is_busy(answer)
        if answer.status_code == 404:
            return None
        if answer.status_code == 409:
            raise Conflict
        if answer.ok:
            return answer
        if answer.status_code >= 500 and "json" not in answer.headers.get("Content-Type", ""):
            # Not the API server's own word, but the proxy's about it.
            raise UnansweredError(f"{self._cluster} does not answer: {answer.text.strip()[:300]}")
        said = f"{self._cluster} refuses {method} {path}: {_reason(answer)}"
        if _is_busy(answer):
            raise UnansweredError(said)
        raise NotAllowedError(said) if answer.status_code in (401, 403) else ReleaseError(said)

    @property
    def _cluster(self) -> str:
        return f"the cluster of CONTEXT={self.context}"

    @cached_property
    def _opened(self) -> Path:
        """The socket, with the proxy behind it."""
        folder = tempfile.TemporaryDirectory(prefix="api-")
        atexit.register(folder.cleanup)
        path, log = Path(folder.name) / "socket", Path(folder.name) / "log"
        process = subprocesses.start_attached(
            [*self._argv, f"--unix-socket={path}"], env=self._environment, log=log
        )
        if not http.wait_until(lambda: is_listening(path) or process.poll() is not None, limit=60):
            raise ReleaseError(f"{self._cluster}: kubectl proxy does not start")
        if process.poll() is not None:
            raise ReleaseError(f"{self._cluster} cannot be asked: {log.read_text().strip()}")
        http.session.mount(_BASE, SocketAdapter(path))
        return path


def _repeated(send: Callable[[], requests.Response]) -> requests.Response:
    """The first answer that is about the question, else the last one."""
    deadline = time.monotonic() + _REPEATED
    while True:
        try:
            answer = send()
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
        else:
            if not _is_busy(answer) or time.monotonic() > deadline:
                return answer
        time.sleep(0.5)


def _is_busy(answer: requests.Response) -> bool:
    """Whether the same question may be answered soon."""
    if answer.status_code == 500:
        return re.search(STORE_AWAY, _reason(answer)) is not None
    return answer.status_code in _BUSY


def _reason(answer: requests.Response) -> str:
    try:
        said = answer.json().get("message", "")
    except (json.JSONDecodeError, AttributeError):
        said = answer.text[:200]
    return said or f"status {answer.status_code}"
