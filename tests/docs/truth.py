"""What the project really has, asked of its code: the other side of what the documents say."""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Callable, Mapping
from importlib import import_module

# First, so that only our own look-ups are recorded below.
import gunicorn.arbiter  # type: ignore[import-untyped]  # noqa: F401
import pytest
import yaml
from flask import Flask
from prometheus_client import generate_latest

from instrumentation.collector import OTHER, STATUSES
from instrumentation.http_metrics import BUCKETS
from instrumentation.probes import PROBES
from instrumentation.suspicious_requests import METHODS
from release.contracts import named_in_metrics
from release.model import services
from release.paths import known_versions
from tests.docs.markdown import ROOT

CreateApp = Callable[[Mapping[str, str]], Flask]
IMAGES: dict[str, CreateApp] = {
    name: import_module(f"{name}.app").create_app for name in services.IMAGES
}
SERVICES = services.NAMES
VERSIONS = tuple(map(str, known_versions()))
COMPONENTS = [(service, version) for service in SERVICES for version in VERSIONS]
_ANY = {
    "SERVICE_VERSION": "1.0.0",
    "DATABASE_URL": "sqlite:////nowhere/inventory.db",
    "STOCK_URL": "http://127.0.0.1:1",
    "NOTICES": '{"live": [], "tombstones": {}}',
    # Without these a metric and an endpoint are absent.
    "DEPRECATION": "1795392000",
    "SUNSET": "2027-03-01",
    "FAULT_INJECTION": "true",
    "METRICS_PORT": "0",
}


class Recording(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, content: dict[str, str]) -> None:
        super().__init__(content)
        self.asked: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(key)
        return super().get(key, default)


def consumers(service: str) -> list[str]:
    """The consumers that a service's metrics tell apart."""
    return list(named_in_metrics(service))


def environment(service: str, version: str) -> Recording:
    told = ",".join(consumers(service)) if service in SERVICES else ""
    return Recording({**_ANY, "API_VERSION": version, "CONSUMERS": told})


def app(service: str, version: str) -> Flask:
    """A service's application, as its server would build it; nothing is opened."""
    return IMAGES[service](environment(service, version))


def service_variables(service: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The environment variables that a service and its server read."""
    asked: set[str] = set()
    for version in VERSIONS:
        variables = environment(service, version)
        IMAGES[service](variables)
        monkeypatch.setattr(os, "environ", variables)
        runpy.run_module("instrumentation.gunicorn_conf")
        monkeypatch.undo()
        asked |= variables.asked
    return asked


def endpoints(service: str, version: str) -> set[str]:
    """`METHOD /rule` of every route; HEAD and OPTIONS come with each and are not told apart."""
    return {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app(service, version).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def metrics(service: str, version: str) -> dict[str, set[str]]:
    """The labels of every metric, by its name."""
    text = generate_latest(
        app(service, version).extensions["instrumentation"].metrics.registry
    ).decode()
    found: dict[str, set[str]] = {
        match[1]: set() for match in re.finditer(r"^# TYPE (\S+) ", text, re.MULTILINE)
    }
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in found else name
        found[family] |= set(re.findall(r'(\w+)="', labels)) - {"le"}
    return found


def label_values(service: str, version: str) -> dict[str, set[str]]:
    """The values that labels have from the start, by label."""
    text = generate_latest(
        app(service, version).extensions["instrumentation"].metrics.registry
    ).decode()
    found: dict[str, set[str]] = {}
    for label, value in re.findall(r'(\w+)="([^"]*)"', text):
        found.setdefault(label, set()).add(value)
    return found


def most_series(service: str, version: str) -> int:
    """The bound of `instrumentation.http_metrics`, for a service as the charts configure it."""
    routes = [
        method
        for rule in app(service, version).url_map.iter_rules()
        if rule.rule not in PROBES
        for method in rule.methods or ()
    ]
    statuses = len(STATUSES) + len("12345") + len([OTHER])
    histogram = len(BUCKETS) + len(["+Inf", "sum", "count"])
    methods = len(METHODS) + len([OTHER])
    return (
        (len(routes) + methods)
        * statuses
        * (len(consumers(service)) + len(["browser", OTHER]) + histogram)
    )


def alerts() -> dict[str, str]:
    """The severity of every alert, by its name."""
    return {
        rule["alert"]: rule["labels"]["severity"]
        for path in (ROOT / "monitoring" / "rules").glob("*.yaml")
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
