"""Versions for the tests of a service, taken from the folders beside its tests.

A test in tests/v1 belongs to version 1: the folder is copied for a new version and deleted with
its version. A test elsewhere in tests/ runs for every version that has a folder. Both take the
fixture `api`: the names in api.py of the version's folder, which say how the version differs from
the others. `api.VERSION` is its number.
"""

import re
from functools import cache
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest


@cache
def load_api(folder: Path) -> SimpleNamespace:
    """Return the names in the api.py of a version's folder."""
    return SimpleNamespace(**run_path(str(folder / "api.py")), VERSION=int(folder.name[1:]))


def load_apis(tests: Path) -> list[SimpleNamespace]:
    """The api.py of every version, in the order of the numbers."""
    folders = (path for path in tests.iterdir() if re.fullmatch(r"v\d+", path.name))
    return sorted(map(load_api, folders), key=lambda api: int(api.VERSION))


def tests_of(path: Path) -> Path:
    """The folder `tests` that a test lies in."""
    return next(parent for parent in path.parents if parent.name == "tests")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "api" in metafunc.fixturenames:
        path = metafunc.definition.path
        tests = tests_of(path)
        apis = load_apis(tests)
        own = [api for api in apis if path.is_relative_to(tests / f"v{api.VERSION}")]
        metafunc.parametrize("api", own or apis, ids=lambda api: f"v{api.VERSION}", scope="session")


@pytest.fixture(scope="module")
def apis(request: pytest.FixtureRequest) -> list[SimpleNamespace]:
    """The api.py of every version, for tests of several versions together."""
    return load_apis(tests_of(request.path))
