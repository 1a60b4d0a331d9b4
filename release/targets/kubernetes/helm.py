"""Helm, against one cluster: the only writer of what belongs to a release."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release.errors import ToolError
from release.programs import run

_TIMEOUT = 600
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
        description: str = "",
    ) -> None:
        """Install it, or bring it up to date, hooks included; pods are not waited for.

        What the API server refuses in the middle is rolled back. Pods are waited for elsewhere:
        Helm knows nothing of those that an operator makes, nor why one does not start.
        """
        self._run(
            "upgrade",
            release,
            chart,
            "--install",
            "--namespace",
            namespace,
            "--create-namespace",
            "--rollback-on-failure",
            "--wait=hookOnly",
            f"--timeout={_TIMEOUT}s",
            f"--history-max={keep}",
            "--hide-notes",
            *(("--description", description) if description else ()),
            "--values",
            "-",
            stdin=json.dumps(values),
        )

    def rollback(self, namespace: str, revision: int) -> None:
        """Put an earlier revision back; as a new one."""
        self._run("rollback", namespace, str(revision), "--namespace", namespace, "--wait=hookOnly")

    def uninstall(self, namespace: str) -> None:
        """Remove a release and its records; wait until its objects are gone."""
        self._run("uninstall", namespace, "--namespace", namespace, "--wait", "--ignore-not-found")

    def _run(self, *arguments: str | Path, stdin: str | None = None) -> str:
        argv: list[str | Path] = [self._program, "--kube-context", self._context, *arguments]
        return run(argv, env=environment(), stdin=stdin, timeout=_TIMEOUT + 60)


__all__ = ["Helm", "ToolError", "environment"]
