"""The kinds of clients that a shop has, and the hosts at which each finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from load import v1, v2
from load.api import ApiClient
from load.browser import KIND as BROWSERS
from load.browser import Browser
from load.client import Client
from load.gateway import Gateway
from load.record import Record
from load.traffic import Factory, Mix

_LANGUAGES = {f"v{one.version}-clients": one for one in (v1.LANGUAGE, v2.LANGUAGE)}
KINDS = (*_LANGUAGES, BROWSERS)
_NOT_ROUTED = {400, 404, 410}
"""What the gateway, or the notice that stands in for versions that have gone, says of a host."""


class NobodyThereError(Exception):
    """There is no shop."""


@dataclass(frozen=True)
class Hosts:
    """Where the shop answers: on the host that all versions share, or on those of the versions."""

    is_merged: bool
    versions: tuple[int, ...]

    def absent(self, kind: str) -> bool:
        """Whether nobody is there for this kind of clients."""
        language = _LANGUAGES.get(kind)
        return not self.versions if language is None else language.version not in self.versions


def find(gateway: Gateway) -> Hosts:
    """Ask the shop itself. Raises NobodyThereError when nothing answers at its address."""
    versions = [language.version for language in _LANGUAGES.values()]
    alive = tuple(v for v in versions if _is_routed(gateway, gateway.versioned("catalog", v)))
    return Hosts(_is_routed(gateway, gateway.merged), alive)


def mix(gateway: Gateway, hosts: Hosts, kinds: Sequence[str]) -> Mix:
    """Clients of these kinds, at these hosts."""
    return [(kind, _factory(gateway, hosts, kind)) for kind in kinds]


def _factory(gateway: Gateway, hosts: Hosts, kind: str) -> Factory:
    if kind == BROWSERS:
        own = [gateway.versioned("catalog", version) for version in hosts.versions]
        return partial(Browser, gateway, [gateway.merged] if hosts.is_merged else own)
    language = _LANGUAGES[kind]
    own_host = gateway.versioned("catalog", language.version)
    return partial(ApiClient, gateway, gateway.merged if hosts.is_merged else own_host, language)


def _is_routed(gateway: Gateway, host: str) -> bool:
    """Whether a version is behind a host. A failing one is: its failures are to be seen."""
    record = Record([host])
    answer = Client(gateway, record, host, {}).ask("GET", f"http://{host}/", 0, lambda _: None)
    if answer is None:
        raise NobodyThereError(f"{gateway.base} does not answer")
    return answer.status not in _NOT_ROUTED
