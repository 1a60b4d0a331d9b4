"""How much CPU time a request costs more with instrumentation.

The same Flask application is called in this process bare, with the Collector, with Flask hooks, and
with prometheus_flask_exporter. Rounds are interleaved and medians compared, so that a busy machine
disturbs all alike. The benchmark of the project, bench/instrumentation.py, judges the result.
"""

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

from flask import Flask, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_flask_exporter import PrometheusMetrics
from werkzeug.test import EnvironBuilder

from instrumentation import Settings, instrument

ROUNDS = 60
REQUESTS = 400


def bare() -> Flask:
    app = Flask("bench", static_folder=None)
    app.add_url_rule("/t-shirt/<name>", view_func=lambda name: {"name": name}, endpoint="t_shirt")
    return app


def with_collector() -> Flask:
    app = bare()
    settings = Settings("bench", api_version=1, version="1.0.0", consumers=("catalog",))
    instrument(app, settings, ready=lambda: None)
    return app


def with_hooks() -> Flask:
    app = bare()
    registry = CollectorRegistry()
    labels = ("method", "route", "status")
    total = Counter("http_requests", "Requests.", labels, registry=registry)
    duration = Histogram("http_request_duration_seconds", "Time.", labels, registry=registry)

    @app.before_request
    def start() -> None:
        g.started = perf_counter()

    @app.after_request
    def observe(response: Any) -> Any:
        values = (request.method, str(request.url_rule), str(response.status_code))
        total.labels(*values).inc()
        duration.labels(*values).observe(perf_counter() - g.started)
        return response

    return app


def with_exporter() -> Flask:
    app = bare()
    PrometheusMetrics(app, path=None, registry=CollectorRegistry())
    return app


def one_round(app: Flask, environ: dict[str, Any]) -> float:
    """Microseconds of CPU time for each request, called as a WSGI server calls it."""
    copies = [environ.copy() for _ in range(REQUESTS)]
    started = process_time()
    for copy in copies:
        answer: Any = app(copy, lambda status, headers, error=None: None)  # type: ignore[arg-type, return-value]
        for _ in answer:
            pass
        answer.close()
    return (process_time() - started) / REQUESTS * 1e6


APPS: dict[str, Callable[[], Flask]] = {
    "bare": bare,
    "Collector": with_collector,
    "Flask hooks": with_hooks,
    "prometheus_flask_exporter": with_exporter,
}


def measure() -> tuple[float, dict[str, float]]:
    """Return the median cost of a request to the bare application, and what each adds to it."""
    apps = {name: make() for name, make in APPS.items()}
    environ = EnvironBuilder(
        "/t-shirt/surfer-t-shirt",
        headers={"User-Agent": "catalog/1.4.0", "Accept": "application/json"},
    ).get_environ()
    rounds: dict[str, list[float]] = {name: [] for name in apps}
    gc.disable()
    for number in range(ROUNDS + 5):
        # Each goes first in turn: whatever follows the collection pays for cold caches.
        order = list(apps)
        for name in order[number % len(order) :] + order[: number % len(order)]:
            cost = one_round(apps[name], environ)
            if number >= 5:
                rounds[name].append(cost)
        gc.collect()
    plain = rounds.pop("bare")
    # What an arrangement adds is compared within a round, and only then over the rounds.
    return median(plain), {
        name: median(cost - base for cost, base in zip(costs, plain, strict=True))
        for name, costs in rounds.items()
    }


if __name__ == "__main__":
    cost, added = measure()
    print(f"a bare Flask application: {cost:.1f} microseconds a request; added by")
    for name, value in added.items():
        print(f"  {name:26} {value:6.1f}   {value / added['prometheus_flask_exporter']:5.2f}")
