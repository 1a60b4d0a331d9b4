"""What the caller asked for: environment variables, validated before anything happens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from release.settings.ending import Ending
from release.settings.packaging import Packaging
from release.settings.place import Place
from release.settings.telling import Telling
from release.settings.traffic import Traffic


class Settings(Place, Traffic, Ending, Packaging, Telling):
    """The variables of the Makefile, in sections. Every accessor raises UsageError with what was
    found and what is allowed.
    """

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        return cls(environment)

    def in_folder(self, state: Path) -> Settings:
        """The same in another state folder, unless the caller chose one."""
        given = {"STATE": self.text("STATE") or str(state)}
        return Settings({**self.environment, **given})

    def check(self) -> None:
        """Look at everything that was given, before anything happens. Raises UsageError."""
        super().check()
        for name in ("OFF", "JSON", "DRY_RUN", "PUSH", "SHIFT"):
            self.flag(name)
