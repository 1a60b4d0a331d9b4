"""Read Traefik's raw request histograms of two services, scrape by scrape.

The gateway's counts survive a crash of the service. All numbers come from one histogram, so
requests, codes and durations belong to the same moment.
"""

import json
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import inf
from typing import NamedTuple

from canary_analysis import Counts
from canary_analysis.meter import Scrape, Values
from release.clients.prometheus import Prometheus, TimeSeries
from release.errors import UsageError

_HISTOGRAM = "traefik_service_request_duration_seconds_bucket"
# Traefik always exports the first one: it tells "no traffic" from "no scrape".
_ALWAYS, _STARTED = "traefik_config_reloads_total", "process_start_time_seconds"
_OF_THE_METRIC = {"__name__", "service", "code", "method", "protocol", "le"}
# These refusals are correct answers: unauthorized, forbidden, conflict, too many requests.
_HONEST_REFUSALS = {"401", "403", "409", "429"}


Moment = tuple[Hashable, float]
"""A process, and the time of a scrape."""


class SeriesKey(NamedTuple):
    """The labels of a series that count one sort of requests."""

    service: str
    code: str
    method: str
    protocol: str


def counts(key: SeriesKey, values: Values) -> Counts:
    """Count each request once: as failed, else as slow, else as refused, else as good."""
    requests, in_time = values
    late = requests - in_time
    if key.code.startswith("5") or not key.code.strip("0"):
        return Counts(requests, failed=requests)
    if key.code.startswith("4") and key.code not in _HONEST_REFUSALS:
        # This includes 499, a client that gave up: slow if it waited for long.
        return Counts(requests, slow=late, wrong=in_time)
    return Counts(requests, slow=late)


def scrapes(
    prometheus: Prometheus, services: Iterable[str], slow: float, seconds: float
) -> list[Scrape[SeriesKey]]:
    """Return every scrape of every gateway process in the last `seconds`, oldest first.

    Raises UnansweredError, and UsageError when no bucket ends at `slow` seconds.
    """
    window = f"[{max(1, round(seconds))}s]"
    names = json.dumps("|".join(map(re.escape, sorted(services))))
    # Query this first: the second answer then knows every scrape of the first.
    always = prometheus.query(f'{{__name__=~"{_ALWAYS}|{_STARTED}"}}{window}')
    buckets = prometheus.query(f"{_HISTOGRAM}{{service=~{names}}}{window}")
    _check_edge(buckets, slow)
    counted = _by_moment(buckets, slow)
    found: dict[str, dict[Moment, float]] = {_ALWAYS: {}, _STARTED: {}}
    for series in always:
        process, values = _process(series), found[series.labels["__name__"]]
        values.update({(process, sample.at): sample.value for sample in series.samples})
    return [
        Scrape(process, at, found[_STARTED].get((process, at), 0.0), counted.get((process, at), {}))
        for process, at in sorted(found[_ALWAYS], key=lambda moment: moment[1])
    ]


def _by_moment(
    buckets: Sequence[TimeSeries], slow: float
) -> Mapping[Moment, dict[SeriesKey, Values]]:
    values: defaultdict[Moment, dict[SeriesKey, Values]] = defaultdict(dict)
    for series in buckets:
        edge = float(series.labels["le"])
        if edge not in (inf, slow):
            continue
        key = SeriesKey(*(series.labels.get(name, "") for name in SeriesKey._fields))
        process = _process(series)
        for sample in series.samples:
            requests, in_time = values[process, sample.at].get(key, (0.0, 0.0))
            updated = (sample.value, in_time) if edge == inf else (requests, sample.value)
            values[process, sample.at][key] = updated
    return values


def _check_edge(buckets: Sequence[TimeSeries], slow: float) -> None:
    edges = sorted({float(series.labels["le"]) for series in buckets} - {inf})
    if edges and slow not in edges:
        known = ", ".join(f"{edge:g}" for edge in edges)
        raise UsageError(f"SLOW={slow:g}: the gateway only counts those slower than {known} s")


def _process(series: TimeSeries) -> Hashable:
    """Identify the process by the labels that the scrape added."""
    return tuple(sorted(item for item in series.labels.items() if item[0] not in _OF_THE_METRIC))
