"""Queries Prometheus servers.

A server that does not answer is an UnansweredError, never an empty answer: absence of data is no
success.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release.clients import http
from release.errors import UnansweredError

_SECONDS = 5.0
_MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Sample:
    """A value, and the time at which it was scraped or evaluated."""

    at: float
    value: float


@dataclass(frozen=True)
class TimeSeries:
    """Samples in the order of time: one for an instant query, more for a range."""

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
    seconds: float = _SECONDS
    """Time limit of an answer."""
    name: str = ""
    """Its name in messages; by default its host or address."""

    def query(self, promql: str) -> list[TimeSeries]:
        """Evaluate now. A query that ends with a range such as `[1m]` returns raw samples."""
        return _series(self._ask("query", {"query": promql}))

    def query_range(self, promql: str, start: float, end: float, step: float) -> list[TimeSeries]:
        """Evaluate at every `step` seconds."""
        parameters = {"query": promql, "start": str(start), "end": str(end), "step": str(step)}
        return _series(self._ask("query_range", parameters))

    def now(self) -> float:
        """Return the time by its own clock, which stamps the scrapes."""
        return self.query("vector(time())")[0].value

    def firing(self) -> list[Mapping[str, str]]:
        """Return the labels of the alerts that fire."""
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
                most=_MAX_BYTES,
            )
        except OSError as error:
            raise UnansweredError(f"{name}: cannot be asked: {type(error).__name__}") from error
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise UnansweredError(f"{name}: cannot be asked: status {status}, no JSON") from error
        if not isinstance(answer, dict) or answer.get("status") != "success":
            # A Kubernetes API server that cannot reach it answers with a `message` instead.
            details = answer if isinstance(answer, dict) else {}
            reason = details.get("error") or details.get("message") or status
            raise UnansweredError(f"{name} refuses the query: {reason}")
        data: dict[str, Any] = answer["data"]
        return data


def _series(data: Mapping[str, Any]) -> list[TimeSeries]:
    return [
        TimeSeries(
            result["metric"],
            tuple(
                Sample(float(at), float(value))
                for at, value in result.get("values") or [result["value"]]
            ),
        )
        for result in data["result"]
    ]
