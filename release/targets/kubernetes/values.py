"""The values that a cluster adds to the charts: its Traefik, and the content of the images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from release.images import contents
from release.model import services
from release.model.names import Names
from release.targets.kubernetes.namespaces import SLACK
from release.targets.kubernetes.traefik import Traefik


@dataclass(frozen=True)
class Values:
    """For the releases of one shop. `gateway` is the address of Traefik, if it is known."""

    names: Names
    traefik: Traefik
    gateway: str | None
    registry: str

    def of_version(self, version: int, domain: str, *, slack: bool) -> dict[str, Any]:
        """Return the values of a version. With `slack` its alerts go to the address of a Secret."""
        alerts = {"slack": {"secretName": SLACK}} if slack else {}
        components = {
            name: {
                # The gate judges the working tree; an image may be older.
                "image": {"content": contents.content_name(name, version)},
                "networkPolicy": self._from_traefik,
                "prometheus-operated": self._from_traefik | alerts,
            }
            for name in services.NAMES
        }
        return {"global": self._global(domain)} | services.release_values(components)

    def of_entrypoint(self, domain: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the entry point, whose Prometheus scrapes Traefik.

        Its public address stays as `recorded`: a move has no VALUES, and GATEWAY may be an address
        for this machine only.
        """
        metrics = self.traefik.metrics
        # Values are merged: the chart's own label goes only if it is set to nothing.
        labels = {"app.kubernetes.io/name": "", **metrics["labels"]}
        target = {"namespace": self.traefik.namespace, "labels": labels, "port": metrics["port"]}
        before = recorded.get("global", {})
        address = {name: before[name] for name in ("scheme", "port") if name in before}
        return {
            "global": self._global(domain) | address,
            "prometheus-operated": {"target": target, **self._from_traefik},
            "notice": {"networkPolicy": self._from_traefik},
        }

    @property
    def _from_traefik(self) -> dict[str, Any]:
        """The namespace that network policies admit to the public ports."""
        return {"ingressNamespace": self.traefik.namespace}

    def _global(self, domain: str) -> dict[str, Any]:
        values: dict[str, Any] = {"domain": domain}
        if self.registry:
            values["imageRegistry"] = self.registry
        if not self.names.is_default:
            values["shop"] = self.names.shop
        if self.gateway:
            url = urlsplit(self.gateway)
            values |= {"scheme": url.scheme, "port": url.port}
        return values
