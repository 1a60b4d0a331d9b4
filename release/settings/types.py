"""The types of the options. Each error is one line that names the variable, never a secret."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click

from release import paths

LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
ADDRESS = r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[\w./~-]*)?"
FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class Variable(click.ParamType[Any]):
    """Parses the text of one option. `hint` says what to give."""

    name = "text"
    hint = "give a value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the parsed text; what is not text, or empty, is a default."""
        if not isinstance(value, str) or not value:
            return value
        self.variable = str(param.envvar) if param else ""
        return self.parse(value.strip())

    def parse(self, text: str) -> Any:
        """Return the value of `text`, or call `reject`."""
        raise NotImplementedError

    def reject(self, text: str) -> NoReturn:
        self.refuse(f"={text!r}: {self.hint}")

    def refuse(self, words: str) -> NoReturn:
        """Raise the error that begins with the variable's name and goes on with `words`."""
        raise click.BadParameter(f"{self.variable}{words}")


class Flag(Variable):
    """1 or 0."""

    name, hint = "1|0", "give 1 or 0"

    def parse(self, text: str) -> bool:
        return FLAGS[text.lower()] if text.lower() in FLAGS else self.reject(text)


@dataclass
class OneOf(Variable):
    """One of some names."""

    choices: tuple[str, ...]
    name = "name"

    @property
    def hint(self) -> str:  # type: ignore[override]
        return f"give one of {', '.join(self.choices)}"

    def parse(self, text: str) -> Any:
        if text not in self.choices:
            self.refuse(f"={text!r} is not known: {self.hint}")
        return text


class Major(OneOf):
    """A major version that has its folders."""

    name = "version"

    def __init__(self) -> None:
        super().__init__(tuple(map(str, paths.known_versions())))

    def parse(self, text: str) -> int:
        return int(super().parse(text))


@dataclass
class Number(Variable):
    """A number between two limits; a whole one unless `decimal`."""

    low: float
    high: float
    decimal: bool = False
    name = "number"

    @property
    def hint(self) -> str:  # type: ignore[override]
        what = "give a number from" if self.decimal else "give a whole number from"
        return f"{what} {self.low:g} to {self.high:.10g}"

    def parse(self, text: str) -> float | int:
        pattern = r"\d{1,6}(\.\d{0,6})?|\.\d{1,6}" if self.decimal else r"\d{1,10}"
        if not re.fullmatch(pattern, text) or not self.low <= float(text) <= self.high:
            self.reject(text)
        return float(text) if self.decimal else int(text)


@dataclass
class Duration(Variable):
    """Seconds, written as 90s, 5m, 1h or 7d."""

    longest: str
    name = "duration"

    @property
    def hint(self) -> str:  # type: ignore[override]
        return f"give from 1s to {self.longest}, as in 90s, 5m or 1h"

    def parse(self, text: str) -> int:
        seconds = _seconds(text)
        return seconds if 1 <= seconds <= _seconds(self.longest) else self.reject(text)


@dataclass
class Pattern(Variable):
    """Text that matches a regular expression. The value of a `secret` is never shown."""

    pattern: str
    hint: str
    name: str = "text"
    secret: bool = False

    def parse(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            self.refuse(f" {self.hint}" if self.secret else f"={text!r}: {self.hint}")
        return text


ANY_TEXT = Pattern("(?s).*", "", secret=True)
"""Text that is checked where it is used, and never shown."""


@dataclass
class OneLine(Variable):
    """One line for people to read."""

    what: str
    name = "line"

    @property
    def hint(self) -> str:  # type: ignore[override]
        return f"give {self.what} of up to 500 characters"

    def parse(self, text: str) -> str:
        if len(text) > 500 or not text.isprintable():
            self.refuse(f": {self.hint}")
        return text


class Folder(Variable):
    """A folder, resolved; it need not exist yet."""

    name, hint = "folder", "name a folder"

    def parse(self, text: str) -> Path:
        path = Path(text).resolve()
        if path.exists() and not path.is_dir():
            self.refuse(f"={path} is no folder")
        return path


class Files(Variable):
    """Files that exist, separated by commas."""

    name, hint = "file,file", "name files"

    def parse(self, text: str) -> tuple[Path, ...]:
        files = tuple(Path(part) for part in text.split(",") if part)
        for path in files:
            if not path.is_file():
                self.refuse(f"={path}: no such file")
        return files


class Day(Variable):
    """A date."""

    name, hint = "date", "give a date, as in 2027-03-01"

    def parse(self, text: str) -> date:
        try:
            return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else "")
        except ValueError:
            self.reject(text)


class Domain(Variable):
    """A domain name."""

    name, hint = "domain", "give a domain name"

    def parse(self, text: str) -> str:
        if len(text) > 200 or not all(re.fullmatch(LABEL, part) for part in text.split(".")):
            self.refuse(f"={text!r} is not a domain name")
        return text


class GatewayAddress(Variable):
    """An http(s) address without a path. Returns it with its port."""

    name, hint = "address", "give an address, as in http://127.0.0.1:8080"

    def parse(self, text: str) -> str:
        found = re.fullmatch(r"(https?)://([A-Za-z0-9.-]{1,250})(?::(\d{1,5}))?/?", text)
        if not found or not 1 <= int(found[3] or 1) <= 65535:
            self.reject(text)
        return f"{found[1]}://{found[2]}:{found[3] or {'http': 80, 'https': 443}[found[1]]}"


def _seconds(text: str) -> int:
    """Return the seconds of 90s, 5m, 1h or 7d; 0 for any other text."""
    found = re.fullmatch(r"(\d{1,5})([smhd])", text)
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]] if found else 0
