"""Verifies one pact against one provider: process, environment and database are its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from release.contracts import result_cache
from release.contracts.consumers import Consumer
from release.contracts.pact import one_line
from release.contracts.provider import Provider
from release.contracts.result_cache import Outcome, VerificationResult
from release.toolchain.virtualenvs import ensure_virtualenv

PATIENCE = 120
"""Seconds after which a verification is given up."""


def verified(
    consumer: Consumer, provider: Provider, kept: Path, *, database: str | None = None
) -> VerificationResult:
    """The verdict on exactly this content: the kept one, else a new one, which is kept.

    `database` is the URL of one to use instead of a new SQLite file; what is kept is left alone.
    """
    before = known(consumer, provider, kept)
    if before is not None and database is None:
        return before
    outcome, reason = _run(consumer.pact.content, provider, database)
    verdict = VerificationResult(consumer.name, provider.name, outcome, one_line(reason))
    if database is None:
        result_cache.keep(consumer, provider, verdict, kept)
    return verdict


def known(consumer: Consumer, provider: Provider, kept: Path) -> VerificationResult | None:
    """The verdict that needs no run: the kept one, or the no that a pact brings upon itself."""
    if consumer.pact.flaw:
        return VerificationResult(
            consumer.name, provider.name, Outcome.NO, one_line(consumer.pact.flaw)
        )
    return result_cache.recall(consumer, provider, kept)


def all_verified(
    pairs: Iterable[tuple[Consumer, Provider]], kept: Path
) -> tuple[tuple[Consumer, Provider, VerificationResult], ...]:
    """The same for many, as many at a time as there are processors, in the order given."""
    asked = list(pairs)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            found = list(pool.map(lambda pair: verified(pair[0], pair[1], kept), asked))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tuple((*pair, verdict) for pair, verdict in zip(asked, found, strict=True))


def _run(pact: bytes, provider: Provider, database: str | None) -> tuple[Outcome, str]:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "pact.json"
        file.write_bytes(pact)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": os.pathsep.join(map(str, (provider.code, provider.verifying.parent))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": scratch,
            "PACT_DO_NOT_TRACK": "true",
            "API_VERSION": str(provider.version),
            "SERVICE_VERSION": f"{provider.version}.0.0",
            "DATABASE_URL": database or f"sqlite:///{Path(scratch).resolve()}/stock.db",
        }
        command = [str(ensure_virtualenv("verify")), "-m", "verifying", str(file)]
        try:
            said, complained = _finished(command, environment)
        except subprocess.TimeoutExpired:
            return Outcome.UNKNOWN, f"the verification did not end within {PATIENCE} s"
    try:
        verdict = json.loads(_last_line(said))
        return Outcome(verdict["outcome"]), str(verdict["reason"])
    except (ValueError, KeyError, TypeError):
        return Outcome.UNKNOWN, f"the verification failed: {_last_line(complained)}"


def _finished(command: list[str], environment: dict[str, str]) -> tuple[str, str]:
    """Output and errors of a process. The server that it starts never outlives it."""
    with subprocess.Popen(  # noqa: S603 - an argument list, never a shell
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
