"""The announced removal of a version, kept in the values of its release.

Headers, OpenAPI description, banner and alert come from there.
"""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from release.errors import UsageError
from release.model.release import Deployed


@dataclass(frozen=True)
class Deprecation:
    """An announcement. `since`: Unix seconds, 0 for none; `sunset`: an ISO date, or empty."""

    since: int = 0
    sunset: str = ""
    link: str = ""
    successor: int = 0

    @property
    def end(self) -> float | None:
        """Unix seconds of the removal: the beginning of that day, UTC."""
        return beginning(date.fromisoformat(self.sunset)) if self.sunset else None

    def as_values(self) -> dict[str, Any]:
        """Return the values of the release that announce it."""
        return {"global": {"deprecation": asdict(self)}}


def announced(deployed: Deployed | None) -> Deprecation:
    """Return the announcement of a release."""
    values = deployed.values.get("global", {}) if deployed else {}
    return Deprecation(**values.get("deprecation", {}))


def announce(
    before: Deprecation, sunset: date, link: str, successor: int, now: float | None = None
) -> Deprecation:
    """Return a new announcement, or a changed one that keeps its beginning.

    Raises UsageError for a sunset in the past, or before the deprecation (RFC 8594 and
    RFC 9745, section 4: the sunset is never the earlier of the two).
    """
    now = time.time() if now is None else now
    since = before.since or int(now)
    if beginning(sunset) <= now:
        today = datetime.fromtimestamp(now, UTC).date()
        raise UsageError(
            f"SUNSET={sunset}: that day has begun (it is {today}, UTC); give one to come"
        )
    if beginning(sunset) < since:
        raise UsageError(f"SUNSET={sunset} is before the deprecation began")
    return Deprecation(since, sunset.isoformat(), link or before.link, successor)


def beginning(day: date) -> float:
    """Return the Unix seconds of the first moment of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
