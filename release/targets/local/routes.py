"""Traefik's configuration: public host names, and a stable internal address for every Service.

Traefik plays kube-proxy here. The internal entry point needs no name, since names ending in
.localhost do not resolve
everywhere: http://127.0.0.1:<internal port>/<namespace>/<service>/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from release import web
from release.errors import ReleaseError
from release.files import write
from release.targets.local.model import Plan
from release.targets.local.state import Platform

Servers = Mapping[tuple[str, str], Sequence[str]]
"""(Service, port) -> the base URLs of the processes behind it."""

# X_Request_Id must not pass for X-Request-Id at a WSGI server, which cannot tell them apart.
_NO_ALIASES = {"aliasHeadersStrategy": "delete"}


def _encoded(**allowed: bool) -> dict[str, bool]:
    """What percent-encoded characters of a path may pass; those not named may."""
    names = ("Slash", "BackSlash", "NullCharacter", "Semicolon", "Percent", "QuestionMark", "Hash")
    return {f"allowEncoded{name}": allowed.get(name, True) for name in names}


# From outside, what gateway and service could read differently is refused with 400.
_PUBLIC = {
    **_NO_ALIASES,
    "encodedCharacters": _encoded(Slash=False, BackSlash=False, NullCharacter=False),
}
# Between services it passes everything, as kube-proxy would.
_INTERNAL = {**_NO_ALIASES, "encodedCharacters": _encoded()}


def static_file(folder: Path) -> Path:
    """Where Traefik's own configuration lies."""
    return folder / "traefik.yaml"


def write_static(folder: Path, platform: Platform) -> None:
    """Write Traefik's own configuration, which it reads when it starts."""
    address = "127.0.0.1:{}".format
    (folder / "dynamic").mkdir(parents=True, exist_ok=True)
    write(
        static_file(folder),
        yaml.safe_dump(
            {
                "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
                "entryPoints": {
                    "web": {"address": address(platform.port), "http": _PUBLIC},
                    "internal": {"address": address(platform.internal_port), "http": _INTERNAL},
                    "traefik": {"address": address(platform.api_port), "http": _INTERNAL},
                },
                "api": {
                    "insecure": True,
                    "dashboard": False,
                },  # on the traefik entry point: loopback only
                "ping": {"entryPoint": "traefik"},
                "metrics": {"prometheus": {"entryPoint": "traefik", "addServicesLabels": True}},
                "providers": {
                    # The default waits two seconds between changes; a redeploy should not.
                    "providersThrottleDuration": "50ms",
                    "file": {"directory": str(folder / "dynamic"), "watch": True},
                },
                "log": {"level": "WARN", "noColor": True},
            }
        ),
    )


def switch(folder: Path, platform: Platform, plan: Plan, servers: Servers) -> None:
    """Route a release to these processes; returns once Traefik does."""
    services: dict[str, dict[str, Any]] = {
        _key(plan.namespace, name, port): {
            "loadBalancer": {"servers": [{"url": url} for url in urls], "passHostHeader": True}
        }
        for (name, port), urls in servers.items()
    }
    routers: dict[str, Any] = {}
    middlewares: dict[str, Any] = {}
    for host in plan.hosts:
        routers[_key(plan.namespace, "host", host.host)] = {
            "entryPoints": ["web"],
            "rule": f"Host(`{host.host}`)",
            "service": _key(plan.namespace, host.service, host.port),
        }
    for address in plan.addresses:
        prefix = f"/{plan.namespace}/{address.name}"
        key = _key(plan.namespace, address.name, "internal")
        middlewares[key] = {"stripPrefix": {"prefixes": [prefix]}}
        routers[key] = {
            "entryPoints": ["internal"],
            "rule": f"PathPrefix(`{prefix}/`)",
            "middlewares": [key],
            "service": _key(plan.namespace, address.name, next(iter(address.ports))),
        }
    configuration = {"http": {"routers": routers, "services": services, "middlewares": middlewares}}
    write(_file(folder, plan.namespace), json.dumps(configuration, indent=1))
    wanted = {
        f"{name}@file": sorted(entry["loadBalancer"]["servers"], key=str)
        for name, entry in services.items()
    }
    if not web.wait_until(lambda: _shown(platform, plan.namespace) == wanted, limit=15):
        raise ReleaseError(
            f"Traefik did not take the routes of {plan.namespace}: see make logs SERVICE=gateway"
        )


def remove(folder: Path, platform: Platform, namespace: str) -> None:
    """Forget a release's hosts and addresses; returns once Traefik has."""
    path = _file(folder, namespace)
    if path.exists():
        path.unlink()
        web.wait_until(lambda: not _shown(platform, namespace), limit=15)


def _file(folder: Path, namespace: str) -> Path:
    return folder / "dynamic" / f"{namespace}.yaml"


def _key(namespace: str, service: str, port: str) -> str:
    # Dots keep namespaces apart: qv1 and qv1-copy are two.
    return f"{namespace}.{service}.{port}"


def _shown(platform: Platform, namespace: str) -> dict[str, Any] | None:
    """The servers that Traefik has for a release's services, or None when it does not answer."""
    found = web.fetch_json(web.url(platform.api_port, "/api/http/services?per_page=10000"))
    if found is None:
        return None
    return {
        service["name"]: sorted(service["loadBalancer"].get("servers", ()), key=str)
        for service in found
        if service["name"].startswith(f"{namespace}.") and "loadBalancer" in service
    }
