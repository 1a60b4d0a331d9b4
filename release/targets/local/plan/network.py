"""IngressRoutes, TraefikServices, Middlewares -> the rules, shares and changes asked of Traefik."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from release.errors import UnsupportedError
from release.model.objects import Object
from release.targets.local.plan.desired_state import Backend, Cookie, Route, Split
from release.targets.local.plan.labels import name_of


def routes(item: Object, namespace: str) -> list[Route]:
    return [
        Route(
            name=f"{name_of(item)}.{index}",
            match=rule["match"],
            priority=rule.get("priority", 0),
            entry_points=tuple(item["spec"].get("entryPoints", ())),
            middlewares=tuple(middleware["name"] for middleware in rule.get("middlewares", ())),
            to=_target(rule["services"], namespace, f"IngressRoute/{name_of(item)}"),
        )
        for index, rule in enumerate(item["spec"]["routes"])
    ]


def _target(services: list[dict[str, Any]], namespace: str, where: str) -> Backend | str:
    if len(services) != 1:
        raise UnsupportedError(f"{where}: {len(services)} services in a rule; name one")
    if services[0].get("kind") == "TraefikService":
        return str(services[0]["name"])
    return _backend(services[0], namespace)


def _backend(service: Mapping[str, Any], namespace: str) -> Backend:
    return Backend(
        namespace=service.get("namespace", namespace),
        service=service["name"],
        port=str(service["port"]),
        weight=service.get("weight", 1),
    )


def split(item: Object, namespace: str) -> Split:
    weighted = item["spec"]["weighted"]
    return Split(
        name=name_of(item),
        backends=tuple(_backend(service, namespace) for service in weighted["services"]),
        cookie=_cookie(weighted.get("sticky", {}).get("cookie")),
    )


def _cookie(cookie: Mapping[str, Any] | None) -> Cookie | None:
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


def middleware(item: Object) -> tuple[str, Mapping[str, Any]]:
    """Name and specification; Traefik's files say it as its objects do."""
    return name_of(item), item["spec"]
