"""Bad luck while traffic moves: whatever happens in the middle of a shift, nobody is moved without
evidence, and everybody can be sent back.
"""

from __future__ import annotations

import signal

import psutil
import requests

from load.stats import Recorder
from tests.conftest import DOMAIN, Shop, eventually, kill
from tests.lifecycle.shifting import LONG, running, shifting, visitors, weight


def test_a_shift_that_is_killed_leaves_the_weights_and_the_next_one_goes_on(
    merged: Shop,
) -> None:
    with shifting(merged) as first:
        first.reaches(25)  # without a visitor it stays there
        refused = merged.make("shift", check=False, TO=2)
        assert refused.returncode != 0
        assert "make shift TO=2 (process " in refused.stderr
        assert "is at work on" in refused.stderr
        assert first.process.poll() is None
        kill(psutil.Process(first.process.pid).children(recursive=True))
        first.ends()
    assert weight(merged) == 25
    with visitors(merged) as seen, shifting(merged) as second:
        code, said = second.ends()
        assert code == 0, said
    assert second.moves == [50, 100, 100]
    assert weight(merged) == 100
    assert seen.failures == []


def test_ctrl_c_leaves_the_weights(merged: Shop) -> None:
    with shifting(merged) as shift:
        shift.reaches(25)
        for process in psutil.Process(shift.process.pid).children(recursive=True):
            process.send_signal(signal.SIGINT)
        code, said = shift.ends()
    assert code != 0
    assert "Traceback" not in said
    assert weight(merged) == 25


def test_a_new_release_of_the_new_version_begins_at_the_first_weight(merged: Shop) -> None:
    values = merged.state.parent / "values.yaml"
    values.write_text("threads: 5\n")
    with shifting(merged) as shift:
        with visitors(merged) as seen:
            shift.reaches(50)
        assert seen.failures == []
        # Nobody comes: it cannot have gone on before the new release is there.
        eventually(lambda: shift.held("no traffic"), what="a hold without visitors")
        assert shift.moves == [25, 50]
        merged.make("deploy", VERSION=2, VALUES=values)
        eventually(lambda: shift.moves == [25, 50, 25], what="the first weight again")
        assert "version 2 was replaced by a new release" in shift.told()
        with visitors(merged) as seen:
            code, said = shift.ends()
        assert code == 0, said
    assert shift.moves == [25, 50, 25, 50, 100, 100]
    assert seen.failures == []


def test_a_restart_of_the_gateway_in_mid_step_neither_ends_a_shift_nor_moves_anybody(
    merged: Shop,
) -> None:
    with visitors(merged), shifting(merged) as shift:
        shift.reaches(25)
        [traefik] = merged.processes("traefik")
        kill([traefik])
        code, said = shift.ends()
    assert code == 0, said + shift.told()
    assert shift.moves == [25, 50, 100, 100]


def test_who_began_with_version_1_may_finish_and_nobody_new_gets_there(
    merged: Shop,
) -> None:
    with requests.Session() as early:
        assert page_of(merged, early) == 1
        with visitors(merged), shifting(merged, DRAIN_LIMIT="5m") as shift:
            shift.reaches(100)
            for _ in range(8):
                # The drain goes on for as long as somebody of version 1 is heard from.
                assert page_of(merged, early) == 1
                assert {first_page(merged) for _ in range(5)} == {2}
            assert page_of(merged, early) == 1
            code, said = shift.ends()
            assert code == 0, said
        assert page_of(merged, early) == 2


def first_page(shop: Shop) -> int:
    with requests.Session() as visitor:
        return page_of(shop, visitor)


def page_of(shop: Shop, visitor: requests.Session) -> int:
    """The version that a visitor of the merged host gets."""
    visitor.trust_env = False
    headers = {"Host": DOMAIN, "Accept": "text/html"}
    page = visitor.get(f"http://127.0.0.1:{shop.port}/", headers=headers, timeout=10).text
    [version] = [number for number in (1, 2) if f"Version {number}" in page]
    return version


def test_a_rollback_ends_a_shift_and_has_the_last_word(merged: Shop) -> None:
    with (
        requests.Session() as early,
        visitors(merged) as seen,
        shifting(merged, DRAIN_LIMIT="5m") as shift,
    ):
        shift.reaches(100)
        assert page_of(merged, early) == 2
        merged.make("rollback")
        # Everybody, those too whom the new version had already.
        assert page_of(merged, early) == 1
        code, said = shift.ends()
        # What was asked of version 2 before may be answered, and recorded, a little later.
        some_more(seen)
        before = seen.kinds["browsers"].versions.copy()
        some_more(seen)
        late = seen.kinds["browsers"].versions[2] - before[2]
    assert code != 0
    assert "the entry point was changed by" in said
    assert "make rollback" in said
    assert weight(merged) == 0
    assert late == 0
    assert seen.failures == []


def some_more(seen: Recorder) -> None:
    """Let 50 more visits to version 1 be answered."""
    browsers = seen.kinds["browsers"]
    before = browsers.versions[1]
    eventually(lambda: browsers.versions[1] >= before + 50, what="50 more visits")


def test_a_version_whose_processes_all_die_goes_back(shop: Shop) -> None:
    """And die again. A process that crashes takes its evidence with it; the gateway has its own."""
    for version in (1, 2):
        shop.make("deploy", VERSION=version)
    shop.make("merge", WEIGHT=0)
    names = ("qv2.catalog.", "qv2.stock.")
    with visitors(shop), shifting(shop) as shift:
        shift.reaches(25)

        def over() -> bool:
            kill([one for process in running(shop, *names) for one in family(process)])
            return shift.process.poll() is not None

        eventually(over, limit=LONG, what="back to version 1")
        code, said = shift.ends()
    assert code != 0
    assert "version 2 was rolled back" in said
    assert weight(shop) == 0
    last = shift.events[-2]
    assert last["verdict"] == "rollback"
    assert last["new"]["failed"] > 0
    assert last["old"]["failed"] == 0
    eventually(lambda: shop.get("catalog.v2").status_code == 200, what="version 2 is back")
    with visitors(shop) as seen:
        eventually(lambda: seen.requests >= 50, what="visitors")
    assert seen.failures == []
    assert set(seen.kinds["browsers"].versions) == {1}


def family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def test_only_an_alert_for_a_rollback_goes_back(shop: Shop) -> None:
    """Without a single visitor, so that nothing but the alert can have decided."""
    for version in (1, 2):
        shop.make("deploy", VERSION=version)
    shop.make("merge", WEIGHT=0)
    with shifting(shop) as shift:
        shift.reaches(25)
        for _ in range(3):
            shop.get("catalog.v2", headers={"Suspicious-Header": "yes"})
        eventually(
            lambda: "httpRequestsSuspicious" in shop.alerts("catalog.v2"), what="the harmless alert"
        )
        begun = len(shift.events)
        eventually(lambda: len(shift.held("no traffic", begun)) > 2, what="three more looks")
        assert shift.moves == [25]
        shop.make("fault", VERSION=2, SERVICE="catalog", ERRORS=1)
        for _ in range(20):
            assert shop.get("catalog.v2").status_code == 500
        code, said = shift.ends()
    assert code != 0
    assert "version 2 sets off errorBudgetBurnsFast (catalog), version 1 does not" in said
    assert weight(shop) == 0
