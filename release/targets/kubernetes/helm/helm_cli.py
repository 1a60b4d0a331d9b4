"""Helm, against one cluster: the only writer of what belongs to a release."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from release.errors import ReleaseError
from release.model.names import MADE_BY_US
from release.targets.kubernetes.client.kubernetes_api import STORE_AWAY
from release.toolchain.subprocesses import run, run_until_stopped

_TIMEOUT = 600
# What Go's network and HTTP packages say, client-go, and the API server of its store.
_LOST = re.compile(
    r"cluster unreachable|dial tcp|connection (refused|reset|timed out)|broken pipe|\bEOF\b"
    "|i/o timeout|TLS handshake timeout|Client.Timeout exceeded|context deadline exceeded"
    "|client connection lost|server sent GOAWAY|currently unable to handle the request"
    f"|{STORE_AWAY}",
    re.IGNORECASE,
)
_SECRET = ("SLACK_", "PACT_BROKER_", "DATABASE_URL")


def environment() -> dict[str, str]:
    """The caller's, since a kubeconfig may sign in with programs that need it; without secrets of
    ours, and without what would point Helm elsewhere.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HELM_", "MAKE", "MFLAGS", *_SECRET))
    }


def is_timeout(error: ReleaseError) -> bool:
    """Whether something did not come in time, of which Helm does not know why."""
    return any(each in str(error) for each in ("timed out", "deadline", "no answer within"))


def is_connection_error(error: ReleaseError) -> bool:
    """Whether Helm did not get through to the cluster, or lost it on the way; a webhook that the
    cluster does not get through to is another matter.
    """
    return "webhook" not in str(error) and _LOST.search(str(error)) is not None


def is_forbidden(error: ReleaseError) -> bool:
    """Whether the caller may not do something; a quota forbids as well, but nobody by name."""
    return re.search(r'User ".*" cannot \w+ resource', str(error)) is not None


class Helm:
    """Changes releases. Raises ToolError with Helm's own reason."""

    def __init__(self, program: Path, context: str) -> None:
        self._program = program
        self._context = context

    def upgrade(
        self,
        release: str,
        namespace: str,
        chart: Path,
        values: Mapping[str, Any],
        *,
        keep: int,
        waits: bool,
        stop: Callable[[], bool],
        description: str = "",
    ) -> None:
        """Install it, or bring it up to date; hooks run in any case.

        If it `waits`, then for Deployments, and Helm goes back by itself when they fail, or when
        `stop` says that waiting is of no use. Not by Helm's default, which takes an operator's
        Prometheus for ready once it is written.
        """
        argv = self._argv(
            "upgrade",
            release,
            chart,
            "--install",
            "--namespace",
            namespace,
            "--create-namespace",
            *(("--rollback-on-failure", "--wait=legacy") if waits else ("--wait=hookOnly",)),
            f"--timeout={_TIMEOUT}s",
            f"--history-max={keep}",
            "--hide-notes",
            *(("--description", description) if description else ()),
            "--values",
            "-",
        )
        given = json.dumps(values)
        run_until_stopped(argv, env=environment(), stdin=given, timeout=_TIMEOUT + 60, stop=stop)

    def install(
        self,
        release: str,
        namespace: str,
        source: Sequence[str | Path],
        values: Mapping[str, Any],
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Install or upgrade a chart that is no release of ours, and wait for it, until `stop` says
        that it is of no use. Its records carry our label, and what fails stays: both tell a later
        run what this one left.
        """
        argv = self._argv("upgrade", release, *source, "--install", "--namespace", namespace)
        argv += ["--create-namespace", "--wait=legacy", "--timeout=300s", "--values", "-"]
        argv += [f"--labels={key}={value}" for key, value in MADE_BY_US.items()]
        given = json.dumps(values)
        run_until_stopped(argv, env=environment(), stdin=given, timeout=_TIMEOUT, stop=stop)

    def rollback(self, namespace: str, revision: int, release: str = "") -> None:
        """Put an earlier revision back, as a new one; a release is named like its namespace, unless
        another name is given.
        """
        what = (release or namespace, str(revision))
        self._run("rollback", *what, "--namespace", namespace, "--wait=hookOnly")

    def uninstall(self, namespace: str, release: str = "") -> None:
        """Remove a release and its records; wait until its objects are gone."""
        what = ("--namespace", namespace, "--wait", "--ignore-not-found")
        self._run("uninstall", release or namespace, *what)

    def _run(self, *arguments: str | Path) -> str:
        return run(self._argv(*arguments), env=environment(), timeout=_TIMEOUT + 60)

    def _argv(self, *arguments: str | Path) -> list[str | Path]:
        return [self._program, "--kube-context", self._context, *arguments]
