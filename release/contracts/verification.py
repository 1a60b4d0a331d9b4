"""Verifies a pact against a provider, in a process, an environment and a database of its own."""

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

TIMEOUT = 120
"""Seconds that a verification may take."""


def verify_pact(
    consumer: Consumer, provider: Provider, cache: Path, *, database: str | None = None
) -> VerificationResult:
    """Return the result for exactly this content: the cached one, else a new one, which is cached.

    `database`: a URL to use instead of a new SQLite file; it bypasses the cache.
    """
    cached = find_result(consumer, provider, cache)
    if cached is not None and database is None:
        return cached
    outcome, reason = _run(consumer.pact.content, provider, database)
    result = VerificationResult(consumer, provider.version, outcome, one_line(reason))
    if database is None:
        result_cache.save(result, provider, cache)
    return result


def find_result(consumer: Consumer, provider: Provider, cache: Path) -> VerificationResult | None:
    """Return the result that needs no run: the cached one, or NO for a pact that cannot hold."""
    if consumer.pact.flaw:
        reason = one_line(consumer.pact.flaw)
        return VerificationResult(consumer, provider.version, Outcome.NO, reason)
    return result_cache.load(consumer, provider, cache)


def verify_all(
    pairs: Iterable[tuple[Consumer, Provider]], cache: Path
) -> tuple[VerificationResult, ...]:
    """Verify in parallel; return the results in the order of the pairs."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            return tuple(pool.map(lambda pair: verify_pact(pair[0], pair[1], cache), pairs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


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
            output, errors = _communicate(command, environment)
        except subprocess.TimeoutExpired:
            return Outcome.UNKNOWN, f"the verification did not end within {TIMEOUT} s"
    try:
        found = json.loads(_last_line(output))
        return Outcome(found["outcome"]), str(found["reason"])
    except (ValueError, KeyError, TypeError):
        return Outcome.UNKNOWN, f"the verification failed: {_last_line(errors)}"


def _communicate(command: list[str], environment: dict[str, str]) -> tuple[str, str]:
    """Return output and errors of a process. The server that it starts never outlives it."""
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
            return process.communicate(timeout=TIMEOUT)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
