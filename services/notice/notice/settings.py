"""The settings of the notice service, from the one variable NOTICES.

{"live": [1, 2],
 "tombstones": {"catalog.v1.shop.localhost": {
     "version": 1, "successor": "http://catalog.v2.shop.localhost:8080/",
     "since": 1795392000, "link": ""}}}
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from instrumentation import Environment, SettingsError
from instrumentation.environment import URL

TOMBSTONES_AT_MOST = 200
LATEST = 253402300799
_HOST = re.compile(r"[0-9a-z][0-9a-z.-]{0,252}").fullmatch
_URL = re.compile(rf"({URL})?").fullmatch


@dataclass(frozen=True, slots=True)
class HostTombstone:
    """A version that has been removed; `successor` and `link` (the reason) may be empty."""

    version: int
    successor: str
    since: datetime
    link: str


@dataclass(frozen=True, slots=True)
class Notices:
    """The live versions, ascending, and the tombstones by host."""

    live: tuple[int, ...]
    tombstones: Mapping[str, HostTombstone]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read NOTICES; raise SettingsError with one line."""
        try:
            content = json.loads(Environment(environ).text("NOTICES"))
            live, tombstones = content["live"], content["tombstones"]
            if len(tombstones) > TOMBSTONES_AT_MOST:
                raise ValueError(f"{len(tombstones)} tombstones, {TOMBSTONES_AT_MOST} at most")
            return cls(
                tuple(sorted({_check_integer(version, 1, 99) for version in live})),
                {_check_host(host): _read_tombstone(each) for host, each in tombstones.items()},
            )
        except KeyError as error:
            raise SettingsError(f"NOTICES: {error} is missing") from None
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            if isinstance(error, SettingsError):
                raise
            raise SettingsError(f"NOTICES is not what it should be: {str(error)[:200]}") from None


def _read_tombstone(content: Mapping[str, Any]) -> HostTombstone:
    return HostTombstone(
        version=_check_integer(content["version"], 1, 99),
        successor=_check_url(content["successor"]),
        since=datetime.fromtimestamp(_check_integer(content["since"], 0, LATEST), UTC),
        link=_check_url(content.get("link", "")),
    )


def _check_integer(value: object, lowest: int, highest: int) -> int:
    if type(value) is not int or not lowest <= value <= highest:
        raise ValueError(f"{value!r} is not a whole number from {lowest} to {highest}")
    return value


def _check_host(value: str) -> str:
    if not _HOST(value):
        raise ValueError(f"{value!r} is not a host name in lower case, without a port")
    return value


def _check_url(value: object) -> str:
    if not isinstance(value, str) or not _URL(value):
        raise ValueError(f"{value!r} is not a URL such as http://catalog.v2.shop.localhost/")
    return value
