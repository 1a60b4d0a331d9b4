"""A mock of stock that notes down what catalog's clients ask of it: the pacts of contracts/pacts.

PACTS names the folder to write them to; without it they go to a temporary one.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pact import Pact

from release.contracts.canonical import canonical

CONSUMER, PROVIDER = "Catalog App", "Stock Service"


@pytest.fixture(scope="module")
def noted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Where the interactions of one module's version meet; one file is made of them in the end."""
    version = request.module.VERSION
    folder = tmp_path_factory.mktemp("interactions")
    yield folder
    (file,) = folder.iterdir()
    target = Path(os.environ.get("PACTS") or tmp_path_factory.mktemp("pacts"))
    (target / f"catalog-v{version}--stock.json").write_text(canonical(file.read_text()))


@pytest.fixture
def pact(noted: Path) -> Iterator[Pact]:
    """What this test agrees with stock on."""
    agreed = Pact(CONSUMER, PROVIDER).with_specification("V4")
    yield agreed
    agreed.write_file(noted)


@pytest.fixture
def stock(pact: Pact, request: pytest.FixtureRequest) -> Callable[[], AbstractContextManager[Any]]:
    """Opens the client of the module's version, in front of a mock that does what was agreed."""
    client = import_module(f"catalog.v{request.module.VERSION}.stock_client")

    @contextmanager
    def opened() -> Iterator[Any]:
        with pact.serve(addr="127.0.0.1") as mock:
            yield client.Stock(str(mock.url).rstrip("/"))

    return opened
