"""Programs that use the shop's JSON. Each is written for one version and pins it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

from load.client import Answer, Client, Unexpected
from load.gateway import Gateway
from load.record import Record

_SHARE = 10
"""One request in so many buys something."""


class Shirt(NamedTuple):
    """A t-shirt, and where more is to be had about it."""

    name: str
    href: str


class Receipt(NamedTuple):
    """What was bought."""

    name: str
    quantity: int


@dataclass(frozen=True)
class Outsider:
    """A consumer that calls a service directly: with which name, where, what it reads."""

    agent: str
    service: str
    path: str
    reads: Callable[[Any], object]


@dataclass(frozen=True)
class Language:
    """What a client of one version can read; a reader raises KeyError, TypeError or ValueError for
    what it cannot.
    """

    version: int
    shelf: Callable[[Any], list[Shirt]]
    shirt: Callable[[Any], Shirt]
    receipt: Callable[[Any], Receipt]
    refusal: Callable[[Any], str]
    keyed: bool
    outsiders: tuple[Outsider, ...] = ()


class ApiClient:
    """Reads the shelf and its t-shirts in turn, and buys one now and then."""

    def __init__(
        self, gateway: Gateway, host: str, language: Language, number: int, record: Record
    ) -> None:
        kind = f"v{language.version}-clients"
        self._gateway, self._record, self._language = gateway, record, language
        self._url = f"http://{host}"
        self._client = Client(
            gateway,
            record,
            kind,
            {
                "User-Agent": f"shop-app/{language.version}.0",
                "Accept": "application/json",
                "API-Version": str(language.version),
            },
        )
        self._step = number
        self._shelf: list[Shirt] = []

    def act(self, due: float) -> None:
        """The next of the shelf, a t-shirt, a purchase, or what an outsider wants."""
        self._step += 1
        turn, outsiders = self._step % _SHARE, self._language.outsiders
        if turn < len(outsiders):
            self._report(outsiders[turn], due)
        elif not self._shelf:
            self._look(due)
        elif turn == _SHARE - 1:
            self._buy(self._shelf[self._step // _SHARE % len(self._shelf)], due)
        elif turn % 3 == 0:
            self._look(due)
        else:
            shirt = self._shelf[self._step % len(self._shelf)]
            self._ask("GET", shirt.href, due, {200: self._language.shirt})

    def leave(self) -> None:
        self._client.forget()

    def _look(self, due: float) -> None:
        found: list[Shirt] = []

        def reads(document: Any) -> None:
            found.extend(self._language.shelf(document))

        self._ask("GET", "/", due, {200: reads})
        self._shelf = found

    def _buy(self, shirt: Shirt, due: float) -> None:
        receipts: list[Receipt] = []

        def reads(document: Any) -> None:
            receipts.append(self._language.receipt(document))

        keyed = self._language.keyed
        answer = self._ask(
            "POST",
            f"{shirt.href}/buy",
            due,
            {201: reads, 409: self._language.refusal},
            safe=keyed,
            headers={"Idempotency-Key": uuid4().hex} if keyed else {},
            json={"quantity": 1},
        )
        for receipt in receipts:
            self._record.bought(*receipt)
        if answer is None:
            self._record.may_have_bought(shirt.name, 1)

    def _report(self, outsider: Outsider, due: float) -> None:
        host = self._gateway.versioned(outsider.service, self._language.version)
        headers = {"User-Agent": outsider.agent}
        readers = {200: outsider.reads}
        self._ask("GET", f"http://{host}{outsider.path}", due, readers, headers=headers)

    def _ask(
        self,
        method: str,
        path: str,
        due: float,
        readers: dict[int, Callable[[Any], object]],
        **sent: Any,
    ) -> Answer | None:
        def reads(answer: Answer) -> int:
            if answer.status not in readers:
                raise answer.unexpected()
            try:
                readers[answer.status](json.loads(answer.body))
            except (KeyError, TypeError, ValueError) as error:
                words = f"{type(error).__name__}: {error}"[:100]
                raise Unexpected(f"not what this client can read ({words})") from error
            return self._language.version

        url = path if path.startswith("http") else self._url + path
        return self._client.ask(method, url, due, reads, **sent)
