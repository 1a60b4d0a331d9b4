"""What is announced about the end of a version, and what counts as use of it."""

from __future__ import annotations

import re
from datetime import date

from release.errors import UsageError
from release.settings.variables import Variables


class Ending(Variables):
    """Every accessor raises UsageError."""

    def check(self) -> None:
        super().check()
        _ = self.link, self.window
        if self.text("SUNSET"):
            _ = self.sunset

    @property
    def sunset(self) -> date:
        """The day on which a version goes."""
        text = self.text("SUNSET")
        if text is None:
            raise UsageError("SUNSET is missing: give a date, as in SUNSET=2027-03-01")
        try:
            return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else "")
        except ValueError as error:
            raise UsageError(f"SUNSET={text!r}: give a date, as in 2027-03-01") from error

    @property
    def link(self) -> str:
        """A page that explains why a version goes; empty for none."""
        text = self.text("LINK") or ""
        if text and not re.fullmatch(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]{1,980}", text):
            raise UsageError(f"LINK={text!r} is not an http(s) address")
        return text

    @property
    def window(self) -> int:
        """Seconds in which a call counts as use: WINDOW=24h, 90s, 10m or 7d."""
        return self.duration("WINDOW", longest="90d") or 86_400
