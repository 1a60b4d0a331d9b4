"""The README names what exists, and everything that exists."""

from __future__ import annotations

import re

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from instrumentation.collector import STATUSES
from instrumentation.suspicious_requests import REASONS
from release import paths
from tests.docs import internal_port, makefile, truth
from tests.docs.markdown import README, code, commands, first_cells, rows, section

TEXT = README.read_text(encoding="utf-8")
EVERY_SERVICE = {"GET /livez", "GET /readyz"}


def test_every_make_target_is_named_and_exists() -> None:
    assert {name.removeprefix("make ") for name in first_cells("Commands")} >= makefile.targets()
    used = [name for line in [*code(TEXT), *commands(README)] for name in called(line)]
    assert set(used) <= makefile.targets()


def called(line: str) -> list[str]:
    """The targets of make that a line of shell calls."""
    return re.findall(r"^make ([a-z0-9-]+)", line)


def test_every_variable_of_the_commands_is_named_and_exists() -> None:
    named = first_cells("Variables")
    assert len(named) == len(set(named))
    assert set(named) == makefile.variables()


def test_every_variable_of_the_services_is_named_with_who_reads_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {name: truth.service_variables(name, monkeypatch) for name in truth.IMAGES}
    everybody = set.intersection(*asked.values())
    read_by = {"all": everybody} | {name: each - everybody for name, each in asked.items()}
    documented: dict[str, set[str]] = {reader: set() for reader in read_by}
    for row in rows(section(README, "Services")):
        documented[row[1]] |= set(code(row[0]))
    assert documented == read_by


def test_no_variable_is_used_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    known = makefile.variables() | {"NAME"}
    for service in truth.SERVICES:
        known |= truth.service_variables(service, monkeypatch)
    used = set(re.findall(r"\b([A-Z][A-Z_]{2,})=", TEXT))
    used |= {name for name in code(TEXT) if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", name)}
    assert used
    assert used <= known


@pytest.mark.parametrize(("service", "version"), truth.COMPONENTS)
def test_every_endpoint_is_named_and_exists(service: str, version: str) -> None:
    named = first_cells(f"{service.capitalize()} {version}") + first_cells("Every service")
    assert len(named) == len(set(named))
    assert set(named) == truth.endpoints(service, version)


def test_every_endpoint_of_the_internal_port_is_named_and_exists() -> None:
    assert set(first_cells("Internal port")) == internal_port.endpoints()


def test_every_address_of_the_tour_leads_somewhere() -> None:
    names = "|".join(truth.SERVICES)
    found = re.findall(rf"http://({names})\.(?:v([12])|trial)\.[^/\s]+(/[^\s'?;`]*)", TEXT)
    assert found
    unknown = []
    for service, version, path in found:
        urls = truth.app(service, version or "1").url_map.bind("localhost")
        try:
            urls.match(path)
        except MethodNotAllowed:
            pass
        except NotFound:
            unknown.append(f"{service} {version} {path}")
    # The one that is there to show that version 2 does not speak version 1's language.
    assert unknown == ["stock 2 /t-shirt"]


def test_every_metric_is_named_with_its_labels_and_exists() -> None:
    of_services = {service: _metrics(service) for service in truth.SERVICES}
    existing: dict[str, tuple[set[str], str]] = {}
    for metrics in of_services.values():
        for name, labels in metrics.items():
            having = [service for service, each in of_services.items() if name in each]
            of = "all" if having == list(of_services) else ", ".join(having)
            existing[name] = (labels, of)
    documented = {
        code(name)[0]: (set(code(labels)), of)
        for name, _kind, labels, of in rows(section(README, "Metrics"))[: len(existing)]
    }
    assert documented == existing
    assert set(re.findall(r"\b[a-z]+_[a-z_]+_(?:total|seconds|info)\b", TEXT)) <= set(documented)


def _metrics(service: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for version in truth.VERSIONS:
        found |= truth.metrics(service, version)
    return found


def test_every_bound_of_a_label_is_true() -> None:
    bounds = {code(row[0])[0]: row[1] for row in rows(section(README, "Metrics")) if len(row) == 2}
    assert code(bounds["reason"]) == list(REASONS)
    assert f"{len(STATUSES)} known" in bounds["status"]
    for service in truth.SERVICES:
        for version in truth.VERSIONS:
            values = truth.label_values(service, version)
            if "call" in values:
                assert set(code(bounds["call"])) == values["call"]
                assert set(code(bounds["outcome"])) == values["outcome"]


@pytest.mark.parametrize("service", truth.SERVICES)
def test_the_bound_of_series_is_what_the_formula_gives(service: str) -> None:
    stated = re.search(rf"(\d+)(?: series)? in a {service} process", section(README, "Metrics"))
    assert stated
    assert {truth.most_series(service, version) for version in truth.VERSIONS} == {int(stated[1])}


def test_every_alert_is_named_with_its_severity_and_exists() -> None:
    documented = {code(row[0])[0]: row[1] for row in rows(section(README, "Alerts"))}
    assert documented == truth.alerts()


def test_every_version_has_its_sections() -> None:
    assert {version for _, version in truth.COMPONENTS} == set(map(str, paths.known_versions()))
