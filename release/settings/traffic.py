"""Who gets how much traffic, how it moves, and what clients and faults make of it."""

from __future__ import annotations

from dataclasses import replace

from canary_analysis import PROFILES, Profile
from load.client_types import CLIENT_TYPES
from release import paths
from release.errors import UsageError
from release.settings.variables import Variables, listed_versions


class Traffic(Variables):
    """Every accessor raises UsageError."""

    def check(self) -> None:
        super().check()
        _ = self.weight, self.profile, self.slow
        _ = self.rate, self.period, self.mix, self.delay, self.errors
        if self.text("TO"):
            _ = self.to

    @property
    def weight(self) -> int | None:
        """Percent of new visitors for the newest version."""
        return None if self.keeps_weights else self.number("WEIGHT", 0, 100)

    @property
    def keeps_weights(self) -> bool:
        """WEIGHT=keep: versions that share the host already keep what they have."""
        return self.text("WEIGHT") == "keep"

    @property
    def to(self) -> int:
        """The version that traffic moves to."""
        text = self.text("TO")
        if text not in {str(number) for number in paths.known_versions()}:
            raise UsageError(f"TO={text or ''}: give one of {listed_versions()}, as in TO=2")
        return int(text)

    @property
    def profile(self) -> Profile:
        """How traffic moves: PROFILE, and what was asked for otherwise."""
        name = self.text("PROFILE") or "default"
        if name not in PROFILES:
            raise UsageError(f"PROFILE={name!r} is not known: give one of {', '.join(PROFILES)}")
        found = PROFILES[name]
        effect = self.decimal("DEFF", 1, 1000) or found.rule.design_effect
        return replace(
            found,
            rule=replace(found.rule, design_effect=effect),
            hold_limit=self.duration("HOLD_LIMIT", longest="48h") or found.hold_limit,
            drain_limit=self.duration("DRAIN_LIMIT", longest="48h") or found.drain_limit,
        )

    @property
    def slow(self) -> float:
        """Seconds after which an answer is too late."""
        return self.decimal("SLOW", 0.001, 600) or 1.2

    @property
    def rate(self) -> float:
        """Requests a second that `make load` sends."""
        return self.decimal("RATE", 0.1, 500) or 20

    @property
    def period(self) -> int | None:
        """Seconds that something is to last: FOR=90s, 5m or 1h."""
        return self.duration("FOR", longest="1h")

    @property
    def mix(self) -> tuple[str, ...]:
        """The types of clients that `make load` sends; empty for all that the shop answers."""
        names = tuple(filter(None, (part.strip() for part in (self.text("MIX") or "").split(","))))
        for name in names:
            if name not in CLIENT_TYPES:
                known = ", ".join(CLIENT_TYPES)
                raise UsageError(f"MIX={name!r} is not known: give some of {known}")
        if len(names) > 20:
            raise UsageError("MIX: give 20 names at most")
        return names

    @property
    def delay(self) -> float | None:
        """Seconds of a rehearsed delay."""
        return self.decimal("DELAY", 0, 60)

    @property
    def errors(self) -> float | None:
        """Share of requests that fail in a rehearsal."""
        return self.decimal("ERRORS", 0, 1)
