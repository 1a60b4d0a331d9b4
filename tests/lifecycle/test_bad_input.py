"""Each mistake gets one clear line, and changes nothing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Shop, clean_environment, eventually, free_port, kill


def complaint(shop: Shop, *targets: str, **variables: object) -> str:
    """The one line of error of a make that must fail."""
    done = shop.make(*targets, check=False, **variables)
    assert done.returncode != 0, done.stdout
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize(
    "version", ["3", "0", "v1", "1.0", "", "2; touch {}", "$(touch {})", "$(shell touch {})"]
)
def test_an_unknown_version_names_the_known_ones_and_runs_nothing(
    shop: Shop, tmp_path: Path, version: str
) -> None:
    witness = tmp_path / "witness"
    said = complaint(shop, "deploy", VERSION=version.format(witness))
    assert "give one of 1, 2" in said
    assert not witness.exists()
    assert not shop.state.exists()


@pytest.mark.parametrize(
    "name",
    [
        "FORCE",
        "SERVICE",
        "DELAY",
        "NAMESPACE",
        "VALUES",
        "DOMAIN",
        "TOOLS",
        "PYTHON",
        "RUN",
        "OOPS",
    ],
)
def test_no_variable_is_ever_run(shop: Shop, tmp_path: Path, name: str) -> None:
    witness = tmp_path / "witness"
    for evil in (f"$(shell touch {witness})", f"`touch {witness}`", f"x'; touch {witness}; '"):
        shop.make("fault", check=False, **{"VERSION": 1, "SERVICE": "stock", "OFF": 1, name: evil})
        environment = {**clean_environment(), name: evil, "STATE": str(shop.state)}
        subprocess.run(
            ["make", "status"], cwd=ROOT, env=environment, check=False, capture_output=True
        )
    assert not witness.exists()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"NAMESPACE": "Shop_1"}, "NAMESPACE='Shop_1'"),
        ({"NAMESPACE": "qv2"}, "NAMESPACE=qv2 belongs to VERSION=2"),
        ({"NAMESPACE": "v2"}, "NAMESPACE=v2: its hosts would be those of qv2"),
        ({"FORCE": "x" * 501}, "FORCE: give the reason in one line"),
        ({"DOMAIN": "not a domain"}, "DOMAIN='not a domain'"),
        ({"PORT": "70000"}, "PORT='70000': give a whole number from 1 to 65534"),
        ({"VALUES": "/nowhere.yaml"}, "VALUES=/nowhere.yaml: no such file"),
        ({"TARGET": "moon"}, "TARGET='moon'"),
        ({"SHOP": "stage"}, "SHOP=stage is for TARGET=kubernetes: on this machine every folder is"),
    ],
)
def test_a_setting_that_means_nothing_is_named(
    shop: Shop, variables: dict[str, str], words: str
) -> None:
    assert words in complaint(shop, "deploy", **{"VERSION": 1, **variables})
    assert not shop.state.exists()


@pytest.mark.parametrize("offset", [0, 1], ids=["public", "internal"])
def test_a_port_in_use_is_named_with_the_way_to_choose_another(shop: Shop, offset: int) -> None:
    with socket.create_server(("127.0.0.1", shop.port + offset)):
        said = complaint(shop, "deploy", VERSION=1)
    assert f"port {shop.port + offset} is in use by" in said
    assert f"choose another with PORT=, as in PORT={shop.port + 1000}" in said
    assert not shop.state.exists()


def test_a_port_that_somebody_takes_during_the_deploy_is_named_at_once(shop: Shop) -> None:
    deploy = shop.start("deploy", VERSION=1)
    # It has looked at the ports by then, and Traefik is seconds away.
    eventually((shop.state / "lock").exists)
    with socket.create_server(("127.0.0.1", shop.port)):
        _, errors = deploy.communicate(timeout=60)
    lines = [line for line in errors.splitlines() if not line.startswith("done ")]
    assert f"error: port {shop.port} is in use by" in lines[0], errors
    assert "choose another with PORT=" in lines[0]
    assert shop.processes() == []


def test_a_gateway_that_runs_is_not_moved_by_another_port(both: Shop) -> None:
    assert "already listens on" in complaint(both, "deploy", VERSION=1, PORT=free_port())
    assert both.get("catalog.v1").status_code == 200


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("threads: many\n", "threads"),
        ("thread: 4\n", "thread"),
        ("stock: {replicas: -1}\n", "replicas"),
        ("global: {domain: 5}\n", "domain"),
    ],
)
def test_values_that_break_the_schema_are_named(
    both: Shop, tmp_path: Path, values: str, words: str
) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(values)
    before = both.status()["releases"]
    said = complaint(both, "deploy", VERSION=1, VALUES=path)
    assert "the values break the chart's schema" in said
    assert words in said
    assert both.status()["releases"] == before


def test_an_object_that_the_local_target_cannot_realise_is_named(
    both: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("image: {repository: elsewhere/till}\n")
    assert "image elsewhere/till:1.0.0" in complaint(both, "deploy", VERSION=1, VALUES=path)


def test_the_second_of_two_deploys_at_once_says_who_holds_the_lock(shop: Shop) -> None:
    first = shop.start("deploy", VERSION=1)
    lock = shop.state / "lock"
    eventually(lambda: lock.exists() and lock.read_text())
    said = complaint(shop, "deploy", VERSION=2)
    assert "make deploy VERSION=1 (process " in said
    assert "wait until it ends" in said
    _, errors = first.communicate()
    assert first.returncode == 0, errors
    assert [release["namespace"] for release in shop.status()["releases"]] == ["qv1"]


def test_a_tool_that_cannot_be_had_is_named_with_the_way_to_install_it(tmp_path: Path) -> None:
    """On a machine without apt, as far as PATH tells."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("make", "awk", "sh", "env"):
        (programs / name).symlink_to(str(shutil.which(name)))
    environment = {
        "PATH": str(programs),
        "HOME": str(tmp_path),
        "TOOLS": str(tmp_path / "tools"),
        "STATE": str(tmp_path / "state"),
        # Pip finds nothing, as on a machine without a network.
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHON": sys.executable,
    }
    done = subprocess.run(
        ["make", "deploy", "VERSION=1"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    line = next(line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert line.split()[1].strip(",") in ("helm", "traefik", "prometheus", "alertmanager")
    assert "install it" in line
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("words", [["status"], ["status", "JSON=1"], ["contracts", "JSON=1"]])
def test_a_full_disk_is_one_line(shop: Shop, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            ["make", *words, f"STATE={shop.state}"],
            cwd=ROOT,
            env=clean_environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("done ", "make"))]
    assert lines == ["error: OSError: [Errno 28] No space left on device"]


def test_a_setup_that_is_broken_off_is_no_trace_and_goes_on_next_time(tmp_path: Path) -> None:
    for part in ("Makefile", "release", "requirements"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    setup = subprocess.Popen(
        ["make", "status", f"PYTHON={sys.executable}"],
        cwd=tmp_path,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert setup.stderr
    assert setup.stderr.readline().startswith("setting up .venv")
    eventually((tmp_path / ".venv" / "bin").exists)
    os.killpg(setup.pid, signal.SIGINT)
    _, said = setup.communicate(timeout=30)
    assert setup.returncode != 0
    assert "stopped; the next make goes on from here" in said
    assert "Traceback" not in said
    assert not (tmp_path / ".venv" / "release.installed").exists()


def test_commands_about_a_release_that_is_not_there_say_so(shop: Shop) -> None:
    assert "qv1 is not deployed" in complaint(shop, "logs", VERSION=1, SERVICE="stock")
    assert "qv2 is not deployed" in complaint(shop, "fault", VERSION=2, SERVICE="stock", OFF=1)
    assert "SERVICE is missing" in complaint(shop, "logs", VERSION=1)


def test_logs_of_an_unknown_workload_name_the_known_ones(both: Shop) -> None:
    assert "prometheus-stock" in complaint(both, "logs", VERSION=1, SERVICE="till")


def test_help_lists_every_target_by_section() -> None:
    said = subprocess.run(
        ["make"], cwd=ROOT, env=clean_environment(), capture_output=True, text=True
    ).stdout
    targets = [
        line.split(":")[1].strip()
        for line in (ROOT / "Makefile").read_text().splitlines()
        if line.startswith(".PHONY:")
    ]
    assert targets
    for target in targets:
        assert f"make {target}" in said
    assert "Releases" in said.splitlines()


@pytest.mark.parametrize("target", ["deploy", "down"])
def test_a_folder_that_holds_other_things_is_never_taken_for_a_state_folder(
    shop: Shop, target: str
) -> None:
    precious = shop.state / "logs" / "precious"
    precious.parent.mkdir(parents=True)
    precious.write_text("not ours")
    before = stat.S_IMODE(shop.state.stat().st_mode)
    said = complaint(shop, target, VERSION=1)
    assert "holds other things" in said
    assert precious.read_text() == "not ours"
    assert stat.S_IMODE(shop.state.stat().st_mode) == before
    shutil.rmtree(shop.state)


def test_a_state_that_is_no_folder_is_named(shop: Shop) -> None:
    shop.state.write_text("")
    assert "is no folder" in complaint(shop, "status")
    shop.state.unlink()


def test_an_empty_folder_that_others_could_enter_is_closed_to_them(shop: Shop) -> None:
    shop.state.mkdir(mode=0o755)
    shop.make("deploy", VERSION=1)
    assert stat.S_IMODE(shop.state.stat().st_mode) == 0o700


def test_a_fault_for_a_service_that_is_down_says_so(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    kill(shop.processes())
    said = complaint(shop, "fault", VERSION=1, SERVICE="stock", DELAY=1)
    assert "the service does not answer" in said
