"""Runs Helm against one cluster. Only Helm writes what belongs to a release."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from release.errors import NotAllowedError, ReleaseError, ToolError, UnansweredError
from release.model.names import MADE_BY_US
from release.targets.kubernetes.client.kubernetes_api import STORE_AWAY
from release.toolchain.subprocesses import run, run_until_stopped

_TIMEOUT = 600
# Messages of Go's network and HTTP packages, of client-go, and of the API server about its store.
_LOST = re.compile(
    r"cluster unreachable|dial tcp|connection (refused|reset|timed out)|broken pipe|\bEOF\b"
    "|i/o timeout|TLS handshake timeout|Client.Timeout exceeded|context deadline exceeded"
    "|client connection lost|server sent GOAWAY|currently unable to handle the request"
    f"|{STORE_AWAY}",
    re.IGNORECASE,
)
_SECRET = ("SLACK_", "PACT_BROKER_", "DATABASE_URL")


def environment() -> dict[str, str]:
    """Return the caller's environment without our secrets and without what redirects Helm.

    The kubeconfig may sign in with programs that need the rest.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HELM_", "MAKE", "MFLAGS", *_SECRET))
    }


def is_timeout(error: ReleaseError) -> bool:
    """True if something did not come in time, for a reason that Helm does not know."""
    return any(each in str(error) for each in ("timed out", "deadline", "no answer within"))


@contextmanager
def cluster_errors(context: str) -> Iterator[None]:
    """Raise UnansweredError for a lost connection, NotAllowedError for a missing permission."""
    try:
        yield
    except ToolError as error:
        message, cluster = str(error), f"the cluster of CONTEXT={context}"
        # The API server answers, too, when it cannot reach a webhook.
        if "webhook" not in message and _LOST.search(message):
            raise UnansweredError(f"{cluster} does not answer: {message}") from error
        # A quota forbids as well, but names no user.
        if re.search(r'User ".*" cannot \w+ resource', message):
            raise NotAllowedError(f"{cluster} refuses it: {message}") from error
        raise


class Helm:
    """Changes releases. Raises ToolError with Helm's own reason."""

    def __init__(self, program: Path, context: str) -> None:
        self._command: list[str | Path] = [program, "--kube-context", context]

    def upgrade(
        self,
        release: str,
        chart: Path,
        values: Mapping[str, Any],
        *,
        keep: int,
        waits: bool,
        stop: Callable[[], bool],
        description: str = "",
    ) -> None:
        """Install a release of ours or upgrade it, keeping `keep` revisions; hooks always run.

        If it `waits`, Helm rolls back when Deployments fail or `stop` returns True. It does not
        wait in its default way, which takes an operator's Prometheus for ready once it is written.
        """
        options = [f"--timeout={_TIMEOUT}s", f"--history-max={keep}", "--hide-notes"]
        options += ["--rollback-on-failure", "--wait=legacy"] if waits else ["--wait=hookOnly"]
        options += ["--description", description] if description else []
        self._upgrade(release, release, [chart, *options], values, stop)

    def install(
        self,
        release: str,
        namespace: str,
        source: Sequence[str | Path],
        values: Mapping[str, Any],
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Install or upgrade another chart, and wait until it is ready or `stop` returns True.

        Its records carry our label, and what fails stays: a later run recognizes both.
        """
        labels = [f"--labels={key}={value}" for key, value in MADE_BY_US.items()]
        arguments = [*source, "--wait=legacy", "--timeout=300s", *labels]
        self._upgrade(release, namespace, arguments, values, stop)

    def _upgrade(
        self,
        release: str,
        namespace: str,
        arguments: Sequence[str | Path],
        values: Mapping[str, Any],
        stop: Callable[[], bool],
    ) -> None:
        argv = [*self._command, "upgrade", release, *arguments, "--install"]
        argv += ["--namespace", namespace, "--create-namespace", "--values", "-"]
        stdin = json.dumps(values)
        run_until_stopped(argv, env=environment(), stdin=stdin, timeout=_TIMEOUT + 60, stop=stop)

    def rollback(self, namespace: str, revision: int, release: str = "") -> None:
        """Restore a revision as a new one. A release is named like its namespace by default."""
        release = release or namespace
        self._run("rollback", release, str(revision), "--namespace", namespace, "--wait=hookOnly")

    def uninstall(self, namespace: str, release: str = "") -> None:
        """Remove a release and its records; return once its objects are gone."""
        release = release or namespace
        self._run("uninstall", release, "--namespace", namespace, "--wait", "--ignore-not-found")

    def _run(self, *arguments: str) -> None:
        run([*self._command, *arguments], env=environment(), timeout=_TIMEOUT + 60)
