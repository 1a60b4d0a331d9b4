"""An image of one version holds neither the other version nor later migrations, and works."""

import subprocess
import sys

import pytest

from release.images import contents


@pytest.fixture
def image_of(tmp_path):
    """Makes the root folder of an image of that version."""

    def build(version):
        root = tmp_path / f"image-{version}"
        if not root.exists():
            contents.copy_image("stock", version, root)
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
import sys
from pathlib import Path
import stock
from stock.app import create_app
versions = sorted(path.name for path in Path(stock.__file__).parent.glob("v*"))
print(versions, create_app().test_client().get(sys.argv[1]).status_code)
"""


def test_each_image_migrates_and_serves_by_itself(store, image_of, run, apis):
    # The first once more: a patch of it may be released when the schema is ahead.
    for api in (*apis, apis[0]):
        image = image_of(api.VERSION)
        migrated = run(image, store, api.VERSION, "-m", "stock.migrate")
        assert (migrated.returncode, migrated.stderr) == (0, "")
        called = run(image, store, api.VERSION, "-c", CALL, api.LIST)
        assert called.stdout == f"['v{api.VERSION}'] 200\n"


def test_an_image_that_is_asked_for_another_version_says_so_in_one_line(store, image_of, run, api):
    image, other = image_of(api.VERSION), api.VERSION + 1
    migrated = run(image, store, other, "-m", "stock.migrate")
    assert migrated.returncode == 1
    assert migrated.stderr.count("\n") == 1
    assert "this image lacks a migration" in migrated.stderr
    server = run(
        image,
        store,
        other,
        *("-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"),
        "stock.app:create_app()",
    )
    assert server.returncode == 2
    assert f"API_VERSION is {other}, but this image has no stock.v{other}" in server.stderr
    assert "Traceback" not in server.stderr
