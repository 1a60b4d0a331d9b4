"""Writes docker-compose.yml and the configuration that it mounts. Called by make compose."""

from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from release import contracts, paths
from release.images.build import read_app_version
from release.model import services

TEMPLATES = Path(__file__).with_name("templates")


def files() -> dict[str, str]:
    """Return every generated file: path in the repository -> content."""
    templates = Environment(  # noqa: S701 - YAML, of our own words only
        loader=FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, undefined=StrictUndefined,
    )  # fmt: skip
    # Each of these has a Prometheus and an Alertmanager of its own.
    watched: list[dict[str, Any]] = [
        {"name": f"{name}-v{number}", "component": name, "api_version": number}
        | {"namespace": f"qv{number}", "job": name, "host": f"{name}.v{number}"}
        for number in paths.known_versions()
        for name in services.NAMES
    ]
    gateway = {"name": "gateway", "component": "gateway", "api_version": 1}
    watched.append(
        gateway | {"namespace": "traefik", "job": "traefik", "host": "gateway.entrypoint"}
    )
    monitoring = paths.CHARTS / "prometheus-operated" / "values.yaml"
    facts: dict[str, Any] = {
        "services": services.SERVICES,
        "versions": paths.known_versions(),
        "front": services.FRONT.name,
        "watched": watched,
        "consumers": {name: contracts.named_in_metrics(name) for name in services.NAMES},
        "app_version": lambda chart: read_app_version(paths.CHARTS / chart),
        "monitoring": yaml.safe_load(monitoring.read_text()),
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
    """Write every file below a folder, and remove the configuration of removed versions."""
    generated = files()
    for path in (root / "compose" / "prometheus").glob("*.yaml"):
        if str(path.relative_to(root)) not in generated:
            path.unlink()
    for name, content in generated.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


if __name__ == "__main__":
    write(paths.ROOT)
