"""Programs that read the shop's JSON. Each is written for one version and pins it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

from load.client import Client, Response, UnexpectedResponseError
from load.gateway import Gateway
from load.stats import Recorder

_SHARE = 10
"""One request in so many buys something."""


class Shirt(NamedTuple):
    """A t-shirt, and the link to its details."""

    name: str
    href: str


class Receipt(NamedTuple):
    """A confirmed purchase."""

    name: str
    quantity: int


@dataclass(frozen=True)
class ExternalConsumer:
    """A consumer that calls a service directly. `reads` parses the JSON."""

    agent: str
    service: str
    path: str
    reads: Callable[[Any], object]


@dataclass(frozen=True)
class Language:
    """The parsers of one version's JSON. Each raises KeyError, TypeError or ValueError for JSON of
    another form.
    """

    version: int
    shelf: Callable[[Any], list[Shirt]]
    shirt: Callable[[Any], Shirt]
    receipt: Callable[[Any], Receipt]
    refusal: Callable[[Any], str]
    keyed: bool
    external_consumers: tuple[ExternalConsumer, ...] = ()


class ApiClient:
    """Reads the shelf and its t-shirts in turn, and sometimes buys one."""

    def __init__(
        self, gateway: Gateway, host: str, language: Language, number: int, record: Recorder
    ) -> None:
        self._gateway, self._record, self._language = gateway, record, language
        self._url = f"http://{host}"
        headers = {
            "User-Agent": f"shop-app/{language.version}.0",
            "Accept": "application/json",
            "API-Version": str(language.version),
        }
        self._client = Client(gateway, record, f"v{language.version}-clients", headers)
        self._step = number
        self._shelf: list[Shirt] = []

    def act(self, due: float) -> None:
        """Send the next request: the shelf, a t-shirt, a purchase, or an external consumer's."""
        self._step += 1
        turn, external_consumers = self._step % _SHARE, self._language.external_consumers
        if turn < len(external_consumers):
            self._report(external_consumers[turn], due)
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
        self._shelf = self._ask("GET", "/", due, {200: self._language.shelf}) or []

    def _buy(self, shirt: Shirt, due: float) -> None:
        keyed = self._language.keyed
        bought = self._ask(
            "POST",
            f"{shirt.href}/buy",
            due,
            {201: self._language.receipt, 409: self._language.refusal},
            safe=keyed,
            headers={"Idempotency-Key": uuid4().hex} if keyed else {},
            json={"quantity": 1},
        )
        if bought is None:
            self._record.add_unsure_sale(shirt.name, 1)
        elif isinstance(bought, Receipt):
            self._record.add_sale(*bought)

    def _report(self, consumer: ExternalConsumer, due: float) -> None:
        host = self._gateway.versioned(consumer.service, self._language.version)
        headers = {"User-Agent": consumer.agent}
        url = f"http://{host}{consumer.path}"
        self._ask("GET", url, due, {200: consumer.reads}, headers=headers)

    def _ask(
        self,
        method: str,
        path: str,
        due: float,
        parsers: dict[int, Callable[[Any], object]],
        **sent: Any,
    ) -> Any:
        """Return what the parser of the response's status made of it, or None for a failure."""
        parsed: list[object] = []

        def reads(answer: Response) -> int:
            if answer.status not in parsers:
                raise answer.as_error()
            try:
                parsed.append(parsers[answer.status](json.loads(answer.body)))
            except (KeyError, TypeError, ValueError) as error:
                words = f"{type(error).__name__}: {error}"[:100]
                raise UnexpectedResponseError(f"not what this client can read ({words})") from error
            return self._language.version

        url = path if path.startswith("http") else self._url + path
        self._client.send(method, url, due, reads, **sent)
        return parsed[0] if parsed else None
