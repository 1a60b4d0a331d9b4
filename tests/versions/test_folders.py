"""A version is a folder: deleting or copying the folders of one changes no other file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import DOMAIN, NEWEST, VERSIONS, Shop, clean_environment, copy_of_the_project

ADDED = NEWEST + 1
# In the tests below these folders stand for all of them; they render every chart.
QUICK = (
    "services",
    *(f"tests/release/{folder}" for folder in ("lifecycle", "model", "settings", "targets")),
    *(f"tests/charts/test_{name}.py" for name in ("values", "versions", "wiring")),
)
MIGRATION = f'''"""What version {ADDED} needs beside version {NEWEST}: nothing."""

revision = "{ADDED}"
down_revision = "{NEWEST}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
'''


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[tuple[Shop, Path]]:
    """A copy of the project and a shop of it."""
    yield from copy_of_the_project(tmp_path)


def folders(project: Path, version: int) -> list[Path]:
    """The folders of a version."""
    own = {".venv", ".tools"}
    found = (path for path in project.glob(f"*/**/v{version}") if path.is_dir())
    return [path for path in found if path.relative_to(project).parts[0] not in own]


def pytest_of(project: Path, *words: str, **variables: str) -> None:
    """Run tests of the project, which must pass."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=project,
        env=clean_environment() | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def generate_pacts(project: Path) -> None:
    """Make the pacts anew, as the contract tests of the clients write them."""
    pacts = project / "contracts" / "pacts"
    for path in pacts.rglob("*.json"):
        path.unlink()
    tests = project.glob("services/catalog/tests/v*/test_stock_contract.py")
    pytest_of(project, *map(str, tests), PACTS=str(pacts))


def renumber(text: str) -> str:
    """The same of the added version; Helm's own `apiVersion: v2` stays."""
    numbers = (
        (rf"(?<!apiVersion: )\bv{NEWEST}\b", f"v{ADDED}"),
        (rf"\b{NEWEST}\.0\.0\b", f"{ADDED}.0.0"),
        (rf"\b([Vv]ersion(?:=|: | )){NEWEST}\b", rf"\g<1>{ADDED}"),
    )
    for old, new in numbers:
        text = re.sub(old, new, text)
    return text


def add_version(project: Path) -> None:
    """Copy the folders of the newest version, and change only numbers in the copies."""
    for folder in folders(project, NEWEST):
        copy = shutil.copytree(folder, folder.with_name(f"v{ADDED}"))
        for path in filter(Path.is_file, copy.rglob("*")):
            path.write_text(renumber(path.read_text()))
    migrations = project / "services" / "stock" / "stock" / "migrations" / "versions"
    (migrations / f"v{ADDED}_nothing.py").write_text(MIGRATION)


def contents(project: Path) -> dict[Path, bytes]:
    """Every file of the project, by its path."""
    own = {".venv", ".tools"}
    return {
        path: path.read_bytes()
        for path in project.rglob("*")
        if path.is_file()
        and path.relative_to(project).parts[0] not in own
        and not {"__pycache__", ".pytest_cache"} & set(path.parts)
    }


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_an_old_version_is_deleted_with_its_folders(
    copied: tuple[Shop, Path], version: int
) -> None:
    shop, project = copied
    for folder in folders(project, version):
        shutil.rmtree(folder)
    generate_pacts(project)
    # It may complain of a consumer outside this repository that still needs the version.
    pairs = json.loads(shop.make("contracts", check=False, JSON=1).stdout)["pairs"]
    newest = {"consumer": f"catalog v{NEWEST}", "provider": NEWEST, "outcome": "yes"}
    assert any(pair.items() >= newest.items() for pair in pairs)
    assert all(pair["provider"] != version for pair in pairs if pair["outcome"] == "yes")
    pytest_of(project, "-m", "not server", *QUICK)


def test_a_new_version_is_a_copy_of_the_folders(copied: tuple[Shop, Path]) -> None:
    shop, project = copied
    before = contents(project)
    add_version(project)
    generate_pacts(project)
    after = contents(project)
    assert {path: after.get(path) for path in before} == before

    for version in (*VERSIONS, ADDED):
        shop.make("deploy", VERSION=version)
    shop.tool("smoke-test", VERSION=ADDED)
    shop.make("merge", WEIGHT=50)
    shares = shop.status()["entrypoint"]["shares"]
    assert [share["version"] for share in shares] == [NEWEST, ADDED]
    page = requests.get(
        f"http://127.0.0.1:{shop.port}/",
        headers={"Host": DOMAIN, "API-Version": str(ADDED)},
        timeout=10,
    )
    assert f"Version {ADDED}" in page.text
    assert f'class="v{ADDED}"' in page.text
    shop.make("load", MIX=f"v{ADDED}-clients,browsers", FOR="3s", RATE=10)
    consumers = shop.make("consumers", VERSION=ADDED).stdout
    assert f"catalog v{ADDED} (this repository): yes" in consumers
    style = (project / "services" / "catalog" / "catalog" / "static" / "shop.css").read_text()
    assert len(set(re.findall(rf"^\.v(?:{NEWEST}|{ADDED}) {{ --accent: (\S+);", style, re.M))) == 2
