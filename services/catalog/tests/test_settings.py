"""What a catalog process makes of its environment."""

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
        ("API_VERSION", "3"),
    ],
)
def test_a_bad_setting_ends_the_process_with_one_line(service_environment, name, value):
    variables = service_environment(API_VERSION=1, STOCK_URL="http://127.0.0.1:1", HTTP_PORT=0)
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


def test_an_image_needs_its_own_version_only(service_environment, tmp_path, source):
    for version, other in ((1, 2), (2, 1)):
        image = source(tmp_path / f"v{version}", without=f"v{other}")
        variables = service_environment(API_VERSION=version, STOCK_URL="http://127.0.0.1:1")
        variables["PYTHONPATH"] = f"{image}:{variables['PYTHONPATH']}"
        code = "import catalog.app as a; a.create_app(); print(a.__file__)"
        made = subprocess.run(
            [sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=30
        )
        assert made.returncode == 0, made.stderr
        assert made.stdout.startswith(str(image))
