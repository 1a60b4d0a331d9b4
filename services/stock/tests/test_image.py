"""An image of one version holds neither the other version nor later migrations, and works."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "stock"
INSTRUMENTATION = Path(__file__).parents[3] / "packages" / "instrumentation" / "instrumentation"
ABSENT = {1: ("v2", "v2_*", "__pycache__"), 2: ("v1", "__pycache__")}


@pytest.fixture
def image_of(tmp_path):
    """Makes the root folder of an image of that version."""

    def build(version):
        root = tmp_path / f"image-{version}"
        shutil.copytree(PACKAGE, root / "stock", ignore=shutil.ignore_patterns(*ABSENT[version]))
        shutil.copytree(INSTRUMENTATION, root / "instrumentation")
        return root

    return build


@pytest.fixture
def run(environment_of):
    def finish(image, store, version, *command):
        return subprocess.run(
            [sys.executable, *command],
            env=environment_of(store, version) | {"PYTHONPATH": str(image)},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return finish


CALL = """
from stock.app import create_app
client = create_app().test_client()
print(client.get("/t-shirt").status_code, client.get("/t-shirts").status_code)
"""


def test_each_image_migrates_and_serves_by_itself(store, image_of, run):
    images = {1: image_of(1), 2: image_of(2)}
    for version, statuses in ((1, "200 404"), (2, "404 200"), (1, "200 404")):
        migrated = run(images[version], store, version, "-m", "stock.migrate")
        assert (migrated.returncode, migrated.stderr) == (0, "")
        assert run(images[version], store, version, "-c", CALL).stdout.strip() == statuses


def test_an_image_that_is_asked_for_another_version_says_so_in_one_line(store, image_of, run):
    image = image_of(1)
    migrated = run(image, store, 2, "-m", "stock.migrate")
    assert migrated.returncode == 1
    assert migrated.stderr.count("\n") == 1
    assert "this image lacks a migration" in migrated.stderr
    server = run(
        image,
        store,
        2,
        *("-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"),
        "stock.app:create_app()",
    )
    assert server.returncode == 2
    assert "API_VERSION is 2, but this image has no stock.v2" in server.stderr
    assert "Traceback" not in server.stderr
