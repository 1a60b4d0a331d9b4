"""The one place that asks Prometheus servers, at the addresses that a target gives.

What cannot be asked is an UnansweredError, never an empty answer: absence of data is no success.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release.clients import http
from release.errors import UnansweredError

SECONDS = 5.0
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Sample:
    """A value, and when it was scraped (or evaluated)."""

    at: float
    value: float


@dataclass(frozen=True)
class Series:
    """Samples in the order of time: one for an instant, more for a range."""

    labels: Mapping[str, str]
    samples: tuple[Sample, ...]

    @property
    def value(self) -> float:
        return self.samples[-1].value


@dataclass(frozen=True)
class Prometheus:
    """One server. `host` goes into the Host header, since names need not resolve."""

    base: str
    host: str | None = None
    seconds: float = SECONDS
    """How long an answer may take."""
    name: str = ""
    """What to call it in a sentence; its host or its address otherwise."""

    def query(self, promql: str) -> list[Series]:
        """An instant vector, or with `[1m]` at its end the raw samples of that time."""
        return _series(self._ask("query", {"query": promql}))

    def query_range(self, promql: str, start: float, end: float, step: float) -> list[Series]:
        """Values at every `step` seconds."""
        given = {"query": promql, "start": str(start), "end": str(end), "step": str(step)}
        return _series(self._ask("query_range", given))

    def now(self) -> float:
        """Its clock, which stamps the scrapes and need not be ours."""
        return self.query("vector(time())")[0].value

    def firing(self) -> list[Mapping[str, str]]:
        """The labels of the alerts that fire."""
        alerts = self._ask("alerts", {}).get("alerts", [])
        return [alert["labels"] for alert in alerts if alert.get("state") == "firing"]

    def _ask(self, what: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        name = self.name or self.host or self.base
        try:
            status, body = http.read(
                f"{self.base}/api/v1/{what}",
                host=self.host,
                parameters=parameters,
                seconds=self.seconds,
                most=MOST_BYTES,
            )
        except OSError as error:
            raise UnansweredError(f"{name}: cannot be asked: {type(error).__name__}") from error
        try:
            answer = json.loads(body)
        except ValueError as error:
            found = f"no JSON, and status {status}"
            raise UnansweredError(f"{name}: cannot be asked: {found}") from error
        if not isinstance(answer, dict) or answer.get("status") != "success":
            # An API server that cannot pass the question on gives a message of its own.
            facts = answer if isinstance(answer, dict) else {}
            said = facts.get("error") or facts.get("message") or status
            raise UnansweredError(f"{name} does not understand the question: {said}")
        data: dict[str, Any] = answer["data"]
        return data


def _series(data: Mapping[str, Any]) -> list[Series]:
    return [
        Series(
            found["metric"],
            tuple(
                Sample(float(at), float(value))
                for at, value in found.get("values") or [found["value"]]
            ),
        )
        for found in data["result"]
    ]
