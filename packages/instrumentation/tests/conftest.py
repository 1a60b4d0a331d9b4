import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

# For the modules beside the tests.
sys.path.append(str(Path(__file__).parent))
from sample_server import Running, running, start


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """Start the sample service with further variables; it is gone after the test."""
    with ExitStack() as stack:
        yield lambda **variables: stack.enter_context(running(**variables))


@pytest.fixture
def start_gunicorn() -> Callable[..., subprocess.Popen[str]]:
    return start


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    """One running service for the tests that leave it as it was."""
    with running() as service:
        yield service
