"""The announcement that a version is deprecated, as headers of every response.

Deprecation: @1795392000                                         RFC 9745
Sunset: Mon, 01 Mar 2027 00:00:00 GMT                            RFC 8594
Link: <...>; rel="successor-version", <...>; rel="deprecation", <...>; rel="sunset"
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Self

from .environment import URL, Environment, SettingsError

MAX_UNIX_TIME = 253402300799
_DETAILS = ("SUNSET", "DEPRECATION_LINK", "SUCCESSOR_URL")


@dataclass(frozen=True)
class DeprecationNotice:
    """`since` is a Unix time. The version ends at the start (UTC) of the day `sunset`. `link` is
    a page with the reason, `successor` the URL of the next version.
    """

    since: int
    sunset: date | None = None
    link: str = ""
    successor: str = ""

    @classmethod
    def from_environment(cls, read: Environment) -> Self | None:
        """Read the notice; return None if there is none. Raise SettingsError with one line."""
        since = read.integer("DEPRECATION", 0, lowest=0, highest=MAX_UNIX_TIME)
        if not since:
            for name in _DETAILS:
                if read.text(name, ""):
                    raise SettingsError(f"{name} is set, but not DEPRECATION")
            return None
        notice = cls(
            since,
            _read_date(read),
            read.text("DEPRECATION_LINK", "", pattern=rf"({URL})?"),
            read.text("SUCCESSOR_URL", "", pattern=rf"({URL})?"),
        )
        if notice.sunset_time is not None and notice.sunset_time < since:
            raise SettingsError(f"SUNSET={notice.sunset} is before DEPRECATION={since}")
        return notice

    @property
    def sunset_time(self) -> int | None:
        """The Unix time of the removal, None without a date."""
        return None if self.sunset is None else int(_midnight(self.sunset).timestamp())

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers of every response of the version, errors included."""
        headers = [("Deprecation", f"@{self.since}")]
        links = []
        if self.successor:
            links.append(f'<{self.successor}>; rel="successor-version"')
        if self.link:
            links.append(f'<{self.link}>; rel="deprecation"; type="text/html"')
        if self.sunset is not None:
            headers.append(("Sunset", format_datetime(_midnight(self.sunset), usegmt=True)))
            if self.link:
                links.append(f'<{self.link}>; rel="sunset"; type="text/html"')
        if links:
            headers.append(("Link", ", ".join(links)))
        return headers


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _read_date(read: Environment) -> date | None:
    text = read.text("SUNSET", "")
    if not text:
        return None
    try:
        # fromisoformat accepts 20270301 and 2027-W09-1, too.
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise SettingsError(f"SUNSET={text[:40]!r} is not a date such as 2027-03-01") from None
