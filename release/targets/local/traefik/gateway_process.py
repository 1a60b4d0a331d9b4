"""What all releases share: the process manager and one Traefik. It comes with the first release
and goes with the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from release.clients import http
from release.console import note, step
from release.errors import NotReadyError, ReleaseError, UsageError
from release.targets.local.runtime import process_tags
from release.targets.local.runtime.ports import Ports, is_free, owner
from release.targets.local.runtime.supervisor import Supervisor
from release.targets.local.runtime.supervisor_config import Program
from release.targets.local.state.revisions import Platform
from release.targets.local.state.state_folder import State
from release.targets.local.traefik import file_provider

GATEWAY = "gateway"
DEFAULT_PORT = 8080
_TAKEN = re.compile(r"listen tcp 127\.0\.0\.1:(\d+): bind: address already in use")


def choose(state: State, port: int | None, internal_port: int | None, *, running: bool) -> Platform:
    """The ports of this state folder: those it has, or those asked for. Changes nothing.

    Raises UsageError when it already listens elsewhere, or when the ports make no sense.
    """
    existing = state.platform()
    if existing and not running:
        # Nothing listens: after a reboot, say, when somebody else may have the ports by now.
        return Platform(
            port or existing.port, internal_port or existing.internal_port, existing.api_port
        )
    if existing:
        for name, asked, found in (
            ("PORT", port, existing.port),
            ("INTERNAL_PORT", internal_port, existing.internal_port),
        ):
            if asked is not None and asked != found:
                raise UsageError(
                    f"{name}={asked}: this gateway already listens on {found}; "
                    "make down first, or keep a second one with STATE=another-folder"
                )
        return existing
    public = port or DEFAULT_PORT
    internal = internal_port or public + 1
    if public == internal or internal > 65535:
        raise UsageError(
            f"PORT={public} and INTERNAL_PORT={internal}: give two different ports up to 65535"
        )
    return Platform(public, internal, Ports({public, internal}, state.root).take())


def check_ports(platform: Platform, supervisor: Supervisor) -> None:
    """Raises ReleaseError when somebody else has a port of ours."""
    if supervisor.pid() or process_tags.processes(supervisor.folder):
        return
    for number in (platform.port, platform.internal_port):
        if not is_free(number):
            raise _in_use(number, platform)


def still_free(platform: Platform, state: State, supervisor: Supervisor) -> Platform:
    """The same, with another port for Traefik's own use should somebody have taken it since."""
    if supervisor.pid() or is_free(platform.api_port):
        return platform
    known = {platform.port, platform.internal_port}
    return replace(platform, api_port=Ports(known, state.root).take())


def _in_use(number: int, platform: Platform) -> ReleaseError:
    if number == platform.api_port:
        return ReleaseError(f"port {number} was taken by {owner(number)} just now: deploy again")
    name = "INTERNAL_PORT" if number == platform.internal_port else "PORT"
    return ReleaseError(
        f"port {number} is in use by {owner(number)}: "
        f"choose another with {name}=, as in {name}={number + 1000}"
    )


def ensure(
    state: State, supervisor: Supervisor, platform: Platform, tools: Mapping[str, Path]
) -> None:
    """Have the process manager and Traefik running, with every recorded release."""
    if supervisor.pid() and supervisor.among([GATEWAY]):
        return
    if state.releases():
        note("the process manager is not running: taking over the recorded releases")
    log = state.path("logs", "gateway.log")
    known = log.stat().st_size if log.exists() else 0

    def said() -> str:
        return log.read_text(errors="replace")[known:] if log.exists() else ""

    with step("starting the process manager and Traefik"):
        if not supervisor.pid():
            process_tags.end(supervisor.folder)
            file_provider.write_static(state.path("traefik"), platform)
            supervisor.start()
        state.save_platform(platform)
        if not supervisor.among([GATEWAY]):
            static = file_provider.static_file(state.path("traefik"))
            command: list[str | Path] = [tools["traefik"], f"--configFile={static}"]
            supervisor.add([Program(GATEWAY, command, {}, state.path("traefik"), log)])
        ping = http.url(platform.api_port, "/ping")
        http.wait_until(lambda: http.answers(ping) or bool(_TAKEN.search(said())), limit=60)
        # Free when it was looked at, and somebody else was quicker.
        if taken := _TAKEN.search(said()):
            raise _in_use(int(taken[1]), platform)
        if not http.answers(ping):
            raise NotReadyError("Traefik does not answer", said())
