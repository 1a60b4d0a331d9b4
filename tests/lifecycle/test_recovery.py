"""Bad luck: killed processes, a killed manager, an interrupted command, a reboot."""

from __future__ import annotations

import signal
import socket
from typing import Any

import psutil
import pytest

from load.fixed_targets import fixed_targets
from load.traffic import Traffic
from release.targets.local.runtime.ports import is_free
from tests.conftest import Shop, eventually, free_port, kill


def _process(shop: Shop, part: str) -> dict[str, Any]:
    found = [
        process
        for release in shop.status()["releases"]
        for process in release["processes"]
        if part in process["name"]
    ]
    assert len(found) == 1
    process: dict[str, Any] = found[0]
    return process


def _manager(shop: Shop) -> psutil.Process:
    [manager] = shop.processes("supervisor.supervisord")
    return manager


@pytest.mark.parametrize(
    "part", ["qv1.catalog.", "qv1.stock.", "qv1.prometheus-stock", "qv1.alertmanager-catalog"]
)
def test_a_killed_process_is_back_and_the_restart_is_shown(both: Shop, part: str) -> None:
    before = _process(both, part)
    assert before["restarts"] == 0
    kill([psutil.Process(before["pid"])])
    eventually(lambda: _process(both, part)["restarts"] == 1, what="the restart in make status")
    eventually(lambda: _process(both, part)["state"] == "running", what="it runs again")
    eventually(lambda: both.get("catalog.v1").status_code == 200, what="the page is back")
    assert both.get("catalog.v2").status_code == 200


def test_a_killed_gateway_is_back(both: Shop) -> None:
    [traefik] = both.processes("traefik")
    kill([traefik])

    def serves() -> bool:
        try:
            return both.get("catalog.v2").status_code == 200
        except OSError:
            return False

    eventually(serves, what="the gateway serves again")


def test_a_killed_manager_is_told_and_taken_over(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    shop.make("deploy", VERSION=2)
    before = shop.processes()
    kill([_manager(shop)])
    assert shop.get("catalog.v1").status_code == 200  # what ran, runs on
    problem = shop.status()["problems"][0]
    assert "the process manager is not running" in problem
    assert "make deploy takes over" in problem

    shop.make("deploy", VERSION=2)
    assert shop.status()["problems"] == []
    assert shop.get("catalog.v1").status_code == 200
    assert shop.get("catalog.v2").status_code == 200
    assert not [process for process in before if process.is_running()]


def test_down_after_a_killed_manager_leaves_no_orphan(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    kill([_manager(shop)])
    shop.make("down")
    assert shop.processes() == []


def test_after_a_reboot_deploy_picks_up_what_was_recorded(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    shop.make("deploy", VERSION=2)
    sold = shop.request(
        "POST", "stock.v1", "/t-shirt/surfer-t-shirt/purchase", json={"quantity": 7}
    )
    remaining = sold.json()["remaining"]
    kill([_manager(shop)])
    kill(shop.processes())
    eventually(lambda: shop.processes() == [], what="everything is gone")
    assert "not running" in shop.status()["problems"][0]

    shop.make("deploy", VERSION=2)
    eventually(
        lambda: shop.get("catalog.v1").status_code == 200, what="version 1, which nobody named"
    )
    assert shop.get("stock.v1", "/t-shirt/surfer-t-shirt").json()["quantity"] == remaining


def test_a_deploy_that_is_killed_half_way_leaves_what_ran_and_is_cleared_by_the_next(
    shop: Shop,
) -> None:
    shop.make("deploy", VERSION=2)
    values = shop.state.parent / "values.yaml"
    values.write_text("threads: 3\nstock: {threads: 3}\n")
    with Traffic(fixed_targets(shop.gateway, [("catalog.v2", "/")]), rate=30) as seen:
        deploying = shop.start("deploy", VERSION=2, VALUES=values)
        eventually(lambda: "r2" in str(list((shop.state / "supervisor" / "programs").iterdir())))
        kill(psutil.Process(deploying.pid).children(recursive=True))
        deploying.communicate()
        shop.make("deploy", VERSION=2, VALUES=values)
    assert seen.failures == []
    names = [process["name"] for process in shop.status()["releases"][0]["processes"]]
    programs = {path.stem for path in (shop.state / "supervisor" / "programs").glob("*.conf")}
    assert programs == {*names, "gateway"}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_deploy_that_is_told_to_stop_restores_what_ran(shop: Shop, end: signal.Signals) -> None:
    shop.make("deploy", VERSION=1)
    before = _process(shop, "stock.r")
    values = shop.state.parent / "values.yaml"
    values.write_text("stock: {threads: 3}\n")
    deploying = shop.start("deploy", VERSION=1, VALUES=values)
    eventually(lambda: "r2" in str(list((shop.state / "supervisor" / "programs").iterdir())))
    for process in psutil.Process(deploying.pid).children(recursive=True):
        process.send_signal(end)
    deploying.communicate(timeout=60)
    assert deploying.returncode != 0
    assert _process(shop, "stock.r") == before


def test_down_of_one_version_leaves_the_other_alone(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    shop.make("deploy", VERSION=2)
    with Traffic(fixed_targets(shop.gateway, [("catalog.v2", "/")]), rate=30) as seen:
        shop.make("down", VERSION=1)
    assert seen.failures == []
    assert shop.get("catalog.v1").status_code == 404
    assert [release["namespace"] for release in shop.status()["releases"]] == ["qv2"]
    shop.make("down", VERSION=2)
    assert shop.processes() == []


def test_down_with_nothing_running_is_fine(shop: Shop) -> None:
    shop.make("down")
    assert "nothing is deployed" in shop.make("status").stdout


def test_a_deploy_whose_reader_goes_away_is_finished_all_the_same(shop: Shop) -> None:
    deploying = shop.start("deploy", VERSION=1)
    assert deploying.stdout
    assert deploying.stderr
    deploying.stdout.close()
    deploying.stderr.close()
    deploying.wait(timeout=120)
    assert shop.get("catalog.v1").status_code == 200
    assert [release["namespace"] for release in shop.status()["releases"]] == ["qv1"]


def test_down_of_a_version_ends_what_a_broken_off_first_deploy_started(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    deploying = shop.start("deploy", VERSION=2)
    eventually(lambda: "qv2" in str(list((shop.state / "supervisor" / "programs").iterdir())))
    kill(psutil.Process(deploying.pid).children(recursive=True))
    deploying.communicate()
    shop.make("down", VERSION=2)
    programs = {path.stem for path in (shop.state / "supervisor" / "programs").glob("*.conf")}
    assert not [name for name in programs if name.startswith("qv2")]
    assert shop.get("catalog.v1").status_code == 200


def test_what_was_broken_off_is_put_right_by_a_deploy_of_the_other_version(shop: Shop) -> None:
    """Version 1's Prometheus watches what runs of version 1, whenever its last deploy ended."""
    shop.make("deploy", VERSION=1)
    values = shop.state.parent / "values.yaml"
    values.write_text("stock: {threads: 3}\n")
    deploying = shop.start("deploy", VERSION=1, VALUES=values)
    eventually(lambda: (shop.state / "releases" / "qv1" / "2.json").exists())
    kill(psutil.Process(deploying.pid).children(recursive=True))
    deploying.communicate()
    shop.make("deploy", VERSION=2)

    def watched() -> bool:
        return [one["value"][1] for one in shop.query("stock.v1", "up")] == ["1"]

    eventually(watched, what="up == 1 in stock v1")
    names = {
        process["name"] for release in shop.status()["releases"] for process in release["processes"]
    }
    programs = {path.stem for path in (shop.state / "supervisor" / "programs").glob("*.conf")}
    assert programs == {*names, "gateway"}


@pytest.mark.parametrize("damage", ["missing", "not JSON", "another format", "empty pointer"])
def test_a_damaged_record_is_named_and_down_still_works(shop: Shop, damage: str) -> None:
    shop.make("deploy", VERSION=1)
    record = shop.state / "releases" / "qv1" / "1.json"
    if damage == "missing":
        record.unlink()
    elif damage == "not JSON":
        record.write_text("{")
    elif damage == "another format":
        record.write_text('{"namespace": "qv1", "colour": "blue"}')
    else:
        (record.parent / "current").write_text("")
    done = shop.make("status", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "make down, then deploy again" in done.stderr
    shop.make("down")
    assert shop.processes() == []
    shop.make("deploy", VERSION=1)
    assert shop.get("catalog.v1").status_code == 200


def test_a_port_that_somebody_took_during_a_reboot_can_be_exchanged(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    kill([_manager(shop)])
    kill(shop.processes())
    eventually(lambda: is_free(shop.port), what="everything is gone")
    with socket.create_server(("127.0.0.1", shop.port)):
        refused = shop.make("deploy", check=False, VERSION=1)
        assert f"port {shop.port} is in use" in refused.stderr
        shop.port = free_port()
        shop.make("deploy", VERSION=1)
    assert shop.get("catalog.v1").status_code == 200


def test_a_manager_that_hangs_is_told_from_one_that_is_gone(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    _manager(shop).suspend()
    done = shop.make("deploy", check=False, VERSION=1)
    assert done.returncode != 0
    assert "the process manager does not answer: make down ends it" in done.stderr
    assert shop.get("catalog.v1").status_code == 200
    shop.make("down")
    assert shop.processes() == []


def test_one_folder_has_one_name_however_it_is_spelt(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    kill([_manager(shop)])
    shop.make("down", STATE=f"{shop.state.parent}/../{shop.state.parent.name}/state")
    assert shop.processes() == []
