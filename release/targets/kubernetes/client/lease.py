"""Holds a Lease, which names who is at work and keeps others from beginning, on any machine.

It is renewed while its holder lives; one that was not renewed in time is taken over. All times
are the API server's, since the machines' clocks need not agree.
"""

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

_DURATION = 60
_RENEWAL_INTERVAL = 15


@contextmanager
def hold(api: Api, namespace: str, name: str, doing: str, wait: float = 0) -> Iterator[None]:
    """Hold a Lease during the block. Raises LockedError naming the holder after `wait` seconds."""
    lease = _Lease(api, namespace, name, f"{doing} {_process()}")
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
        """Return True if it is ours now."""
        lease = self._api.get(self._path)
        try:
            if lease is None:
                self._api.create(self._folder, self._body({"name": self._name}))
            elif _is_ours(lease) or self._is_stale(lease):
                # It is ours already if it could not be given back.
                self._api.replace(self._path, self._body(lease["metadata"]))
            else:
                return False
        except Conflict:
            return False
        return True

    def keep(self, over: threading.Event) -> None:
        """Renew it now and then until `over` is set."""
        while not over.wait(_RENEWAL_INTERVAL):
            # If this fails, there are three more attempts before anybody else may take it.
            with suppress(ReleaseError, Conflict):
                lease = self._api.get(self._path)
                if lease and _is_ours(lease):
                    self._api.replace(self._path, self._body(lease["metadata"]))

    def give_back(self) -> None:
        # It may be gone with its namespace. If this fails, it runs out soon, and what was done
        # meanwhile is done.
        with suppress(ReleaseError, Conflict):
            lease = self._api.get(self._path)
            if lease and _is_ours(lease):
                version = lease["metadata"]["resourceVersion"]
                self._api.delete(self._path, {"preconditions": {"resourceVersion": version}})

    def holder(self) -> str:
        lease = self._api.get(self._path)
        return lease["spec"]["holderIdentity"] if lease else "another command"

    def _is_stale(self, lease: Object) -> bool:
        renewed = datetime.fromisoformat(lease["spec"]["renewTime"]).timestamp()
        return self._api.clock() > renewed + float(lease["spec"]["leaseDurationSeconds"])

    def _body(self, metadata: Object) -> Object:
        now = datetime.fromtimestamp(self._api.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": self._identity,
                "leaseDurationSeconds": _DURATION,
                "renewTime": now,
            },
        }


def _is_ours(lease: Object) -> bool:
    return str(lease["spec"].get("holderIdentity")).endswith(_process())


@cache
def _process() -> str:
    user = f"{getpass.getuser()}@{socket.gethostname()}"
    since = time.strftime("%H:%M:%S")
    # Containers may share their host's name, and have the same number.
    return f"({user}, process {os.getpid()}, since {since}, {secrets.token_hex(3)})"
