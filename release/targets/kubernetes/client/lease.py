"""A Lease says who is at work, and lets nobody else begin, on whichever machine.

It is kept alive while its holder lives; one that was not renewed in time is taken over. All times
are the API server's, since the machines' clocks need not agree.
"""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache

from release.clients import http
from release.errors import LockedError, ReleaseError
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api, Conflict

_LASTS = 60
_RENEWED_EVERY = 15


@contextmanager
def held(api: Api, namespace: str, name: str, doing: str, wait: float = 0) -> Iterator[None]:
    """Hold it while the block runs. Raises LockedError naming who else does."""
    lease = _Lease(api, namespace, name, _identity(doing))
    if not http.wait_until(lease.take, limit=wait, pause=1):
        raise LockedError(f"{lease.holder()} is at work on {api.context}: wait until it ends")
    over = threading.Event()
    renewing = threading.Thread(target=lease.keep, args=[over], daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
        lease.give_back()


class _Lease:
    def __init__(self, api: Api, namespace: str, name: str, identity: str) -> None:
        self._api = api
        self._folder = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._path = f"{self._folder}/{name}"
        self._name, self._identity = name, identity

    def take(self) -> bool:
        """Whether it is ours now."""
        found = self._api.get(self._path)
        try:
            if found is None:
                self._api.create(self._folder, self._body())
            elif self._is_ours(found) or self._stale(found):
                # Ours, when it could not be given back.
                self._api.replace(self._path, self._body(found))
            else:
                return False
        except Conflict:
            return False
        return True

    def keep(self, over: threading.Event) -> None:
        """Renew it now and then, until told that it is over."""
        while not over.wait(_RENEWED_EVERY):
            try:
                found = self._api.get(self._path)
                if found and self._is_ours(found):
                    self._api.replace(self._path, self._body(found))
            except (ReleaseError, Conflict):
                # There are three more attempts before anybody else may take it.
                continue

    def give_back(self) -> None:
        # It may be gone meanwhile, with its namespace. What cannot be given back runs out soon, and
        # what was done meanwhile is done.
        with suppress(Conflict, ReleaseError):
            found = self._api.get(self._path)
            if found and self._is_ours(found):
                version = found["metadata"]["resourceVersion"]
                self._api.delete(self._path, {"preconditions": {"resourceVersion": version}})

    def holder(self) -> str:
        found = self._api.get(self._path)
        return found["spec"]["holderIdentity"] if found else "another command"

    def _is_ours(self, found: Object) -> bool:
        return str(found["spec"].get("holderIdentity")).endswith(_process())

    def _stale(self, found: Object) -> bool:
        renewed = datetime.fromisoformat(found["spec"]["renewTime"]).timestamp()
        return self._api.clock() > renewed + float(found["spec"]["leaseDurationSeconds"])

    def _body(self, found: Object | None = None) -> Object:
        now = datetime.fromtimestamp(self._api.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        metadata = found["metadata"] if found else {"name": self._name}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": self._identity,
                "leaseDurationSeconds": _LASTS,
                "renewTime": now,
            },
        }


def _identity(doing: str) -> str:
    return f"{doing} {_process()}"


@cache
def _process() -> str:
    who = f"{getpass.getuser()}@{socket.gethostname()}"
    since = time.strftime("%H:%M:%S")
    # Containers may share their host's name, and have the same number.
    return f"({who}, process {os.getpid()}, since {since}, {secrets.token_hex(3)})"
