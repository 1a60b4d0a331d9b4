"""Traefik's configuration files: its own, and one for each release; a change counts once Traefik
shows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from release.clients import http
from release.errors import ReleaseError
from release.files import write
from release.targets.local.plan.desired_state import Plan
from release.targets.local.state.revisions import Platform
from release.targets.local.traefik import traefik_config
from release.targets.local.traefik.traefik_config import Servers

_SHOWN = ("routers", "services")

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
    configuration = traefik_config.configuration(plan, servers)
    write(_file(folder, plan.namespace), json.dumps({"http": configuration}, indent=1))
    wanted = {
        section: {f"{name}@file": _essence(entry) for name, entry in entries.items()}
        for section, entries in configuration.items()
        if section in _SHOWN
    }
    if not http.wait_until(lambda: _shown(platform, plan.namespace) == wanted, limit=15):
        raise ReleaseError(
            f"Traefik did not take the routes of {plan.namespace}: see make logs SERVICE=gateway"
        )


def remove(folder: Path, platform: Platform, namespace: str) -> None:
    """Forget a release's hosts and addresses; returns once Traefik has."""
    path = _file(folder, namespace)
    if path.exists():
        path.unlink()
        http.wait_until(lambda: not _shown(platform, namespace), limit=15)


def _file(folder: Path, namespace: str) -> Path:
    return folder / "dynamic" / f"{namespace}.yaml"


def _shown(platform: Platform, namespace: str) -> dict[str, dict[str, Any]] | None:
    """What Traefik has of a release's routers and services, or None when it does not answer."""
    shown: dict[str, dict[str, Any]] = {}
    for section in _SHOWN:
        address = http.url(platform.api_port, f"/api/http/{section}?per_page=10000")
        found = http.fetch_json(address)
        if found is None:
            return None
        entries = {
            entry["name"]: _essence(entry)
            for entry in found
            if entry["name"].startswith(f"{namespace}.")
        }
        shown |= {section: entries} if entries else {}
    return shown


def _essence(entry: Mapping[str, Any]) -> Any:
    """What tells one configuration of a router or a service from another."""
    if "loadBalancer" in entry:
        return sorted(server["url"] for server in entry["loadBalancer"].get("servers", ()))
    if "weighted" in entry:
        shares = entry["weighted"]["services"]
        return sorted((share["name"].partition("@")[0], share["weight"]) for share in shares)
    return entry["rule"], entry["service"]
