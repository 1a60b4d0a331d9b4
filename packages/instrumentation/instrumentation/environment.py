"""Reads settings from environment variables; a bad one is an error of one line."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

# The characters of RFC 3986 that are safe in headers and pages: no spaces, double quotes or <>.
URL = r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]{1,1000}"


class SettingsError(ValueError):
    """A setting is missing or wrong; the message is one line that names the variable."""


@dataclass(frozen=True)
class Environment:
    """Reads and checks variables; every method raises SettingsError for a bad value.

    An empty variable counts as absent, as in templates. Without a default it is required.
    """

    variables: Mapping[str, str]

    def text(
        self, name: str, default: str | None = None, *, pattern: str = r"[^\x00-\x1f]*"
    ) -> str:
        """Return the text, which must match the whole pattern."""
        value = self.variables.get(name) or default
        if value is None:
            raise SettingsError(f"{name} is not set")
        if not re.fullmatch(pattern, value):
            raise SettingsError(f"{name}={_quote(value)} is not valid: expected {pattern}")
        return value

    def integer(self, name: str, default: int | None = None, *, lowest: int, highest: int) -> int:
        """Return a whole number within the bounds, both included."""
        text = self.text(name, None if default is None else str(default))
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not lowest <= int(text) <= highest:
            raise SettingsError(
                f"{name}={_quote(text)} is not a whole number from {lowest} to {highest}"
            )
        return int(text)

    def number(
        self, name: str, default: float | None = None, *, lowest: float, highest: float
    ) -> float:
        """Return a number within the bounds, both included; never NaN."""
        text = self.text(name, None if default is None else str(default))
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not lowest <= value <= highest:
            raise SettingsError(f"{name}={_quote(text)} is not a number from {lowest} to {highest}")
        return value

    def flag(self, name: str) -> bool:
        """Return the value of `true` or `false`, which is the default."""
        text = self.text(name, "false")
        if text not in ("true", "false"):
            raise SettingsError(f"{name}={_quote(text)} is neither true nor false")
        return text == "true"


def _quote(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:57] + "...")
