"""What a cluster adds to the values of the charts: where Traefik is, and which images are meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from release.images import contents
from release.model import services
from release.model.names import Names
from release.targets.kubernetes.namespaces import SLACK
from release.targets.kubernetes.traefik import Traefik

_ADDRESS = ("scheme", "port")


@dataclass(frozen=True)
class Values:
    """For the releases of one shop. `gateway` is where Traefik is reached, as far as is known."""

    names: Names
    traefik: Traefik
    gateway: str | None
    registry: str

    def of_version(self, version: int, domain: str, *, slack: bool) -> dict[str, Any]:
        """Of the release of a version; with `slack` its alerts go where its Secret says."""
        components = {name: self._component(name, version) for name in services.NAMES}
        if slack:
            for component in components.values():
                component["prometheus-operated"]["slack"] = {"secretName": SLACK}
        common = {"global": self._global(domain) | self._address()}
        return common | services.release_values(components)

    def of_entrypoint(self, domain: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
        """Of the entry point, whose Prometheus asks Traefik. Its public address stays what is
        recorded: a move has no VALUES, and GATEWAY may be how only this machine reaches it.
        """
        found = self.traefik.metrics
        # Values are merged: the chart's own label goes only when it is taken away.
        labels = {"app.kubernetes.io/name": "", **found["labels"]}
        target = {"namespace": self.traefik.namespace, "labels": labels, "port": found["port"]}
        known = recorded.get("global", {})
        address = self._address() | {name: known[name] for name in _ADDRESS if name in known}
        return {
            "global": self._global(domain) | address,
            "prometheus-operated": {"target": target, **self._from_traefik},
            "notice": {"networkPolicy": self._from_traefik},
        }

    def _component(self, service: str, version: int) -> dict[str, Any]:
        # The gate's verdict is about what the working tree holds; an image may be of before.
        return {
            "image": {"content": contents.content_name(service, version)},
            "networkPolicy": self._from_traefik,
            "prometheus-operated": {**self._from_traefik},
        }

    @property
    def _from_traefik(self) -> dict[str, Any]:
        """Whom network policies let in to the public ports."""
        return {"ingressNamespace": self.traefik.namespace}

    def _global(self, domain: str) -> dict[str, Any]:
        found: dict[str, Any] = {"domain": domain}
        if self.registry:
            found["imageRegistry"] = self.registry
        if not self.names.is_default:
            found["shop"] = self.names.shop
        return found

    def _address(self) -> dict[str, Any]:
        """How links begin, as far as is known."""
        if not self.gateway:
            return {}
        given = urlsplit(self.gateway)
        return {"scheme": given.scheme, "port": given.port}
