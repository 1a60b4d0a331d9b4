"""What there is to say, from the one variable NOTICES.

{"live": [1, 2],
 "tombstones": {"catalog.v1.shop.localhost": {
     "version": 1, "successor": "http://catalog.v2.shop.localhost:8080/",
     "since": 1795392000, "link": ""}}}
"""

import json
import os
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
class Tombstone:
    """A version that is gone; `successor` and `link` (which explains it) may be empty."""

    version: int
    successor: str
    since: datetime
    link: str


@dataclass(frozen=True, slots=True)
class Notices:
    """The versions that live, ascending, and the tombstone of each host that has one."""

    live: tuple[int, ...]
    tombstones: Mapping[str, Tombstone]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read NOTICES; raises SettingsError with one line."""
        try:
            told = json.loads(Environment(environ).text("NOTICES"))
            live, tombstones = told["live"], told["tombstones"]
            if len(tombstones) > TOMBSTONES_AT_MOST:
                raise ValueError(f"{len(tombstones)} tombstones, {TOMBSTONES_AT_MOST} at most")
            return cls(
                tuple(sorted({_within(version, 1, 99) for version in live})),
                {_host(host): _tombstone(each) for host, each in tombstones.items()},
            )
        except KeyError as error:
            raise SettingsError(f"NOTICES: {error} is missing") from None
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            if isinstance(error, SettingsError):
                raise
            raise SettingsError(f"NOTICES is not what it should be: {str(error)[:200]}") from None


def _tombstone(told: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        version=_within(told["version"], 1, 99),
        successor=_url(told["successor"]),
        since=datetime.fromtimestamp(_within(told["since"], 0, LATEST), UTC),
        link=_url(told.get("link", "")),
    )


def _within(value: object, lowest: int, highest: int) -> int:
    if type(value) is not int or not lowest <= value <= highest:
        raise ValueError(f"{value!r} is not a whole number from {lowest} to {highest}")
    return value


def _host(value: str) -> str:
    if not _HOST(value):
        raise ValueError(f"{value!r} is not a host name in small letters, without a port")
    return value


def _url(value: object) -> str:
    if not isinstance(value, str) or not _URL(value):
        raise ValueError(f"{value!r} is not a URL such as http://catalog.v2.shop.localhost/")
    return value
