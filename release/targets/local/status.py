"""Reports what the local target runs."""

from collections import Counter
from collections.abc import Mapping

from release.clients import alertmanager, http
from release.model.status import Alert, Process, ReleaseStatus, TargetStatus
from release.targets.local.runtime.supervisor import ProgramStatus, Supervisor
from release.targets.local.state.revisions import GatewayPorts, LocalRevision
from release.targets.local.state.state_folder import StateFolder
from release.targets.local.traefik import GATEWAY

_NOT_RUNNING = ProgramStatus(pid=0, state="not running", started=0)


def report(state: StateFolder, supervisor: Supervisor) -> TargetStatus:
    """Everything of one state folder."""
    ports, revisions = state.gateway_ports(), state.releases()
    running, restarts = supervisor.programs_by_name(), supervisor.restarts()
    problems = []
    if revisions and not supervisor.pid():
        left = len(supervisor.find_processes())
        problems.append(
            f"the process manager is not running, and {left} processes run without it: "
            "make deploy takes over, make down stops them"
        )
    elif revisions and (GATEWAY not in running or not running[GATEWAY].pid):
        problems.append("Traefik is not running: see make logs SERVICE=gateway")
    return TargetStatus(
        target="local",
        problems=problems,
        gateway=f"http://127.0.0.1:{ports.port}" if ports else "",
        releases=[_release(revision, running, restarts, ports) for revision in revisions],
    )


def _release(
    revision: LocalRevision,
    running: Mapping[str, ProgramStatus],
    restarts: Counter[str],
    ports: GatewayPorts | None,
) -> ReleaseStatus:
    alerts: list[Alert] = []
    unreachable = []
    for host in revision.urls:
        role, component = host.split(".")[:2]
        if role == "alertmanager" and ports:
            found = alertmanager.fetch_alerts(http.url(ports.port, ""), component, host)
            alerts += found or []
            unreachable += [host] if found is None else []
    return ReleaseStatus(
        namespace=revision.namespace,
        version=revision.version,
        chart_version=revision.chart_version,
        revision=revision.revision,
        deployed_at=revision.at,
        reason=revision.reason,
        processes=[
            Process(item.id, program.state, program.pid, restarts[item.id], program.started)
            for item in revision.instances
            for program in (running.get(item.id, _NOT_RUNNING),)
        ],
        urls=list(revision.urls.values()),
        alerts=alerts,
        unreachable=unreachable,
    )
