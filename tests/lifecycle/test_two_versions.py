"""Two incompatible versions, live side by side."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from release.model import services
from tests.conftest import DOMAIN, ROOT, Shop, clean_environment, open_shop

COMPONENTS = [f"{service}.v{version}" for service in services.NAMES for version in (1, 2)]


@pytest.mark.parametrize("version", [1, 2])
def test_the_page_shows_the_inventory_and_its_version(both: Shop, version: int) -> None:
    page = both.get(f"catalog.v{version}")
    assert page.status_code == 200
    assert f"Version {version}" in page.text
    assert "Surfer t-shirt" in page.text


def test_each_stock_speaks_its_own_api_only(both: Shop) -> None:
    assert {"id", "name", "price", "quantity"} <= both.get("stock.v1", "/t-shirt").json()[0].keys()
    assert both.get("stock.v2", "/t-shirts").json()["items"][0]["price"].keys() == {
        "amount",
        "currency",
    }
    assert both.get("stock.v1", "/t-shirts").status_code == 404
    assert both.get("stock.v2", "/t-shirt").status_code == 404


def test_both_versions_sell_the_same_inventory(both: Shop) -> None:
    def quantities() -> tuple[int, int]:
        first = both.get("stock.v1", "/t-shirt/surfer-t-shirt").json()["quantity"]
        return first, both.get("stock.v2", "/t-shirts/surfer-t-shirt").json()["available"]

    before = quantities()
    sold = both.request(
        "POST", "catalog.v1", "/product/t-shirt/surfer-t-shirt/buy", json={"quantity": 2}
    )
    assert sold.status_code in (200, 201), sold.text
    bought = both.request(
        "POST",
        "stock.v2",
        "/t-shirts/surfer-t-shirt/purchases",
        json={"quantity": 3},
        headers={"Idempotency-Key": "one-purchase"},
    )
    assert bought.status_code == 201, bought.text
    assert quantities() == (before[0] - 5, before[1] - 5)


@pytest.mark.parametrize("version", [1, 2])
def test_a_catalog_calls_the_stock_of_its_own_version_only(both: Shop, version: int) -> None:
    """Seen from the callee: the other version's stock counts no request of a catalog."""
    other = 3 - version

    def served(number: int) -> float:
        lines = both.internal(f"qv{number}", "stock").splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.startswith("http_requests_total{") and 'consumer="catalog"' in line
        )

    before = served(version), served(other)
    both.get(f"catalog.v{version}")
    assert served(version) > before[0]
    assert served(other) == before[1]


@pytest.mark.parametrize("component", COMPONENTS)
def test_prometheus_and_alertmanager_answer_on_hosts_of_their_own(
    both: Shop, component: str
) -> None:
    assert both.get(f"prometheus.{component}", "/-/ready").status_code == 200
    assert both.get(f"alertmanager.{component}", "/-/ready").status_code == 200


def test_an_unknown_host_is_not_found(both: Shop) -> None:
    assert both.get("catalog.v3").status_code == 404


def test_deploy_ends_with_a_table_of_what_runs_and_where(both: Shop) -> None:
    said = both.make("deploy", VERSION=2).stdout
    for component in COMPONENTS:
        assert f"http://{component}.{DOMAIN}:{both.port}/" in said
    assert len(re.findall(r"qv\d\.\S+ +running", said)) == 3 * len(COMPONENTS)


def test_status_tells_programs_the_same(both: Shop) -> None:
    report = both.status()
    assert report["problems"] == []
    assert [(one["namespace"], one["version"]) for one in report["releases"]] == [
        ("qv1", 1),
        ("qv2", 2),
    ]
    assert all(
        process["state"] == "running" for one in report["releases"] for process in one["processes"]
    )


def test_logs_show_what_a_service_said(both: Shop) -> None:
    both.get("stock.v2", "/t-shirts?limit=1")
    assert both.make("logs", VERSION=2, SERVICE="stock").stdout.strip()


def test_a_further_copy_of_a_version_has_hosts_of_its_own(both: Shop) -> None:
    both.make("deploy", VERSION=1, NAMESPACE="trial")
    assert "Version 1" in both.get("catalog.trial").text
    both.make("down", NAMESPACE="trial")
    assert both.get("catalog.trial").status_code == 404
    assert both.get("catalog.v1").status_code == 200


def test_a_state_folder_may_have_a_name_that_programs_trip_over(tmp_path: Path) -> None:
    for shop in open_shop(tmp_path / "a shop, für alle (ours)"):
        shop.make("deploy", VERSION=1)
        assert shop.get("catalog.v1").status_code == 200


def test_other_ports_than_the_gateway_s_trouble_only_a_deploy(both: Shop) -> None:
    assert "qv1" in both.make("status", PORT=1).stdout
    assert both.make("logs", VERSION=1, SERVICE="stock", PORT=1).returncode == 0


def test_down_of_what_is_not_there_says_so(both: Shop) -> None:
    done = both.make("down", check=False, NAMESPACE="nobody")
    assert done.returncode != 0
    assert "nobody is not deployed (qv1, qv2 is)" in done.stderr


def test_nothing_listens_beyond_loopback(both: Shop) -> None:
    listening = [
        connection.laddr.ip
        for process in both.processes()
        for connection in process.net_connections("inet")
        if connection.status == "LISTEN"
    ]
    assert len(listening) > 12
    assert set(listening) == {"127.0.0.1"}


def test_what_is_there_is_not_downloaded_again(both: Shop, tmp_path: Path) -> None:
    """On a machine that has lost its network: pip has no index, apt no lists, nobody a way out."""
    nowhere = "http://127.0.0.1:9"
    environment = {
        **clean_environment(),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "APT_CONFIG": str(tmp_path / "apt.conf"),
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }
    (tmp_path / "apt.conf").write_text('Dir::Etc "/nowhere";')
    done = subprocess.run(
        ["make", "deploy", "VERSION=2", f"STATE={both.state}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fetching" not in done.stderr
    assert "installing" not in done.stderr
