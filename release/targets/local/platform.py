"""What all releases share: the process manager and one Traefik. Comes up with the first release,
goes with the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from release import web
from release.console import note, step
from release.errors import NotReadyError, ReleaseError, UsageError
from release.targets.local import routes
from release.targets.local.ports import Ports, is_free, owner
from release.targets.local.state import Platform, State
from release.targets.local.supervisor import Program, Supervisor

GATEWAY = "gateway"
DEFAULT_PORT = 8080


def choose(state: State, port: int | None, internal_port: int | None) -> Platform:
    """The ports of this state folder: those it has, or those asked for. Changes nothing.

    Raises UsageError when it already listens elsewhere, ReleaseError when somebody else has a port.
    """
    existing = state.platform()
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
    for name, number in (("PORT", public), ("INTERNAL_PORT", internal)):
        if not is_free(number):
            raise ReleaseError(
                f"port {number} is in use by {owner(number)}: "
                f"choose another with {name}=, as in {name}={number + 1000}"
            )
    return Platform(public, internal, Ports({public, internal}, state.root).take())


def ensure(
    state: State, supervisor: Supervisor, platform: Platform, tools: Mapping[str, Path]
) -> None:
    """Have the process manager and Traefik running, with every recorded release."""
    if supervisor.pid() and GATEWAY in supervisor.running():
        return
    if state.releases():
        note("the process manager is not running: taking over the recorded releases")
    with step("starting the process manager and Traefik"):
        supervisor.start()
        if GATEWAY not in supervisor.running():
            static = routes.write_static(state.path("traefik"), platform)
            supervisor.add(
                Program(
                    GATEWAY,
                    [tools["traefik"], f"--configFile={static}"],
                    {},
                    state.path("traefik"),
                    state.path("logs", "gateway.log"),
                )
            )
        if not web.wait_until(lambda: web.answers(web.url(platform.api_port, "/ping")), limit=60):
            log = state.path("logs", "gateway.log")
            raise NotReadyError("Traefik does not answer", log.read_text() if log.exists() else "")
    state.save_platform(platform)
