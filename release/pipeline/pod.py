"""The pod that a release is made in: this tool, and beside it the chart repositories that the
release needs, each in exactly its version.
"""

from __future__ import annotations

from typing import Any

import yaml

from release import paths
from release.charts import rendering
from release.charts.helm_repositories import PORTS
from release.images.registries import image_reference
from release.model import services

# The whole Debian image: it has make and git, and what it lacks the tool fetches.
TOOL_IMAGE = "python:3.11-bookworm"


def release_pod(version: int, registry: str) -> str:
    """A pod template for Jenkins's Kubernetes plugin, as YAML."""
    tool: dict[str, Any] = {
        "name": "release",
        "image": TOOL_IMAGE,
        "command": ["sleep"],
        "args": ["infinity"],
        "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
    }
    repositories = [_repository(name, version, registry) for name in PORTS]
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [tool, *repositories]}}
    return yaml.safe_dump(pod, sort_keys=False)


def _repository(chart: str, version: int, registry: str) -> dict[str, Any]:
    folder = paths.CHARTS / chart
    number = rendering.read_chart_version(
        folder / f"v{version}" if chart in services.NAMES else folder
    )
    return {
        "name": f"{chart}-charts",
        "image": image_reference(registry, f"{chart}-charts", number),
        "ports": [{"containerPort": PORTS[chart]}],
        "securityContext": {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
