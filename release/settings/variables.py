"""What a variable may be made of, whatever it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from release import paths
from release.errors import UsageError

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_TRUE = {"1", "true", "yes"}
_FALSE = {"0", "false", "no"}


@dataclass(frozen=True)
class Variables:
    """The caller's environment. Each section of the settings reads its part of it; every accessor
    raises UsageError with what was found and what is allowed.
    """

    environment: Mapping[str, str]

    def check(self) -> None:
        """Look at everything that was given, before anything happens. Raises UsageError."""

    def text(self, name: str) -> str | None:
        # A variable that make exports empty was not given.
        return self.environment.get(name, "").strip() or None

    def number(self, name: str, low: int, high: int) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not re.fullmatch(r"\d{1,6}", text) or not low <= int(text) <= high:
            raise UsageError(f"{name}={text!r}: give a whole number from {low} to {high}")
        return int(text)

    def decimal(self, name: str, low: float, high: float) -> float | None:
        text = self.text(name)
        if text is None:
            return None
        if (
            not re.fullmatch(r"\d{1,6}(\.\d{0,6})?|\.\d{1,6}", text)
            or not low <= float(text) <= high
        ):
            raise UsageError(f"{name}={text!r}: give a number from {low:g} to {high:g}")
        return float(text)

    def duration(self, name: str, longest: str) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not 1 <= _seconds(text) <= _seconds(longest):
            raise UsageError(f"{name}={text!r}: give from 1s to {longest}, as in 90s, 5m or 1h")
        return _seconds(text)

    def line(self, name: str, what: str) -> str:
        """One line for people to read; empty when none was given."""
        text = self.text(name) or ""
        if len(text) > 500 or not text.isprintable():
            raise UsageError(f"{name}: give {what} of up to 500 characters")
        return text

    def folder(self, name: str, default: Path) -> Path:
        """A folder, by one name however it was spelt; it need not be there yet."""
        path = Path(self.text(name) or default).resolve()
        if path.exists() and not path.is_dir():
            raise UsageError(f"{name}={path} is no folder")
        return path

    def flag(self, name: str) -> bool:
        text = (self.text(name) or "0").lower()
        if text not in _TRUE | _FALSE:
            raise UsageError(f"{name}={text!r}: give 1 or 0")
        return text in _TRUE

    def gives(self, name: str) -> bool:
        """Whether the caller asks for something by a variable: set, and not to 0."""
        return (self.text(name) or "0").lower() not in _FALSE


def listed_versions() -> str:
    """The versions that there are, for a reader."""
    return ", ".join(map(str, paths.known_versions()))


def _seconds(text: str) -> int:
    """Of 90s, 5m, 1h or 7d; 0 for what is none of them."""
    found = re.fullmatch(r"(\d{1,5})([smhd])", text)
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]] if found else 0
