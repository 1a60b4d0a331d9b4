"""A service that answers otherwise than its description says turns the trial red."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from release.contracts.provider import Provider
from tests.openapi_fuzz.fuzz import fetch_description, fuzz
from tests.release.contracts.conftest import Edit, Edited

ONE, BUY = "/t-shirts/{sku}", "/t-shirts/{sku}/purchases"
# Each is a mistake in stock 2, and where the trial must see it.
MISTAKES = {
    "nothing": ("", Edit("stock/inventory_errors.py", "status = 404", "status = 404")),
    "a field is renamed": (
        "/t-shirts",
        Edit("stock/v2/routes.py", "jsonify(items=", "jsonify(t_shirts="),
    ),
    "an amount gets decimals": (
        "/t-shirts",
        Edit("stock/v2/t_shirts.py", "amount=row.price_minor", "amount=row.price_minor / 3"),
    ),
    "a currency is no code": (
        "/t-shirts",
        Edit("stock/v2/t_shirts.py", "currency=row.currency", 'currency="euro"'),
    ),
    "another status": (ONE, Edit("stock/inventory_errors.py", "status = 404", "status = 418")),
    "another media type": (
        ONE,
        Edit("stock/v2/routes.py", "application/problem+json", "application/json"),
    ),
    "a failure": (BUY, Edit("stock/v2/routes.py", "return 201, json.", "return 500, json.")),
}


@contextmanager
def served(stock: Provider, folder: Path) -> Iterator[str]:
    """The address of stock 2 as that code has it, with its seed, while the block runs."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(stock.code),
        "API_VERSION": "2",
        "SERVICE_VERSION": "2.0.0",
        "DATABASE_URL": f"sqlite:///{folder}/stock.db",
        "HTTP_PORT": "0",
        "METRICS_PORT": "0",
    }
    subprocess.run([sys.executable, "-m", "stock.migrate"], env=environment, check=True)
    log = folder / "gunicorn.log"
    server = [sys.executable, "-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*server, "stock.app:create_app()"], env=environment, stdout=output, stderr=output
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 30
            while "Booting worker" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield log.read_text().split("Listening at: ")[1].split()[0]
        finally:
            process.terminate()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_service_is_found_out(edited: Edited, tmp_path: Path, name: str) -> None:
    path, mistake = MISTAKES[name]
    only = [f"--include-path={path}"] if path else []
    with served(edited(2, [mistake]), tmp_path) as url:
        trial = fuzz(url, fetch_description(url), *only, "--phases=examples,coverage")
    # The same trial of stock as it is: what is found are the mistakes, and not the trial's own.
    assert trial.passed == (name == "nothing"), trial.report
