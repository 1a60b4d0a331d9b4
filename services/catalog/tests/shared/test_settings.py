"""Settings of a catalog process."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOCK_URL", ""),
        ("STOCK_URL", "127.0.0.1:8081"),
        ("STOCK_URL", "ftp://stock"),
        ("STOCK_URL", "http://"),
        ("STOCK_URL", "http://stock:0"),
        ("STOCK_URL", "http://stock:99999"),
        ("STOCK_URL", "http://user:password@stock"),
        ("STOCK_URL", "http://stock/?a=b"),
        ("REMOTE_BUDGET", "0"),
        ("REMOTE_READ_TIMEOUT", "soon"),
        ("REMOTE_CONNECT_TIMEOUT", "nan"),
        ("API_VERSION", "99"),
    ],
)
def test_a_bad_setting_ends_the_process_with_one_line(service_environment, apis, name, value):
    variables = service_environment(
        API_VERSION=apis[0].VERSION, STOCK_URL="http://127.0.0.1:1", HTTP_PORT=0
    )
    command = [sys.executable, "-m", "gunicorn", "--config", "python:instrumentation.gunicorn_conf"]
    ended = subprocess.run(
        [*command, "catalog.app:create_app()"],
        env=variables | {name: value},
        capture_output=True,
        text=True,
        timeout=30,
    )
    lines = [line for line in ended.stderr.splitlines() if "[INFO]" not in line]
    assert ended.returncode == 2
    assert len(lines) == 1
    assert lines[0].startswith(name)
    assert "password" not in lines[0]


def test_an_image_needs_its_own_version_only(service_environment, tmp_path, source, api):
    image = source(tmp_path / "image", api.VERSION)
    variables = service_environment(API_VERSION=api.VERSION, STOCK_URL="http://127.0.0.1:1")
    variables["PYTHONPATH"] = f"{image}:{variables['PYTHONPATH']}"
    code = "import catalog.app as a; a.create_app(); print(a.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(image))
