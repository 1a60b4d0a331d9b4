"""What a catalog process is told by its environment, beyond what every service is told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from instrumentation import Environment, SettingsError

SHORTEST_WAIT, LONGEST_WAIT = 0.01, 60.0


@dataclass(frozen=True, slots=True)
class StockSettings:
    """Where stock is, without a trailing slash, and how long to wait for it (seconds)."""

    url: str
    connect_timeout: float
    read_timeout: float
    budget: float

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Reads the settings; raises SettingsError with one line about the first bad one."""
        read = Environment(environ)

        def seconds(name: str, default: float) -> float:
            return read.number(name, default, lowest=SHORTEST_WAIT, highest=LONGEST_WAIT)

        return cls(
            url=_base_url("STOCK_URL", read.text("STOCK_URL")),
            connect_timeout=seconds("REMOTE_CONNECT_TIMEOUT", 0.5),
            read_timeout=seconds("REMOTE_READ_TIMEOUT", 2.5),
            budget=seconds("REMOTE_BUDGET", 5.0),
        )


def _base_url(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete or not url.isascii() or " " in url or set("?#@\\") & set(url):
        # The value is not repeated: it may hold a password.
        raise SettingsError(f"{name} is not a base URL such as http://127.0.0.1:8081/qv1/stock")
    return url.rstrip("/")
