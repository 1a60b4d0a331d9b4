"""Installs what releases share: the Prometheus Operator, Traefik, and the shop's inventory."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from release.charts import rendering
from release.console import note, step
from release.model.names import MADE_BY_US
from release.targets.kubernetes.admin.postgresql import PostgresqlRelease
from release.targets.kubernetes.client import lease
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.helm.helm_cli import Helm
from release.targets.kubernetes.helm.recovery import is_never_deployed, recover
from release.targets.kubernetes.namespaces import PASSWORD, Namespaces

_HTTP = 30080
"""The port of kind's node that kind.yaml maps to this machine."""


@dataclass(frozen=True)
class Prerequisite:
    """A chart of somebody else's. It is there if the cluster knows the API group it `provides`."""

    name: str
    namespace: str
    repository: str
    chart: str
    version: str
    provides: str
    values: Mapping[str, Any]

    def is_there(self, api: Api) -> bool:
        """True if the cluster has it, whoever installed it.

        The kinds come first in an installation: if it is ours and failed, they prove nothing.
        """
        if api.get(f"/apis/{self.provides}") is None:
            return False
        return not is_never_deployed(api, self.namespace, self.name)

    def install(self, helm: Helm) -> None:
        """Install the pinned version from its repository."""
        source = (self.chart, "--repo", self.repository, "--version", self.version)
        helm.install(self.name, self.namespace, source, self.values)


def prerequisites(context: str) -> list[Prerequisite]:
    """Return those of prerequisites.yaml, as the cluster of a context needs them."""
    listed = yaml.safe_load(Path(__file__).with_name("prerequisites.yaml").read_text())
    found = [Prerequisite(**item) for item in listed]
    if not context.startswith("kind-"):
        return found
    # A node of kind has no load balancer: its Traefik takes a port of the node instead.
    # Helm would wait for its Service to get an address in vain.
    port = {"ports": {"web": {"hostPort": _HTTP}}, "service": {"spec": {"type": "ClusterIP"}}}
    values = {"traefik": port}
    return [
        replace(item, values=rendering.merge_values(item.values, values.get(item.name, {})))
        for item in found
    ]


def install(
    namespaces: Namespaces,
    helm: Helm,
    cache: Path,
    program: Path,
    overlays: Sequence[Path],
) -> None:
    """Install what is missing, and bring the inventory up to date. Raises ReleaseError."""
    api, names = namespaces.api, namespaces.names
    for item in prerequisites(api.context):
        if item.is_there(api):
            note(f"{item.name}: the cluster knows {item.provides} already, and it stays as it is")
            continue
        with (
            # Every shop's command may install it, and the caller holds the lock of one shop.
            lease.hold(api, "default", item.name, "make platform"),
            step(f"installing {item.name} {item.version} into {item.namespace}"),
        ):
            recover(api, helm, item.namespace, item.name, **MADE_BY_US)
            item.install(helm)
    namespaces.ensure(names.shared)
    if not namespaces.has_inventory():
        namespaces.write_secret(names.shared, PASSWORD, "password", secrets.token_urlsafe(32))
    inventory = PostgresqlRelease(api, helm, names.shared)
    chart = rendering.build_charts(program, cache) / "postgresql"
    of_shop = {} if names.is_default else {"global": {"shop": names.shop}}
    # Values once chosen stay: a later run may add to them, or name none.
    values = rendering.merge_values(
        inventory.values, of_shop, *map(rendering.read_values, overlays)
    )
    # Let the chart refuse values before anything changes.
    rendering.render_chart(program, chart, names.shared, values)
    inventory.apply(chart, values)
