"""Asks the API server of one cluster, with the caller's own permissions.

`kubectl proxy` signs in, however the kubeconfig says. It listens on a socket in a folder of ours,
since a port would lend the caller's permissions to everybody on the machine. One process serves a
whole command: a shift asks twice a second.
"""

import atexit
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
_TIMEOUT = 20
_REPEATED = 15
"""Seconds for which a question is repeated, once the cluster has answered this command: control
planes restart, and nobody watches a shift whose command has ended."""
_BUSY = (429, 502, 503, 504)
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
STORE_AWAY = (
    "etcdserver: (request timed out|leader changed|no leader|too many requests|server stopped"
    "|unhealthy cluster)|rpc error: code = (Unavailable|DeadlineExceeded)"
)
"""A pattern of the errors that the API server passes on while its store restarts."""


class Conflict(Exception):
    """Somebody else was faster."""


class Api:
    """Sends small JSON requests.

    Raises UnansweredError, naming the cluster, when it does not answer, ReleaseError when it
    refuses.
    """

    def __init__(self, kubectl: Path, context: str, environment: Mapping[str, str]) -> None:
        self._argv: list[str | Path] = [kubectl, "--context", context, "proxy"]
        self.context = context
        self._environment = environment
        self._answered = False

    def get(self, path: str) -> Object | None:
        """Return an object; None if there is none."""
        answer = self._ask("GET", path)
        return None if answer is None else answer.json()

    def items(self, path: str, **selectors: str) -> list[Object]:
        """Return the objects of a list that match the selectors `label` and `field`."""
        return self._list(path, "application/json", selectors)

    def names(self, path: str, **selectors: str) -> list[Object]:
        """Return the metadata of such objects, without their content."""
        return [item["metadata"] for item in self._list(path, _METADATA, selectors)]

    def _list(self, path: str, accept: str, selectors: Mapping[str, str]) -> list[Object]:
        parameters = {f"{name}Selector": value for name, value in selectors.items() if value}
        answer = self._ask("GET", path, parameters=parameters, accept=accept)
        # Go writes an empty list as null.
        return (answer.json().get("items") if answer is not None else None) or []

    def text(self, path: str, parameters: Mapping[str, str]) -> str:
        """Return an answer that is no JSON; empty if there is nothing."""
        answer = self._ask("GET", path, parameters=parameters)
        return "" if answer is None else answer.text

    def create(self, path: str, body: Object) -> Object:
        """Create an object in a list, and return it. Raises Conflict if it exists."""
        answer = self._ask("POST", path, body=body)
        if answer is None:
            raise ReleaseError(f"{self._cluster} has no {path}")
        created: Object = answer.json()
        return created

    def replace(self, path: str, body: Object) -> None:
        """Replace an object. Raises Conflict if it has changed since it was read, or is gone."""
        if self._ask("PUT", path, body=body) is None:
            raise Conflict

    def delete(self, path: str, body: Object | None = None) -> None:
        self._ask("DELETE", path, body=body)

    def clock(self) -> float:
        """Return the API server's time, which is the same for everybody."""
        answer = self._ask("GET", "/version")
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() if answer else 0.0

    def proxied(self, namespace: str, target: str) -> str:
        """Return the address of `services/name:port` or `pods/name:port` behind the API server."""
        return f"{self._base}/api/v1/namespaces/{namespace}/{target}/proxy"

    def _ask(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: Object | None = None,
        accept: str = "application/json",
    ) -> requests.Response | None:
        send = partial(
            http.session.request,
            method,
            self._base + path,
            params=parameters,
            json=body,
            headers={"Accept": accept},
            timeout=_TIMEOUT,
        )
        # A write is not repeated: it may have been done.
        limit = _REPEATED if self._answered and method == "GET" else 0
        try:
            answer = _repeat(send, limit)
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
            # The proxy says so, not the API server.
            raise UnansweredError(f"{self._cluster} does not answer: {answer.text.strip()[:300]}")
        message = f"{self._cluster} refuses {method} {path}: {_reason(answer)}"
        if _is_busy(answer):
            raise UnansweredError(message)
        if answer.status_code in (401, 403):
            raise NotAllowedError(message)
        raise ReleaseError(message)

    @property
    def _cluster(self) -> str:
        return f"the cluster of CONTEXT={self.context}"

    @cached_property
    def _base(self) -> str:
        """The address of the API server, behind a proxy that the first question starts."""
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
        return _BASE


def _repeat(send: Callable[[], requests.Response], limit: float) -> requests.Response:
    """Send until an answer is about the question. Return the last one after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        try:
            answer = send()
        except requests.RequestException:
            if time.monotonic() >= deadline:
                raise
        else:
            if not _is_busy(answer) or time.monotonic() >= deadline:
                return answer
        time.sleep(0.5)


def _is_busy(answer: requests.Response) -> bool:
    """True if the same question may be answered soon."""
    if answer.status_code == 500:
        return re.search(STORE_AWAY, _reason(answer)) is not None
    return answer.status_code in _BUSY


def _reason(answer: requests.Response) -> str:
    try:
        message = answer.json().get("message", "")
    except (requests.JSONDecodeError, AttributeError):
        message = answer.text[:200]
    return message or f"status {answer.status_code}"
