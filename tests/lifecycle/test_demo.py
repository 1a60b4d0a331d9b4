"""`make demo`: the whole story, told by the real thing."""

from __future__ import annotations

import re
import socket

from tests.conftest import Shop


def test_the_whole_story_fails_no_request_but_the_ones_it_means_to(shop: Shop) -> None:
    done = shop.make("demo")
    told = done.stdout + done.stderr
    assert "ended with" not in told
    for command in ("deploy", "merge", "shift", "deprecate", "consumers", "decommission"):
        assert f"$ make {command} " in done.stdout
    assert "warehouse-report" in told  # whom the first decommission named
    ended = re.search(r"while version 2 was made to fail: (\d+)\. Otherwise: 0\.", done.stdout)
    assert ended
    assert int(ended[1]) > 0
    assert shop.processes() == []
    assert shop.status()["releases"] == []


def test_a_shop_that_runs_is_left_alone(shop: Shop) -> None:
    shop.make("deploy", VERSION=1)
    done = shop.make("demo", check=False)
    assert done.returncode != 0
    assert f"error: {shop.state} has releases: make down" in done.stderr
    assert shop.get("catalog.v1").status_code == 200


def test_a_demo_that_cannot_begin_leaves_nothing(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", shop.port)):
        done = shop.make("demo", check=False)
    assert "the demo stops: make deploy ended with" in done.stderr
    assert shop.processes() == []
