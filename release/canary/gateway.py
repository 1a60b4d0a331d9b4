"""What the gateway counted: Traefik's raw histograms of two services, scrape by scrape.

The gateway's, since a process that crashes loses its own counts. All numbers come from one
histogram, so that requests, codes and times were read at the same moment.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from canary_analysis import Counts
from canary_analysis.meter import Scrape, Values
from release.clients.prometheus import Prometheus, Series
from release.errors import UsageError

_HISTOGRAM = "traefik_service_request_duration_seconds_bucket"
# Traefik always has the first, requests or not: it tells no traffic from no scrape.
_ALWAYS, _STARTED = "traefik_config_reloads_total", "process_start_time_seconds"
_OF_THE_METRIC = {"__name__", "service", "code", "method", "protocol", "le"}
# Not signed in, not allowed, somebody was faster, too fast: nothing is wrong with the version.
_HONEST_REFUSALS = {"401", "403", "409", "429"}


class Kind(NamedTuple):
    """Requests of one sort, as one series counts them."""

    service: str
    code: str
    method: str
    protocol: str


def counts(kind: Kind, values: Values) -> Counts:
    """Each request once: a failure, else late, else refused, else fine."""
    requests, in_time = values
    late = requests - in_time
    if kind.code.startswith("5") or not kind.code.strip("0"):
        return Counts(requests, failed=requests)
    if kind.code.startswith("4") and kind.code not in _HONEST_REFUSALS:
        # 499 too, when the client gave up: late if it waited long, else it just went elsewhere.
        return Counts(requests, slow=late, wrong=in_time)
    return Counts(requests, slow=late)


def scrapes(
    prometheus: Prometheus, services: Iterable[str], slow: float, seconds: float
) -> list[Scrape[Kind]]:
    """Every scrape of every gateway process in the last `seconds`, in the order of time.

    Raises UnansweredError, and UsageError when no bucket ends at `slow` seconds.
    """
    window = f"[{max(1, round(seconds))}s]"
    names = json.dumps("|".join(map(re.escape, sorted(services))))
    # First, so that whatever scrape it knows of, the second answer knows too.
    always = prometheus.query(f'{{__name__=~"{_ALWAYS}|{_STARTED}"}}{window}')
    buckets = prometheus.query(f"{_HISTOGRAM}{{service=~{names}}}{window}")
    _check_edge(buckets, slow)
    counted = _by_moment(buckets, slow)
    started = {
        (_process(series), sample.at): sample.value
        for series in always
        if series.labels["__name__"] == _STARTED
        for sample in series.samples
    }
    moments = {
        (_process(series), sample.at)
        for series in always
        if series.labels["__name__"] == _ALWAYS
        for sample in series.samples
    }
    return [
        Scrape(process, at, started.get((process, at), 0.0), counted[process, at])
        for process, at in sorted(moments, key=lambda moment: moment[1])
    ]


def _by_moment(
    buckets: Sequence[Series], slow: float
) -> defaultdict[tuple[Hashable, float], dict[Kind, Values]]:
    found: defaultdict[tuple[Hashable, float], dict[Kind, Values]] = defaultdict(dict)
    for series in buckets:
        edge = float(series.labels["le"])
        position = {float("inf"): 0, slow: 1}.get(edge)
        if position is None:
            continue
        kind = Kind(*(series.labels.get(name, "") for name in Kind._fields))
        process = _process(series)
        for sample in series.samples:
            requests, in_time = found[process, sample.at].get(kind, (0.0, 0.0))
            known = (sample.value, in_time) if position == 0 else (requests, sample.value)
            found[process, sample.at][kind] = known
    return found


def _check_edge(buckets: Sequence[Series], slow: float) -> None:
    edges = sorted({float(series.labels["le"]) for series in buckets} - {float("inf")})
    if edges and slow not in edges:
        known = ", ".join(f"{edge:g}" for edge in edges)
        raise UsageError(f"SLOW={slow:g}: the gateway only counts those slower than {known} s")


def _process(series: Series) -> Hashable:
    """Whatever the metric does not say of itself, the scrape said of its target."""
    return tuple(sorted(item for item in series.labels.items() if item[0] not in _OF_THE_METRIC))
