"""Traefik, which all releases share: its ports, its process and its routes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from release.clients import http
from release.console import note, step
from release.errors import NotReadyError, ReleaseError, UsageError
from release.files import write
from release.targets.local.plan.desired_state import Plan, selects
from release.targets.local.plan.traefik_config import qualified_name
from release.targets.local.runtime.ports import describe_owner, free_ports, is_free
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.revisions import GatewayPorts, Instance
from release.targets.local.state.state_folder import StateFolder

GATEWAY = "gateway"
DEFAULT_PORT = 8080
_PORT_IN_USE = re.compile(r"listen tcp 127\.0\.0\.1:(\d+): bind: address already in use")
_SECTIONS = ("routers", "services")

_ENCODED = ("Slash", "BackSlash", "NullCharacter", "Semicolon", "Percent", "QuestionMark", "Hash")


def _http_options(*refused: str) -> dict[str, Any]:
    return {
        # A WSGI server cannot tell X_Request_Id from X-Request-Id.
        "aliasHeadersStrategy": "delete",
        "encodedCharacters": {f"allowEncoded{name}": name not in refused for name in _ENCODED},
    }


# From outside, characters that gateway and service could read differently get a 400.
_PUBLIC = _http_options("Slash", "BackSlash", "NullCharacter")
# Between services everything passes, as with kube-proxy.
_INTERNAL = _http_options()


def choose_ports(state: StateFolder, port: int | None, *, is_running: bool) -> GatewayPorts:
    """Return the ports of this state folder: the recorded ones, or `port` and the one after it.

    Raises UsageError if the gateway runs on another port.
    """
    existing = state.gateway_ports()
    if existing is None:
        port = port or DEFAULT_PORT
        return GatewayPorts(port, port + 1, next(free_ports({port, port + 1}, state.root)))
    if port in (None, existing.port):
        return existing
    if is_running:
        raise UsageError(
            f"PORT={port}: this gateway already listens on {existing.port}; "
            "make down first, or keep a second one with STATE=another-folder"
        )
    # After a reboot another process may have the ports. Releases know the internal one.
    if port != existing.internal_port and is_free(existing.internal_port):
        return replace(existing, port=port)
    return replace(existing, port=port, internal_port=port + 1)


def check_ports(ports: GatewayPorts, supervisor: Supervisor) -> None:
    """Raise ReleaseError if another process has a port of the gateway."""
    if supervisor.has_processes():
        return
    for number in (ports.port, ports.internal_port):
        if not is_free(number):
            raise _in_use_error(number, ports)


def _in_use_error(number: int, ports: GatewayPorts) -> ReleaseError:
    if number == ports.api_port:
        return ReleaseError(
            f"port {number} was taken by {describe_owner(number)} just now: deploy again"
        )
    return ReleaseError(
        f"port {number} is in use by {describe_owner(number)}: "
        f"choose another with PORT=, as in PORT={ports.port + 1000}"
    )


def ensure_running(
    state: StateFolder, supervisor: Supervisor, ports: GatewayPorts, tools: Mapping[str, Path]
) -> GatewayPorts:
    """Start the process manager, with every recorded release, and Traefik, unless they run.

    Returns the ports, with another one for Traefik's API if that was taken meanwhile.
    """
    is_managed = supervisor.pid() is not None
    if is_managed and supervisor.find([GATEWAY]):
        return ports
    if not is_managed and not is_free(ports.api_port):
        taken = {ports.port, ports.internal_port}
        ports = replace(ports, api_port=next(free_ports(taken, state.root)))
    if state.releases():
        note("the process manager is not running: taking over the recorded releases")
    log = state.path("logs", "gateway.log")
    old = log.stat().st_size if log.exists() else 0

    def read_log() -> str:
        return log.read_text(errors="replace")[old:] if log.exists() else ""

    with step("starting the process manager and Traefik"):
        static = _write_static_config(state.path("traefik"), ports)
        if not is_managed:
            supervisor.start()
        state.save_gateway_ports(ports)
        if not supervisor.find([GATEWAY]):
            command: list[str | Path] = [tools["traefik"], f"--configFile={static}"]
            supervisor.add([Program(GATEWAY, command, {}, state.path("traefik"), log)])
        ping = http.url(ports.api_port, "/ping")
        http.wait_until(
            lambda: http.answers(ping) or bool(_PORT_IN_USE.search(read_log())), limit=60
        )
        # It was free when it was checked, and another process was quicker.
        if in_use := _PORT_IN_USE.search(read_log()):
            raise _in_use_error(int(in_use[1]), ports)
        if not http.answers(ping):
            raise NotReadyError("Traefik does not answer", read_log())
    return ports


def _write_static_config(folder: Path, ports: GatewayPorts) -> Path:
    """Write the configuration that Traefik reads when it starts, and return its path."""
    (folder / "dynamic").mkdir(parents=True, exist_ok=True)
    configuration = {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "entryPoints": {
            "web": {"address": f"127.0.0.1:{ports.port}", "http": _PUBLIC},
            "internal": {"address": f"127.0.0.1:{ports.internal_port}", "http": _INTERNAL},
            "traefik": {"address": f"127.0.0.1:{ports.api_port}", "http": _INTERNAL},
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
    write(folder / "traefik.yaml", yaml.safe_dump(configuration))
    return folder / "traefik.yaml"


def set_routes(
    state: StateFolder, ports: GatewayPorts, plan: Plan, instances: Sequence[Instance]
) -> None:
    """Route a release to these processes. Returns once Traefik does; raises ReleaseError."""
    services = {**plan.routing["services"], **_load_balancers(plan, instances)}
    sections = {**plan.routing, "services": services}
    # Traefik refuses a file with an empty section.
    configuration = {section: entries for section, entries in sections.items() if entries}
    write(_routes_file(state, plan.namespace), json.dumps({"http": configuration}, indent=1))
    expected = {
        (section, f"{name}@file"): _comparable(entry)
        for section in _SECTIONS
        for name, entry in sections[section].items()
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


def remove_routes(state: StateFolder, ports: GatewayPorts, namespace: str) -> None:
    """Remove the routes of a release. Returns once Traefik has done so."""
    path = _routes_file(state, namespace)
    if path.exists():
        path.unlink()
        http.wait_until(lambda: not _read_from_traefik(ports, namespace), limit=15)


def _routes_file(state: StateFolder, namespace: str) -> Path:
    return state.path("traefik", "dynamic", f"{namespace}.yaml")


def _read_from_traefik(ports: GatewayPorts, namespace: str) -> dict[tuple[str, str], Any] | None:
    """Return a release's routers and services in Traefik; None if it does not answer."""
    shown = {}
    for section in _SECTIONS:
        found = http.fetch_json(http.url(ports.api_port, f"/api/http/{section}?per_page=10000"))
        if found is None:
            return None
        for entry in found:
            if entry["name"].startswith(f"{namespace}."):
                shown[section, entry["name"]] = _comparable(entry)
    return shown


def _comparable(entry: Mapping[str, Any]) -> Any:
    """Return the part of a router or a service that a change would change."""
    if "loadBalancer" in entry:
        return sorted(server["url"] for server in entry["loadBalancer"].get("servers", ()))
    if "weighted" in entry:
        shares = entry["weighted"]["services"]
        return sorted((share["name"].partition("@")[0], share["weight"]) for share in shares)
    return entry["rule"], entry["service"]
