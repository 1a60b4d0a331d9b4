"""Writes docker-compose.yml and the configuration that it mounts. Called by make compose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from release import contracts, paths
from release.model import services

TEMPLATES = Path(__file__).with_name("templates")


def files() -> dict[str, str]:
    """Return every generated file: path in the repository -> content."""
    templates = Environment(  # noqa: S701 - YAML, of our own words only
        loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, undefined=StrictUndefined,
    )  # fmt: skip
    watched = [
        *(_watched(name, number) for number in paths.known_versions() for name in services.NAMES),
        {"name": "gateway", "component": "gateway", "api_version": 1, "namespace": "traefik"}
        | {"job": "traefik", "host": "gateway.entrypoint"},
    ]
    facts: dict[str, Any] = {
        "services": services.SERVICES,
        "versions": paths.known_versions(),
        "front": services.FRONT.name,
        "watched": watched,
        "consumers": {name: contracts.named_in_metrics(name) for name in services.NAMES},
        "app_version": _app_version,
        "monitoring": yaml.safe_load(_read("prometheus-operated/values.yaml")),
    }

    def render(name: str, **more: Any) -> str:
        return templates.get_template(name).render(facts, **more)

    return {
        "docker-compose.yml": render("docker-compose.yml"),
        "compose/traefik/dynamic.yaml": render("traefik.yaml"),
        "compose/grafana/datasources/prometheus.yaml": render("datasources.yaml"),
        **{
            f"compose/prometheus/{each['name']}.yaml": render("prometheus.yaml", this=each)
            for each in watched
        },
    }


def write(root: Path) -> None:
    """Write every file below a folder, and remove the Prometheus servers that are left over."""
    generated = files()
    for path in (root / "compose" / "prometheus").glob("*.yaml"):
        if str(path.relative_to(root)) not in generated:
            path.unlink()
    for name, content in generated.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def _watched(service: str, number: int) -> dict[str, Any]:
    """Describe a version of a service that has a Prometheus and an Alertmanager of its own."""
    return {
        "name": f"{service}-v{number}",
        "component": service,
        "api_version": number,
        "namespace": f"qv{number}",
        "job": service,
        "host": f"{service}.v{number}",
    }


def _app_version(chart: str) -> str:
    return str(yaml.safe_load(_read(f"{chart}/Chart.yaml"))["appVersion"])


def _read(name: str) -> str:
    return (paths.CHARTS / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    write(paths.ROOT)
