"""The same requests over and over, for those who must know what they asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import uuid4

from load.client import Answer, Client
from load.gateway import Gateway
from load.record import Record
from load.traffic import Mix

Target = tuple[str, str] | tuple[str, str, dict[str, int]]
"""A public name below the domain and a path; with a JSON object, a purchase."""
_FINE = {200, 201, 409}


class Steady:
    """Asks for one target. A page, a sale, or the word that the last one is sold are fine."""

    def __init__(self, gateway: Gateway, target: Target, _number: int, record: Record) -> None:
        name, path = target[:2]
        self._sale = target[2] if len(target) == 3 else None
        self._url = f"http://{name}.{gateway.merged}{path}"
        self._client = Client(gateway, record, _kind(target), {"User-Agent": "steady/1.0"})

    def act(self, due: float) -> None:
        if self._sale is None:
            self._client.ask("GET", self._url, due, _fine)
        else:
            key = {"Idempotency-Key": uuid4().hex}
            self._client.ask("POST", self._url, due, _fine, json=self._sale, headers=key)

    def leave(self) -> None:
        self._client.forget()


def steady(gateway: Gateway, targets: Sequence[Target]) -> Mix:
    """Each target in turn, a kind of clients of its own."""
    return [(_kind(target), partial(Steady, gateway, target)) for target in targets]


def _kind(target: Target) -> str:
    return target[0] + target[1]


def _fine(answer: Answer) -> None:
    if answer.status not in _FINE:
        raise answer.unexpected()
