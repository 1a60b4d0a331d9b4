"""A release's part of Traefik's dynamic configuration.

Traefik plays kube-proxy as well. The internal entry point needs no name, since names ending in
.localhost do not resolve everywhere: http://127.0.0.1:<internal port>/<namespace>/<service>/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from release.targets.local.plan.desired_state import Backend, Cookie, Plan, Route, Split

Servers = Mapping[tuple[str, str], Sequence[str]]
"""(Service, port) -> the base URLs of the processes behind it."""

# A crashed process stays in the routes until it is back. A request that cannot be sent to it goes
# to another process, as in a cluster; a request that was sent is never repeated.
_RETRY = {"attempts": 10, "initialInterval": "50ms"}


def qualified_name(namespace: str, *parts: str) -> str:
    """Return the name of a part of a release. Dots keep the namespaces qv1 and qv1-copy apart."""
    return ".".join((namespace, *parts))


def to_configuration(plan: Plan, servers: Servers) -> dict[str, dict[str, Any]]:
    """Return the routers, services and middlewares of a release by name."""
    routers: dict[str, Any] = {}
    middlewares = {
        qualified_name(plan.namespace, name): dict(spec) for name, spec in plan.middlewares.items()
    }
    retry = qualified_name(plan.namespace, "elsewhere")
    if plan.hosts or plan.addresses:
        middlewares[retry] = {"retry": _RETRY}
    for host in plan.hosts:
        routers[qualified_name(plan.namespace, "host", host.host)] = {
            "entryPoints": ["web"],
            "rule": f"Host(`{host.host}`)",
            "middlewares": [retry],
            "service": qualified_name(plan.namespace, host.service, host.port),
        }
    for address in plan.addresses:
        prefix = f"/{plan.namespace}/{address.name}"
        name = qualified_name(plan.namespace, address.name, "internal")
        middlewares[name] = {"stripPrefix": {"prefixes": [prefix]}}
        routers[name] = {
            "entryPoints": ["internal"],
            "rule": f"PathPrefix(`{prefix}/`)",
            "middlewares": [name, retry],
            "service": qualified_name(plan.namespace, address.name, next(iter(address.ports))),
        }
    for route in plan.routes:
        routers[qualified_name(plan.namespace, route.name)] = _to_router(plan.namespace, route)
    services: dict[str, Any] = {
        qualified_name(plan.namespace, name, port): {
            "loadBalancer": {"servers": [{"url": url} for url in urls], "passHostHeader": True}
        }
        for (name, port), urls in servers.items()
    }
    for split in plan.splits:
        services[qualified_name(plan.namespace, split.name)] = {"weighted": _to_weighted(split)}
    sections = {"routers": routers, "services": services, "middlewares": middlewares}
    # Traefik refuses a file with an empty section.
    return {section: content for section, content in sections.items() if content}


def _to_router(namespace: str, route: Route) -> dict[str, Any]:
    return {
        "entryPoints": list(route.entry_points),
        "rule": route.match,
        "priority": route.priority,
        "middlewares": [qualified_name(namespace, name) for name in route.middlewares],
        "service": _service_name(route.to)
        if isinstance(route.to, Backend)
        else qualified_name(namespace, route.to),
    }


def _service_name(backend: Backend) -> str:
    return qualified_name(backend.namespace, backend.service, backend.port)


def _to_weighted(split: Split) -> dict[str, Any]:
    shares = [{"name": _service_name(item), "weight": item.weight} for item in split.backends]
    return {"services": shares, **_to_sticky(split.cookie)}


def _to_sticky(cookie: Cookie | None) -> dict[str, Any]:
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
