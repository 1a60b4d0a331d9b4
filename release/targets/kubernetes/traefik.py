"""The cluster's Traefik: where it is, what it routes by now, and where its metrics are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from release.clients import http
from release.errors import NotAllowedError, ReleaseError, UnansweredError
from release.model.objects import Object
from release.targets.kubernetes.client.kubernetes_api import Api
from release.targets.kubernetes.client.pods import is_leaving, is_ready

_OF_A_VERSION = ("helm.sh/chart", "app.kubernetes.io/version")


@dataclass(frozen=True)
class Routes:
    """Routers, and services by name, as one pod has them."""

    pod: str
    routers: list[Object]
    services: Mapping[str, Object]


@dataclass
class Traefik:
    """Asked pod by pod, through the API server."""

    api: Api
    namespace: str

    @property
    def pods(self) -> list[Object]:
        """Those that route."""
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        found = self.api.items(path, field="status.phase=Running")
        return [pod for pod in found if "traefik" in _container(pod)["name"]]

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """Where the entry point's Prometheus finds its counts: a Service's labels and port.

        Raises ReleaseError when Traefik does not count by service, or no Service leads there.
        """
        pods = self.pods
        if not pods:
            raise ReleaseError(self._nowhere)
        arguments = _arguments(pods[0])
        if "metrics.prometheus" not in arguments:
            raise ReleaseError("Traefik has no metrics: start it with --metrics.prometheus")
        entry = arguments.get("metrics.prometheus.entrypoint", "traefik").lower()
        number = _port(arguments, entry)
        for service, port in self._leading_to(pods[0], number):
            if port.get("name"):
                labels = service["metadata"].get("labels", {}).items()
                lasting = {key: value for key, value in labels if key not in _OF_A_VERSION}
                return {"labels": lasting, "port": port["name"]}
        raise ReleaseError(
            f"no Service of namespace {self.namespace} leads to port {number}, where Traefik's "
            "metrics are: make platform, or metrics.prometheus.service.enabled of Traefik's chart"
        )

    @property
    def _nowhere(self) -> str:
        where = f"no Traefik runs in namespace {self.namespace}"
        return f"{where}: make platform, or say where with TRAEFIK_NAMESPACE="

    def address(self) -> str | None:
        """Where a load balancer leads to its entry point `web`; None without one."""
        for pod in self.pods[:1]:
            number = _port(_arguments(pod), "web")
            for service, port in self._leading_to(pod, number):
                for found in service.get("status", {}).get("loadBalancer", {}).get("ingress", ()):
                    host = found.get("ip") or found.get("hostname")
                    return f"http://{host}:{port['port']}"
        return None

    def _leading_to(self, pod: Object, number: int) -> Iterator[tuple[Object, Object]]:
        """The Services, each with its port, that lead to a port of Traefik."""
        labels = pod["metadata"]["labels"].items()
        for service in self.api.items(f"/api/v1/namespaces/{self.namespace}/services"):
            selector = service["spec"].get("selector", {})
            if selector and selector.items() <= labels:
                for port in service["spec"]["ports"]:
                    if _number(pod, port) == number:
                        yield service, port

    def routes(self) -> list[Routes]:
        """What each pod routes that new requests may go to.

        Raises UnansweredError when one does not tell: it may have ended meanwhile.
        """
        staying = [pod for pod in self.pods if not is_leaving(pod["metadata"])]
        if not staying:
            raise UnansweredError(self._nowhere)
        # One that is not ready has read nothing yet; but under load all may seem so for a moment.
        return [self._routes(pod) for pod in list(filter(is_ready, staying)) or staying]

    def _routes(self, pod: Object) -> Routes:
        services = self._ask(pod, "/api/http/services?per_page=10000")
        routers = self._ask(pod, "/api/http/routers?per_page=10000")
        return Routes(pod["metadata"]["name"], routers, {each["name"]: each for each in services})

    def _ask(self, pod: Object, path: str) -> list[Object]:
        number = _port(_arguments(pod), "traefik")
        name = pod["metadata"]["name"]
        base = self.api.proxied(self.namespace, f"pods/{name}:{number}")
        answer = http.get(base + path, timeout=10)
        if answer is not None and answer.status_code in (401, 403):
            raise NotAllowedError(f"you may not ask Traefik what it routes (pods/proxy of {name})")
        found = http.decode_json(answer)
        if not isinstance(found, list):
            raise UnansweredError(
                f"Traefik does not tell what it routes (pod {name}, port {number}): "
                "start it with --api.insecure, which no Service needs to expose"
            )
        return found


def has_setting(pod: Object, name: str) -> bool:
    """True if a pod was started with a setting, or with one of those below that imply it."""
    arguments = _arguments(pod)
    value = arguments.get(name)
    if name.count(".") == 1 and value is None:
        return any(argument.startswith(f"{name}.") for argument in arguments)
    return value is not None and value.lower() != "false"


def _container(pod: Object) -> Object:
    containers: list[Object] = pod["spec"]["containers"]
    return next((item for item in containers if "traefik" in item["name"]), containers[0])


def _arguments(pod: Object) -> dict[str, str]:
    """Its settings by name in lower case, which is how Traefik reads them."""
    found = {}
    for argument in _container(pod).get("args", []):
        name, _, value = argument.lstrip("-").partition("=")
        found[name.lower()] = value
    return found


def _port(arguments: Mapping[str, str], entry: str) -> int:
    address = arguments.get(f"entrypoints.{entry}.address", ":8080")
    match = re.search(r":(\d+)", address)
    return int(match[1]) if match else 8080


def _number(pod: Object, port: Object) -> int:
    """The container's port that a Service's port leads to."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    named = {item.get("name"): item["containerPort"] for item in _container(pod).get("ports", [])}
    return int(named.get(target, 0))
