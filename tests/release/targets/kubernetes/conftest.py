"""A small cluster for tests of what asks it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from release.targets.kubernetes.client.kubernetes_api import Api


@pytest.fixture(scope="session")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command line of a small cluster that knows nothing yet."""
    fake = Path(__file__).with_name("fake_kubectl.py")
    kubectl = tmp_path_factory.mktemp("bin") / "kubectl"
    kubectl.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{fake}" "$@"\n')
    kubectl.chmod(0o755)
    return kubectl


@pytest.fixture(scope="module")
def server(kubectl: Path) -> Api:
    """Such a cluster."""
    return Api(kubectl, "kind-shop", {})
