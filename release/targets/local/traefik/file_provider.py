"""Writes Traefik's configuration files, and waits until Traefik has read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from release.clients import http
from release.errors import ReleaseError
from release.files import write
from release.targets.local.plan.desired_state import Plan, selects
from release.targets.local.plan.traefik_config import qualified_name
from release.targets.local.state.revisions import GatewayPorts, Instance

_SECTIONS = ("routers", "services")

# A WSGI server cannot tell X_Request_Id from X-Request-Id.
_NO_ALIASES = {"aliasHeadersStrategy": "delete"}
# From outside, characters that gateway and service could read differently get a 400.
_AMBIGUOUS = ("Slash", "BackSlash", "NullCharacter")
_ENCODED = (*_AMBIGUOUS, "Semicolon", "Percent", "QuestionMark", "Hash")
_PUBLIC = {
    **_NO_ALIASES,
    "encodedCharacters": {f"allowEncoded{name}": name not in _AMBIGUOUS for name in _ENCODED},
}
# Between services everything passes, as with kube-proxy.
_INTERNAL = {
    **_NO_ALIASES,
    "encodedCharacters": {f"allowEncoded{name}": True for name in _ENCODED},
}


def write_static_config(folder: Path, ports: GatewayPorts) -> Path:
    """Write the configuration that Traefik reads when it starts, and return its path."""
    path = folder / "traefik.yaml"
    address = "127.0.0.1:{}".format
    (folder / "dynamic").mkdir(parents=True, exist_ok=True)
    write(
        path,
        yaml.safe_dump(
            {
                "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
                "entryPoints": {
                    "web": {"address": address(ports.port), "http": _PUBLIC},
                    "internal": {"address": address(ports.internal_port), "http": _INTERNAL},
                    "traefik": {"address": address(ports.api_port), "http": _INTERNAL},
                },
                # On the traefik entry point: loopback only.
                "api": {"insecure": True, "dashboard": False},
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
    return path


def set_routes(
    folder: Path, ports: GatewayPorts, plan: Plan, instances: Sequence[Instance]
) -> None:
    """Route a release to these processes. Returns once Traefik does; raises ReleaseError."""
    services = {**plan.routing["services"], **_load_balancers(plan, instances)}
    sections = {**plan.routing, "services": services}
    # Traefik refuses a file with an empty section.
    configuration = {section: entries for section, entries in sections.items() if entries}
    write(_routes_file(folder, plan.namespace), json.dumps({"http": configuration}, indent=1))
    expected = {
        section: {f"{name}@file": _comparable(entry) for name, entry in entries.items()}
        for section, entries in configuration.items()
        if section in _SECTIONS
    }
    if not http.wait_until(lambda: _read_from_traefik(ports, plan.namespace) == expected, limit=15):
        raise ReleaseError(
            f"Traefik did not take the routes of {plan.namespace}: see make logs SERVICE=gateway"
        )


def _load_balancers(plan: Plan, instances: Sequence[Instance]) -> dict[str, Any]:
    """Return the processes behind each port of each Service."""
    return {
        qualified_name(plan.namespace, address.name, port): {
            "loadBalancer": {
                "servers": [
                    {"url": http.url(instance.ports[target], "")}
                    for instance in instances
                    if selects(address.selector, instance.labels)
                ],
                "passHostHeader": True,
            }
        }
        for address in plan.addresses
        for port, target in address.ports.items()
    }


def remove_routes(folder: Path, ports: GatewayPorts, namespace: str) -> None:
    """Remove the routes of a release. Returns once Traefik has done so."""
    path = _routes_file(folder, namespace)
    if path.exists():
        path.unlink()
        http.wait_until(lambda: not _read_from_traefik(ports, namespace), limit=15)


def _routes_file(folder: Path, namespace: str) -> Path:
    return folder / "dynamic" / f"{namespace}.yaml"


def _read_from_traefik(ports: GatewayPorts, namespace: str) -> dict[str, dict[str, Any]] | None:
    """Return a release's routers and services in Traefik; None if it does not answer."""
    shown: dict[str, dict[str, Any]] = {}
    for section in _SECTIONS:
        address = http.url(ports.api_port, f"/api/http/{section}?per_page=10000")
        found = http.fetch_json(address)
        if found is None:
            return None
        entries = {
            entry["name"]: _comparable(entry)
            for entry in found
            if entry["name"].startswith(f"{namespace}.")
        }
        shown |= {section: entries} if entries else {}
    return shown


def _comparable(entry: Mapping[str, Any]) -> Any:
    """Return the part of a router or a service that a change would change."""
    if "loadBalancer" in entry:
        return sorted(server["url"] for server in entry["loadBalancer"].get("servers", ()))
    if "weighted" in entry:
        shares = entry["weighted"]["services"]
        return sorted((share["name"].partition("@")[0], share["weight"]) for share in shares)
    return entry["rule"], entry["service"]
