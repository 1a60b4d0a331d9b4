"""The real Jenkinsfile, executed: under JenkinsPipelineUnit on every path, and once with a shell
that does what the lines say.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from load import client_types
from load.traffic import Traffic
from release.charts.rendering import read_chart_version
from release.cli.main import variables
from release.model import services
from release.paths import CHARTS
from release.pipeline import repositories
from release.pipeline.stages import DOCKER, STAGES
from tests.conftest import ROOT, Shop, clean_environment
from tests.docs.makefile import targets

JENKINSFILE = (ROOT / "Jenkinsfile").read_text()


def maven(test: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a class of tests; what Maven said. Its own folder is not in the working tree."""
    for program in ("mvn", "java"):
        if shutil.which(program) is None:
            say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            say(f"{program} is not here, so nothing ran the Jenkinsfile: .ci/packages installs it")
    done = subprocess.run(
        ["mvn", "-q", "-B", f"-DbuildFolder={folder}", f"-Dtest={test}", "test"],
        cwd=ROOT / "tests" / "jenkins",
        env=clean_environment() | dict(environment or {}),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_goes_the_right_way_on_every_path(tmp_path: Path) -> None:
    maven("PipelineTest", tmp_path)
    [report] = (tmp_path / "surefire-reports").glob("TEST-*.xml")
    ran = re.search(r'<testsuite [^>]*\btests="(\d+)"[^>]*\bskipped="(\d+)"', report.read_text())
    assert ran
    assert (int(ran[1]) > 20, ran[2]) == (True, "0")


_CALL = r"(?:make|\.venv/bin/python -m release) ([a-z-]+)(?: [A-Z_]+=1)?"
SETUP = ("make .venv/release.installed", ".ci/packages")


def test_make_pipeline_has_its_stages() -> None:
    ours = [(stage.name, list(stage.targets)) for stage in STAGES]
    theirs = [
        (name, re.findall(rf"sh '{_CALL}'", body))
        for name, body in re.findall(
            r"limited\('(.+?)', \d+\) \{\n(.*?)\n {2,6}\}\n", JENKINSFILE, re.S
        )
    ]
    assert theirs == ours


def test_it_calls_nothing_but_targets_of_the_makefile() -> None:
    lines = re.findall(r"""sh\(?(?:script: )?\s*(['"])(.*?)\1""", JENKINSFILE)
    assert len(lines) > 10
    for quote, line in lines:
        assert quote == "'", f"{line}: double quotes would let Groovy put values into it"
        called = re.fullmatch(_CALL, line)
        assert line in SETUP or (called and called[1] in targets() | set(variables())), line


@pytest.mark.usefixtures("chart_repositories")
def test_every_line_works_on_this_machine(shop: Shop, tmp_path: Path) -> None:
    """What needs a container engine and a base image from the internet is only looked up."""
    shop.make("deploy", VERSION=1)
    images = [target for stage in STAGES if stage.needs == DOCKER for target in stage.targets]
    shell = tmp_path / "shell"
    shell.write_text(
        f"""#!/usr/bin/env bash
        set -euo pipefail
        unset CONTEXT REGISTRY KUBECONFIG CI
        export TARGET=local STATE={shop.state} PORT={shop.port}
        export PROFILE=demo DOMAIN=shop.localhost REPORTS={tmp_path}/reports
        export TESTS=tests/docs/test_documents.py PYTEST_XDIST_AUTO_NUM_WORKERS=1
        case "$1" in
          .ci/packages) ;;
          {"|".join(f"'make {target}'" for target in ("lint", *images))})
            exec bash -c "${{1/make/make -n}}" ;;
          *) exec bash -c "$1" ;;
        esac
        """
    )
    shell.chmod(0o700)
    helm = Path(os.environ.get("HELM") or shutil.which("helm") or "helm")
    visitors = client_types.make_mix(shop.gateway, client_types.Hosts(True, (1, 2)), ["browsers"])
    with repositories.served(helm, 2, 0), Traffic(visitors, rate=40):
        said = maven("RealRunTest", tmp_path / "build", {"PIPELINE_SHELL": str(shell)})
    shares = shop.status()["entrypoint"]["shares"]
    assert [(share["version"], share["weight"]) for share in shares] == [(1, 0), (2, 100)], said
    assert f"200  http://catalog.v2.shop.localhost:{shop.port}/" in said
    kept = {path.name for path in (tmp_path / "reports").iterdir()}
    logs = {f"{name}.log" for name in services.NAMES}
    assert kept == {"tests.xml", "contracts.json", "status.json", *logs}


def test_a_release_gets_the_repositories_that_it_needs(shop: Shop) -> None:
    for version in (1, 2):
        pod = shop.tool("release-pod", VERSION=version, REGISTRY="registry.example/team").stdout
        number = read_chart_version(CHARTS / "stock" / f"v{version}")
        assert f"image: registry.example/team/shop/stock-charts:{number}\n" in pod
        assert "containerPort: 8878" in pod
        assert "containerPort: 8879" in pod
