"""Clients that repeat the same request, for tests that count by URL."""

from collections.abc import Sequence
from functools import partial
from uuid import uuid4

from load.client import Client, Response
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Mix

FixedTarget = tuple[str, str] | tuple[str, str, dict[str, int]]
"""A public host below the domain and a path; with a JSON object it is a purchase."""
_FINE = {200, 201, 409}


class FixedTargetClient:
    """Requests one target. A page, a sale and `sold out` count as success."""

    def __init__(
        self, gateway: Gateway, target: FixedTarget, _number: int, record: Recorder
    ) -> None:
        name, path = target[:2]
        self._sale = target[2] if len(target) == 3 else None
        self._url = f"http://{name}.{gateway.merged}{path}"
        self._client = Client(gateway, record, _kind(target), {"User-Agent": "steady/1.0"})

    def act(self, due: float) -> None:
        if self._sale is None:
            self._client.send("GET", self._url, due, _fine)
        else:
            key = {"Idempotency-Key": uuid4().hex}
            self._client.send("POST", self._url, due, _fine, json=self._sale, headers=key)

    def leave(self) -> None:
        self._client.forget()


def fixed_targets(gateway: Gateway, targets: Sequence[FixedTarget]) -> Mix:
    """Return a mix with one type of clients for each target."""
    return [(_kind(target), partial(FixedTargetClient, gateway, target)) for target in targets]


def _kind(target: FixedTarget) -> str:
    return target[0] + target[1]


def _fine(answer: Response) -> None:
    if answer.status not in _FINE:
        raise answer.as_error()
