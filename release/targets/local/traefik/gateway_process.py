"""Starts the process manager and Traefik, which all releases share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from release.clients import http
from release.console import note, step
from release.errors import NotReadyError, ReleaseError, UsageError
from release.targets.local.runtime.ports import describe_owner, free_ports, is_free
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.revisions import GatewayPorts
from release.targets.local.state.state_folder import StateFolder
from release.targets.local.traefik import file_provider

GATEWAY = "gateway"
DEFAULT_PORT = 8080
_PORT_IN_USE = re.compile(r"listen tcp 127\.0\.0\.1:(\d+): bind: address already in use")


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
        static = file_provider.write_static_config(state.path("traefik"), ports)
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
