"""Who is told what: a channel, a Pact Broker, a folder of reports, the history."""

from __future__ import annotations

import re
from pathlib import Path

from release import paths
from release.clients import credentials
from release.clients.credentials import BrokerAccess
from release.errors import UsageError
from release.settings.variables import Variables


class Telling(Variables):
    """Every accessor raises UsageError."""

    def check(self) -> None:
        super().check()
        credentials.read_broker_access(self.environment)
        _ = self.branch, self.slack_webhook_url, self.force, self.message, self.reports

    @property
    def force(self) -> str:
        """Why a gate is to be overridden; empty when it is not."""
        return self.line("FORCE", "the reason in one line")

    @property
    def message(self) -> str:
        """What the channel is to be told."""
        return self.line("MESSAGE", "one line")

    @property
    def reports(self) -> Path:
        """The folder that reports are written to."""
        return self.folder("REPORTS", paths.ROOT / "reports")

    @property
    def slack_webhook_url(self) -> str | None:
        """The secret address itself: from SLACK_WEBHOOK_URL, or the file SLACK_WEBHOOK_URL_FILE."""
        text, source = self.text("SLACK_WEBHOOK_URL"), "SLACK_WEBHOOK_URL"
        path = self.text("SLACK_WEBHOOK_URL_FILE")
        if text is None and path is not None:
            source = "SLACK_WEBHOOK_URL_FILE"
            try:
                text = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(f"SLACK_WEBHOOK_URL_FILE={path}: cannot be read") from error
        if text is not None and not re.fullmatch(r"https?://[!-~]{1,2000}", text):
            # The value is a secret: say where it came from, never what it is.
            raise UsageError(f"{source} does not hold an http(s) address")
        return text

    @property
    def pact_broker(self) -> BrokerAccess:
        """The Pact Broker to publish to."""
        found = credentials.read_broker_access(self.environment)
        if found is None:
            raise UsageError(
                "PACT_BROKER_BASE_URL is missing: name a broker, as in https://broker.example"
            )
        return found

    @property
    def branch(self) -> str | None:
        """The branch that is published; None when git is to be asked."""
        text = self.text("BRANCH")
        if text is not None and not re.fullmatch(r"[\w][\w./-]{0,199}", text):
            raise UsageError("BRANCH: give a branch's name of up to 200 characters")
        return text
