"""Settings of catalog, beyond those of every service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from instrumentation import Environment, SettingsError

SHORTEST_WAIT, LONGEST_WAIT = 0.01, 60.0


@dataclass(frozen=True)
class StockSettings:
    """The base URL of stock, without a trailing slash, and the time limits of calls in seconds."""

    url: str
    connect_timeout: float = 0.5
    read_timeout: float = 2.5
    budget: float = 5.0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError with one line about the first bad one."""
        read = Environment(environ)

        def seconds(name: str, default: float) -> float:
            return read.number(name, default, lowest=SHORTEST_WAIT, highest=LONGEST_WAIT)

        return cls(
            url=_check_base_url("STOCK_URL", read.text("STOCK_URL")),
            connect_timeout=seconds("REMOTE_CONNECT_TIMEOUT", cls.connect_timeout),
            read_timeout=seconds("REMOTE_READ_TIMEOUT", cls.read_timeout),
            budget=seconds("REMOTE_BUDGET", cls.budget),
        )


def _check_base_url(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete or not url.isascii() or " " in url or set("?#@\\") & set(url):
        # The value is not repeated: it may hold a password.
        raise SettingsError(f"{name} is not a base URL such as http://127.0.0.1:8081/qv1/stock")
    return url.rstrip("/")
