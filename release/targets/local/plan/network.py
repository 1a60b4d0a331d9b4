"""Services, Ingresses, IngressRoutes and TraefikServices -> addresses, hosts, routes and splits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan.desired_state import (
    Address,
    Backend,
    Cookie,
    Host,
    Route,
    Split,
    name_of,
)


def to_address(item: Object) -> Address:
    ports: dict[str, str] = {}
    for port in item["spec"]["ports"]:
        target = str(port.get("targetPort", port["port"]))
        ports[str(port["port"])] = target
        if "name" in port:
            ports[port["name"]] = target
    labels = item["metadata"].get("labels", {})
    return Address(name_of(item), labels, item["spec"]["selector"], ports)


def to_hosts(item: Object) -> list[Host]:
    hosts = []
    for rule in item["spec"]["rules"]:
        paths = rule["http"]["paths"]
        if [(path["path"], path["pathType"]) for path in paths] != [("/", "Prefix")]:
            raise UnsupportedError(
                f"Ingress/{name_of(item)}: only the path / with pathType Prefix is understood"
            )
        backend = paths[0]["backend"]["service"]
        port = backend["port"].get("name") or str(backend["port"]["number"])
        hosts.append(Host(rule["host"], backend["name"], port))
    return hosts


def to_routes(item: Object, namespace: str) -> list[Route]:
    return [
        Route(
            name=f"{name_of(item)}.{index}",
            match=rule["match"],
            priority=rule.get("priority", 0),
            entry_points=tuple(item["spec"].get("entryPoints", ())),
            middlewares=tuple(middleware["name"] for middleware in rule.get("middlewares", ())),
            to=_to_target(rule["services"], namespace, f"IngressRoute/{name_of(item)}"),
        )
        for index, rule in enumerate(item["spec"]["routes"])
    ]


def _to_target(services: list[dict[str, Any]], namespace: str, where: str) -> Backend | str:
    if len(services) != 1:
        raise UnsupportedError(f"{where}: {len(services)} services in a rule; name one")
    if services[0].get("kind") == "TraefikService":
        return str(services[0]["name"])
    return _to_backend(services[0], namespace)


def _to_backend(service: Mapping[str, Any], namespace: str) -> Backend:
    return Backend(
        namespace=service.get("namespace", namespace),
        service=service["name"],
        port=str(service["port"]),
        weight=service.get("weight", 1),
    )


def to_split(item: Object, namespace: str) -> Split:
    weighted = item["spec"]["weighted"]
    return Split(
        name=name_of(item),
        backends=tuple(_to_backend(service, namespace) for service in weighted["services"]),
        cookie=_to_cookie(weighted.get("sticky", {}).get("cookie")),
    )


def _to_cookie(cookie: Mapping[str, Any] | None) -> Cookie | None:
    if cookie is None:
        return None
    return Cookie(
        name=cookie["name"],
        max_age=cookie.get("maxAge", 0),
        path=cookie.get("path", ""),
        http_only=cookie.get("httpOnly", False),
        same_site=cookie.get("sameSite", ""),
        secure=cookie.get("secure", False),
    )
