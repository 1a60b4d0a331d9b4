"""A real notice process."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[3]
PACKAGES = (ROOT / "packages" / "instrumentation", ROOT / "services" / "notice")
NOTICES: dict[str, Any] = {
    "live": [2, 1],
    "tombstones": {
        "catalog.v1.shop.localhost": {
            "version": 1,
            "successor": "http://catalog.v2.shop.localhost:8080/",
            "since": 1795392000,
            "link": "https://shop.example/v2?why=1&more",
        },
        "stock.v1.shop.localhost": {"version": 1, "successor": "", "since": 1795392000, "link": ""},
    },
}


Ask = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks the process as if by the name of a host."""
    log = tmp_path_factory.mktemp("notice") / "log"
    command = [sys.executable, "-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"]
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, PACKAGES)),
        "API_VERSION": "1",
        "SERVICE_VERSION": "1.0.0",
        "HTTP_PORT": "0",
        "METRICS_PORT": "0",
        "NOTICES": json.dumps(NOTICES),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "notice.app:create_app()"], env=variables, stderr=output
        )
    try:
        deadline = time.monotonic() + 20
        while not (found := re.search(r"Listening at: (http://\S+)", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        with requests.Session() as session:
            session.trust_env = False

            def request(
                host: str, path: str = "/", method: str = "GET", **headers: str
            ) -> requests.Response:
                named = {"Host": host} | headers
                return session.request(method, found[1] + path, headers=named, timeout=10)

            yield request
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
