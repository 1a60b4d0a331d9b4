"""A release's part of Traefik's dynamic configuration: plan and processes -> what Traefik does.

Traefik plays kube-proxy as well. The internal entry point needs no name, since names ending in
.localhost do not resolve everywhere: http://127.0.0.1:<internal port>/<namespace>/<service>/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from release.targets.local.plan.desired_state import Backend, Cookie, Plan, Route, Split

Servers = Mapping[tuple[str, str], Sequence[str]]
"""(Service, port) -> the base URLs of the processes behind it."""

# A process that has just died stays in the routes until it is back. What cannot be handed to it
# goes to another one, as in a cluster that forgets its address; what was handed over is never sent
# again.
_ELSEWHERE = {"attempts": 10, "initialInterval": "50ms"}


def key(namespace: str, *parts: str) -> str:
    """The name of something of a release. Dots keep namespaces apart: qv1 and qv1-copy are two."""
    return ".".join((namespace, *parts))


def configuration(plan: Plan, servers: Servers) -> dict[str, dict[str, Any]]:
    """Traefik's routers, services and middlewares for a release, by name."""
    routers: dict[str, Any] = {}
    middlewares = {key(plan.namespace, name): dict(spec) for name, spec in plan.middlewares.items()}
    elsewhere = key(plan.namespace, "elsewhere")
    if plan.hosts or plan.addresses:
        middlewares[elsewhere] = {"retry": _ELSEWHERE}
    for host in plan.hosts:
        routers[key(plan.namespace, "host", host.host)] = {
            "entryPoints": ["web"],
            "rule": f"Host(`{host.host}`)",
            "middlewares": [elsewhere],
            "service": key(plan.namespace, host.service, host.port),
        }
    for address in plan.addresses:
        prefix = f"/{plan.namespace}/{address.name}"
        name = key(plan.namespace, address.name, "internal")
        middlewares[name] = {"stripPrefix": {"prefixes": [prefix]}}
        routers[name] = {
            "entryPoints": ["internal"],
            "rule": f"PathPrefix(`{prefix}/`)",
            "middlewares": [name, elsewhere],
            "service": key(plan.namespace, address.name, next(iter(address.ports))),
        }
    for route in plan.routes:
        routers[key(plan.namespace, route.name)] = _router(plan.namespace, route)
    services: dict[str, Any] = {
        key(plan.namespace, name, port): {
            "loadBalancer": {"servers": [{"url": url} for url in urls], "passHostHeader": True}
        }
        for (name, port), urls in servers.items()
    }
    for split in plan.splits:
        services[key(plan.namespace, split.name)] = {"weighted": _weighted(split)}
    found = {"routers": routers, "services": services, "middlewares": middlewares}
    # Traefik refuses a file with an empty section.
    return {section: content for section, content in found.items() if content}


def _router(namespace: str, route: Route) -> dict[str, Any]:
    return {
        "entryPoints": list(route.entry_points),
        "rule": route.match,
        "priority": route.priority,
        "middlewares": [key(namespace, name) for name in route.middlewares],
        "service": _leaf(route.to) if isinstance(route.to, Backend) else key(namespace, route.to),
    }


def _leaf(backend: Backend) -> str:
    return key(backend.namespace, backend.service, backend.port)


def _weighted(split: Split) -> dict[str, Any]:
    shares = [{"name": _leaf(item), "weight": item.weight} for item in split.backends]
    return {"services": shares, **_sticky(split.cookie)}


def _sticky(cookie: Cookie | None) -> dict[str, Any]:
    if cookie is None:
        return {}
    facts = {
        "name": cookie.name,
        "maxAge": cookie.max_age,
        "path": cookie.path,
        "httpOnly": cookie.http_only,
        "sameSite": cookie.same_site,
        "secure": cookie.secure,
    }
    return {"sticky": {"cookie": {name: value for name, value in facts.items() if value}}}
