import shutil
import subprocess
import sys
from pathlib import Path

import instrumentation

LOAD = "import instrumentation.gunicorn_conf; print('goes on')"


def start(image: Path, wanted: str) -> subprocess.CompletedProcess[str]:
    """What the configuration of the server of this image does when this content is meant."""
    variables = {"PYTHONPATH": str(image), "IMAGE_CONTENT": wanted}
    argv = [sys.executable, "-c", LOAD]
    return subprocess.run(argv, env=variables, capture_output=True, text=True, timeout=60)


def image(folder: Path, content: str | None) -> Path:
    """An image's folder, as far as this matters."""
    packages = Path(instrumentation.__file__).parent
    shutil.copytree(packages, folder / packages.name)
    if content is not None:
        (folder / "content").write_text(content)
    return folder


def test_an_image_of_the_content_that_is_meant_starts(tmp_path: Path) -> None:
    found = start(image(tmp_path / "app", "stock-v2-0123456789abcdef"), "stock-v2-0123456789abcdef")
    assert found.stdout == "goes on\n", found.stderr


def test_where_no_content_is_meant_any_will_do(tmp_path: Path) -> None:
    assert start(image(tmp_path / "known", "stock-v2-0123456789abcdef"), "").returncode == 0
    assert start(image(tmp_path / "unknown", None), "").returncode == 0


def test_another_content_does_not_start(tmp_path: Path) -> None:
    found = start(image(tmp_path / "app", "stock-v2-fedcba9876543210"), "stock-v2-0123456789abcdef")
    assert found.returncode == 2
    assert found.stderr == (
        "IMAGE_CONTENT=stock-v2-0123456789abcdef, but this image is stock-v2-fedcba9876543210: "
        "make images, or make deploy\n"
    )


def test_an_image_that_cannot_say_what_it_is_does_not_start(tmp_path: Path) -> None:
    found = start(image(tmp_path / "app", None), "stock-v2-0123456789abcdef")
    assert found.returncode == 2
    assert "but this image is of unknown content" in found.stderr
