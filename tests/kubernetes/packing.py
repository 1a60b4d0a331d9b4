"""Packs the images that a release needs, for a cluster that can pull none: `python -m
tests.kubernetes.packing CLUSTER`, where CLUSTER is the program that keeps the cluster.

They hold what real ones hold: each version's own code, and its locked dependencies. PostgreSQL's is
a stand-in under the official name, which understands the variables that our chart sets.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import yaml

from release import paths
from release.images import contents
from release.images.build import list_images
from release.model import services

_PYTHON = Path(os.environ.get("CLUSTER_HOME", "")) / "cache" / "rootfs" / "python"
_ENTRYPOINT = Path(__file__).with_name("postgresql_entrypoint.py")


def main(cluster: str) -> None:
    """Pack and load all of them."""
    with tempfile.TemporaryDirectory() as scratch:
        for service in services.IMAGES:
            _install(service, Path(scratch) / "packages" / service)
        for image in list_images(None):
            root = _root(Path(scratch) / "root")
            packages = Path(scratch) / "packages" / image.service
            shutil.copytree(packages, root / "app", dirs_exist_ok=True)
            contents.copy_image(image.service, image.version, Path(scratch) / "code")
            shutil.copytree(Path(scratch) / "code", root / "app", dirs_exist_ok=True)
            contents.write_content_name(root / "app", image.service, image.version)
            shutil.rmtree(Path(scratch) / "code")
            _load(cluster, f"docker.io/{image.reference('')}", root, user=10001)
            shutil.rmtree(root)
        _load_postgresql(cluster, _root(Path(scratch) / "postgresql"))


def _install(service: str, target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    locked = paths.requirements(service)
    subprocess.run([*pip, "--target", target, "--requirement", locked], check=True)


def _root(folder: Path) -> Path:
    """A copy of the Python that the cluster's images are made from."""
    shutil.copytree(_PYTHON, folder, symlinks=True)
    python = folder / "usr" / "bin" / "python"
    if not python.exists():
        python.symlink_to("python3")
    return folder


def _load_postgresql(cluster: str, root: Path) -> None:
    # Its programs find their libraries by a path relative to themselves.
    found = find_spec("pgserver")
    assert found
    assert found.origin
    installed, local = Path(found.origin).parent, root / "usr" / "local"
    shutil.copytree(installed / "pginstall", local / "lib" / "pgserver" / "pginstall")
    shutil.copytree(installed.parent / "pgserver.libs", local / "lib" / "pgserver.libs")
    (local / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(_ENTRYPOINT, local / "bin" / _ENTRYPOINT.name)
    with (root / "etc" / "passwd").open("a") as users:
        users.write("postgres:x:999:999::/:/bin/sh\n")
    _load(
        cluster,
        _postgresql(),
        root,
        user=999,
        entrypoint=["python", f"/usr/local/bin/{_ENTRYPOINT.name}"],
    )


def _postgresql() -> str:
    """The image that the chart names."""
    chart = paths.CHARTS / "postgresql"
    name = yaml.safe_load((chart / "values.yaml").read_text())["image"]["repository"]
    return f"{name}:{yaml.safe_load((chart / 'Chart.yaml').read_text())['appVersion']}"


def _load(
    cluster: str, name: str, root: Path, *, user: int, entrypoint: list[str] | None = None
) -> None:
    command: list[str | Path] = [
        cluster,
        "image",
        name,
        root,
        "--user",
        str(user),
        "--workdir",
        "/app",
    ]
    path = "/usr/local/bin:/usr/bin:/bin:/usr/local/lib/pgserver/pginstall/bin"
    command += ["--env", f"PATH={path}", "PYTHONDONTWRITEBYTECODE=1"]
    (root / "app").mkdir(exist_ok=True)
    subprocess.run([*command, "--entrypoint", *(entrypoint or [])], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
