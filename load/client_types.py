"""The types of clients that a shop has, and the hosts at which each finds it."""

import importlib
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import load
from load.api_client import ApiClient, Language
from load.browser import KIND as BROWSERS
from load.browser import Browser
from load.client import Client
from load.gateway import Gateway
from load.stats import Recorder
from load.traffic import Factory, Mix

_VERSIONS = sorted(
    int(module.name[1:])
    for module in pkgutil.iter_modules(load.__path__)
    if re.fullmatch(r"v\d+", module.name)
)
_LANGUAGES: dict[str, Language] = {
    f"v{version}-clients": importlib.import_module(f"load.v{version}.language").LANGUAGE
    for version in _VERSIONS
}
CLIENT_TYPES = (*_LANGUAGES, BROWSERS)
"""A folder of a version adds the programs of that version."""
_NOT_ROUTED = {400, 404, 410}
"""The answers of the gateway, or of a tombstone, for a host without a version behind it."""


class NoShopError(Exception):
    """Nothing answers at the address of the shop."""


@dataclass(frozen=True)
class Hosts:
    """The hosts that answer: the one that all versions share, and those of the versions."""

    is_merged: bool
    versions: tuple[int, ...]

    def is_absent(self, client_type: str) -> bool:
        """True if no version answers this type of clients."""
        language = _LANGUAGES.get(client_type)
        return not self.versions if language is None else language.version not in self.versions


def find_hosts(gateway: Gateway) -> Hosts:
    """Ask the shop which hosts answer. Raises NoShopError when nothing listens at its address."""
    alive = (v for v in _VERSIONS if _is_routed(gateway, gateway.versioned("catalog", v)))
    return Hosts(_is_routed(gateway, gateway.merged), tuple(alive))


def make_mix(gateway: Gateway, hosts: Hosts, client_types: Sequence[str]) -> Mix:
    """Return a mix of these types of clients, at these hosts."""
    return [(name, _factory(gateway, hosts, name)) for name in client_types]


def _factory(gateway: Gateway, hosts: Hosts, client_type: str) -> Factory:
    if client_type == BROWSERS:
        own = [gateway.versioned("catalog", version) for version in hosts.versions]
        return partial(Browser, gateway, [gateway.merged] if hosts.is_merged else own)
    language = _LANGUAGES[client_type]
    own_host = gateway.versioned("catalog", language.version)
    return partial(ApiClient, gateway, gateway.merged if hosts.is_merged else own_host, language)


def _is_routed(gateway: Gateway, host: str) -> bool:
    """True if a version is behind the host, even a failing one: its failures must be counted."""
    client = Client(gateway, Recorder([host]), host, {})
    response = client.send("GET", f"http://{host}/", 0, lambda _: None)
    if response is None:
        raise NoShopError(f"{gateway.base} does not answer")
    return response.status not in _NOT_ROUTED
