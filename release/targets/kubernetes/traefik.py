"""Asks the cluster's Traefik, pod by pod: its address, its routes, and where its metrics are."""

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
    """The Traefik of a namespace, behind the API server."""

    api: Api
    namespace: str

    @property
    def pods(self) -> list[Object]:
        """The pods that route."""
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        pods = self.api.items(path, field="status.phase=Running")
        return [pod for pod in pods if "traefik" in _container(pod)["name"]]

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """Labels and port of the Service through which the entry point's Prometheus scrapes it.

        Raises ReleaseError if Traefik does not count by service, or no Service leads there.
        """
        pods = self.pods
        if not pods:
            raise ReleaseError(self._nowhere)
        arguments = _arguments(pods[0])
        if "metrics.prometheus" not in arguments:
            raise ReleaseError("Traefik has no metrics: start it with --metrics.prometheus")
        number = _port(pods[0], arguments.get("metrics.prometheus.entrypoint", "traefik").lower())
        for service, port in self._services(pods[0], number):
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
        """Return where a load balancer leads to its entry point `web`; None without one."""
        for pod in self.pods[:1]:
            for service, port in self._services(pod, _port(pod, "web")):
                for ingress in service.get("status", {}).get("loadBalancer", {}).get("ingress", ()):
                    host = ingress.get("ip") or ingress.get("hostname")
                    return f"http://{host}:{port['port']}"
        return None

    def _services(self, pod: Object, number: int) -> Iterator[tuple[Object, Object]]:
        """Yield the Services that lead to a port of Traefik, each with its own port."""
        labels = pod["metadata"]["labels"].items()
        for service in self.api.items(f"/api/v1/namespaces/{self.namespace}/services"):
            selector = service["spec"].get("selector", {})
            if selector and selector.items() <= labels:
                for port in service["spec"]["ports"]:
                    if _target(pod, port) == number:
                        yield service, port

    def routes(self) -> list[Routes]:
        """Return what each pod routes that gets new requests.

        Raises UnansweredError when one does not answer: it may have ended meanwhile.
        """
        staying = [pod for pod in self.pods if not is_leaving(pod["metadata"])]
        if not staying:
            raise UnansweredError(self._nowhere)
        # One that is not ready has read nothing yet; but under load all may seem so for a moment.
        return [self._read_routes(pod) for pod in list(filter(is_ready, staying)) or staying]

    def _read_routes(self, pod: Object) -> Routes:
        services = self._ask(pod, "/api/http/services?per_page=10000")
        routers = self._ask(pod, "/api/http/routers?per_page=10000")
        return Routes(pod["metadata"]["name"], routers, {each["name"]: each for each in services})

    def _ask(self, pod: Object, path: str) -> list[Object]:
        name, number = pod["metadata"]["name"], _port(pod, "traefik")
        base = self.api.proxied(self.namespace, f"pods/{name}:{number}")
        answer = http.get(base + path, timeout=10)
        if answer is not None and answer.status_code in (401, 403):
            raise NotAllowedError(f"you may not ask Traefik what it routes (pods/proxy of {name})")
        content = http.decode_json(answer)
        if not isinstance(content, list):
            raise UnansweredError(
                f"Traefik does not tell what it routes (pod {name}, port {number}): "
                "start it with --api.insecure, which no Service needs to expose"
            )
        return content


def has_setting(pod: Object, name: str) -> bool:
    """True if a pod was started with a setting, or with one below it that implies it."""
    arguments = _arguments(pod)
    value = arguments.get(name)
    if name.count(".") == 1 and value is None:
        return any(argument.startswith(f"{name}.") for argument in arguments)
    return value is not None and value.lower() != "false"


def _container(pod: Object) -> Object:
    containers: list[Object] = pod["spec"]["containers"]
    return next((item for item in containers if "traefik" in item["name"]), containers[0])


def _arguments(pod: Object) -> dict[str, str]:
    """Return its settings by name in lower case, which is how Traefik reads them."""
    parts = (argument.lstrip("-").partition("=") for argument in _container(pod).get("args", []))
    return {name.lower(): value for name, _, value in parts}


def _port(pod: Object, entry: str) -> int:
    address = _arguments(pod).get(f"entrypoints.{entry}.address", ":8080")
    match = re.search(r":(\d+)", address)
    return int(match[1]) if match else 8080


def _target(pod: Object, port: Object) -> int:
    """Return the container's port that a Service's port leads to."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    ports = {item.get("name"): item["containerPort"] for item in _container(pod).get("ports", [])}
    return int(ports.get(target, 0))
