"""`make chart-repos`: whole Helm repositories, in images and without; `make publish-charts`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from release.charts.helm_repositories import PORTS
from release.model import services
from release.toolchain.tools import ensure
from tests.conftest import ROOT, eventually, free_port, sole_chart_repositories
from tests.packaging import engine

REGISTRY = f"127.0.0.1/test-charts-{os.getpid()}"
VERSIONS = ("1.0.0", "2.0.0")
RELEASES = {chart: VERSIONS if chart in services.NAMES else ("1.0.0",) for chart in PORTS}
IMAGES = [f"{chart}-charts:{number}" for chart in sorted(PORTS) for number in RELEASES[chart]]
ARCHIVES = len(VERSIONS) * len(services.NAMES) + len(
    ("service", "prometheus-operated", "notice", "entrypoint")
)

Serve = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture(scope="module", autouse=True)
def _alone() -> Iterator[None]:
    with sole_chart_repositories():
        yield


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make chart-repos` leaves in .charts, also where no engine answers."""
    without_engine()
    return ROOT / ".charts"


def without_engine() -> None:
    nowhere = {"DOCKER_HOST": "unix:///nowhere"}
    done = engine.make("chart-repos", exported=nowhere, check=False)
    assert "error: no Docker engine answers: " in done.stderr or "error: docker: " in done.stderr


@pytest.fixture(scope="module")
def images() -> Iterator[list[str]]:
    words = ("chart-repos", f"BASE_IMAGE={engine.base()}", f"REGISTRY={REGISTRY}")
    built = engine.make(*words).stdout.split()
    yield built
    engine.run("rmi", *built)


class Helm:
    """Helm with a home of its own."""

    def __init__(self, home: Path) -> None:
        self._program = ensure(["helm"])["helm"]
        kinds = ("CACHE", "CONFIG", "DATA")
        self._environment = os.environ | {f"HELM_{kind}_HOME": str(home) for kind in kinds}

    def __call__(self, *argv: str | Path, check: bool = True) -> str:
        done = subprocess.run(
            [self._program, *argv], env=self._environment, capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def helm(tmp_path: Path) -> Helm:
    return Helm(tmp_path / "helm")


@contextmanager
def as_process(chart: str, version: str) -> Iterator[None]:
    """The image's server, without an image."""
    variables = {
        "PYTHONPATH": str(ROOT / "services" / "charts"),
        "CHARTS": str(ROOT / ".charts" / f"{chart}-{version}"),
        "PORT": str(PORTS[chart]),
    }
    argv = [sys.executable, "-m", "chart_repository"]
    with subprocess.Popen(argv, env=os.environ | variables) as process:
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(timeout=10) == 0


@contextmanager
def as_container(chart: str, version: str) -> Iterator[None]:
    port = PORTS[chart]
    publish = ["--publish", f"127.0.0.1:{port}:{port}"]
    with engine.running(f"{REGISTRY}/shop/{chart}-charts:{version}", *publish):
        yield


@pytest.fixture(params=["process", "container"])
def serve(request: pytest.FixtureRequest, charts: Path) -> Serve:
    if request.param == "process":
        return as_process
    request.getfixturevalue("images")
    return as_container


@contextmanager
def both(serve: Serve, version: str) -> Iterator[None]:
    with ExitStack() as stack:
        for chart, releases in RELEASES.items():
            stack.enter_context(serve(chart, version if version in releases else releases[0]))
        for port in PORTS.values():
            eventually(lambda port=port: index(port), what=f"port {port}")  # type: ignore[misc]
        yield


def index(port: int) -> Any:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/index.yaml", timeout=5)
    except requests.ConnectionError:
        return None
    assert answer.status_code == 200
    return yaml.safe_load(answer.text)["entries"]


def test_there_is_an_image_for_each_version(images: list[str]) -> None:
    assert images == [f"{REGISTRY}/shop/{name}" for name in IMAGES]
    for reference in images:
        configuration = engine.inspect(reference)["Config"]
        assert configuration["User"] == "10001:10001"
        assert configuration["Labels"]["org.opencontainers.image.version"] in VERSIONS
        assert engine.shell(reference, "find / -path '*-packages/pip*'") == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_helm_takes_exactly_the_version_that_is_served(
    version: str, serve: Serve, helm: Helm, charts: Path, tmp_path: Path
) -> None:
    catalog = tmp_path / "catalog"
    subprocess.run(["cp", "-r", charts / "catalog" / f"v{version[0]}", catalog], check=True)
    with both(serve, version):
        assert [each["version"] for each in index(PORTS["stock"])["stock"]] == [version]
        helm("repo", "add", "stock", f"http://localhost:{PORTS['stock']}")
        helm("pull", "stock/stock", "--destination", tmp_path)
        helm("dependency", "update", catalog)
    assert (tmp_path / f"stock-{version}.tgz").is_file()
    bare = helm("template", "release", tmp_path / f"stock-{version}.tgz")
    assert f"image: shop/stock:{version}" in bare
    # What was downloaded is what the working tree would have given.
    packaged = helm("template", "release", charts / f"catalog-{version}.tgz")
    assert helm("template", "release", catalog) == packaged
    assert f"image: shop/stock:{version}" in packaged
    assert "kind: Alertmanager" in packaged


def test_a_build_for_another_version_is_refused(serve: Serve, helm: Helm, charts: Path) -> None:
    with both(serve, "2.0.0"):
        said = helm("dependency", "update", charts / "catalog" / "v1", check=False)
    assert "stock" in said
    assert "Error" in said


def test_no_chart_names_a_path(charts: Path) -> None:
    archives = sorted(charts.glob("*.tgz"))
    assert len(archives) == ARCHIVES
    for archive in archives:
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                if member.name.endswith("Chart.yaml"):
                    content = tar.extractfile(member)
                    assert content
                    assert b"file:" not in content.read(), f"{archive.name}: {member.name}"
    for number in (1, 2):
        text = (charts / "catalog" / f"v{number}" / "Chart.yaml").read_text()
        assert f"http://localhost:{PORTS['stock']}\n" in text
        assert "file:" not in text


def test_the_same_charts_are_the_same_files(charts: Path) -> None:
    def contents() -> dict[str, bytes]:
        files = (path for path in charts.rglob("*") if path.is_file())
        return {str(path.relative_to(charts)): path.read_bytes() for path in files}

    once = contents()
    for _ in range(2):  # Helm's order of dependencies changes from one time to the next
        without_engine()
        assert contents() == once


def test_the_server_gives_its_files_and_nothing_else(charts: Path) -> None:
    with as_process("stock", "1.0.0"):
        eventually(lambda: index(PORTS["stock"]))
        address = f"http://127.0.0.1:{PORTS['stock']}"
        archive = charts / "stock-1.0.0" / "stock-1.0.0.tgz"
        assert requests.get(f"{address}/stock-1.0.0.tgz", timeout=5).content == archive.read_bytes()
        head = requests.head(f"{address}/index.yaml", timeout=5)
        assert (head.status_code, head.content) == (200, b"")
        for path in ("/", "/stock-2.0.0.tgz", "/%2e%2e/stock-2.0.0.tgz", "//etc/passwd"):
            assert requests.get(address + path, timeout=5).status_code == 404, path
        assert requests.post(f"{address}/index.yaml", timeout=5).status_code == 501


def test_a_server_without_an_index_says_so_and_ends() -> None:
    variables = {"PYTHONPATH": str(ROOT / "services" / "charts"), "CHARTS": "docs", "PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "chart_repository"],
        cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "chart_repository: PORT=0 CHARTS=docs: docs has no index.yaml\n"


def test_charts_go_to_an_oci_registry_and_come_back(
    helm: Helm, charts: Path, tmp_path: Path
) -> None:
    with engine.registry(tmp_path, free_port()) as registry:
        where = f"OCI=oci://{registry.address}/charts"
        wrong = engine.LOGIN | {"REGISTRY_PASSWORD": "wrong-horse"}
        for exported in ({}, wrong):
            refused = engine.make("publish-charts", where, exported=exported, check=False)
            assert f"error: oci://{registry.address}/charts does not take it: " in refused.stderr
            assert "wrong-horse" not in refused.stdout + refused.stderr
        published = engine.make("publish-charts", where, exported=engine.LOGIN)
        assert len(published.stdout.split()) == ARCHIVES
        user, password = engine.LOGIN.values()
        login = ("registry", "login", registry.address, "--plain-http")
        helm(*login, "--username", user, "--password", password)
        for reference in published.stdout.split():
            address, _, version = reference.rpartition(":")
            options = ("--version", version, "--plain-http", "--destination", tmp_path)
            helm("pull", address, *options)
            name = f"{address.rpartition('/')[2]}-{version}.tgz"
            assert (tmp_path / name).read_bytes() == (charts / name).read_bytes()
        # The same charts from no commit: their files have another age.
        elsewhere = engine.LOGIN | {"GIT_DIR": str(tmp_path / "none")}
        again = engine.make("publish-charts", where, exported=elsewhere)
        assert again.stdout == published.stdout
        assert again.stderr.count("the registry has it already") == ARCHIVES
        helm("pull", address, *options[:-1], tmp_path / "helm")
        assert (tmp_path / "helm" / name).read_bytes() == (charts / name).read_bytes()


def test_a_version_of_a_chart_stays_what_it_is(helm: Helm, charts: Path, tmp_path: Path) -> None:
    """Nothing is pushed when one chart has changed without its version."""
    with engine.registry(tmp_path, free_port()) as registry:
        user, password = engine.LOGIN.values()
        login = ("registry", "login", registry.address, "--plain-http")
        helm(*login, "--username", user, "--password", password)
        shutil.unpack_archive(charts / "stock-2.0.0.tgz", tmp_path)
        (tmp_path / "stock" / "templates" / "NOTES.txt").write_text("of somebody else")
        helm("package", tmp_path / "stock", "--destination", tmp_path)
        where = f"oci://{registry.address}/charts"
        helm("push", tmp_path / "stock-2.0.0.tgz", where, "--plain-http")
        refused = engine.make("publish-charts", f"OCI={where}", exported=engine.LOGIN, check=False)
        assert refused.returncode != 0
        said = f"error: {where}/stock:2.0.0 is another chart than the one here"
        assert said in refused.stderr
        known = requests.get(
            f"http://{registry.address}/v2/_catalog", auth=(user, password), timeout=5
        )
        assert known.json() == {"repositories": ["charts/stock"]}
