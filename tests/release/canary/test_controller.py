"""The controller moves traffic and rolls it back, in a world without processes."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from canary_analysis import PROFILES, Verdict
from release.canary import Alarm, Event
from release.errors import ConflictError, RolledBackError
from tests.release.canary.conftest import NEW, OLD, World, rolled_back

DEFAULT = PROFILES["default"]
BURNING = Alarm("catalog", "errorBudgetBurnsFast")


@pytest.mark.parametrize(
    ("requests", "path"),
    [(2, [10, 25, 50, 100, 100]), (20, [5, 10, 25, 50, 100, 100]), (200, [5, 14, 37, 100, 100])],
)
def test_a_good_version_gets_everybody_step_by_step(requests: float, path: list[int]) -> None:
    world = World(requests=requests)
    world.shift()
    assert world.path == path
    assert [move["drain"] for move in world.moves] == [*[0] * (len(path) - 2), OLD, 0]
    assert {move["action"] for move in world.moves} == {"shift"}


def test_each_step_is_recorded_with_its_evidence(world: World) -> None:
    world.shift()
    for move in world.moves[1:-1]:
        assert move["evidence"]["verdict"] == "advance"
        assert move["evidence"]["new"]["requests"] >= 20
        assert move["evidence"]["high"] <= move["evidence"]["allowed"]


def test_a_step_lasts_as_long_as_a_request_may_take(world: World) -> None:
    world.requests = 5000
    world.shift()
    times = [move["time"] for move in world.moves]
    least = DEFAULT.patience + 2 * world.interval
    assert all(later - earlier >= least for earlier, later in pairwise(times))


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_a_bad_version_goes_back(world: World, share: float) -> None:
    world.bad = lambda version, now: share if version == NEW else 0.0
    assert "is worse than the old one" in rolled_back(world)
    assert world.moves[-1]["evidence"]["new"]["failed"] > 0
    assert 100 not in world.path


def test_a_version_that_turns_bad_at_half_way_goes_back(world: World) -> None:
    world.bad = lambda version, now: 0.2 if version == NEW and world.weight >= 50 else 0.0
    rolled_back(world)
    assert world.path == [5, 10, 25, 50, 0]


def test_after_a_bad_one_a_good_one_can_follow_and_after_a_bad_one_a_bad_one_goes_back() -> None:
    for follows in (0.0, 0.3):
        world = World(bad=lambda version, now: 0.3 if version == NEW else 0.0)
        # What the failures set off still fires when the next version is tried.
        world.at(5, lambda world=world: world.alerts[NEW].add(BURNING))  # type: ignore[misc]
        rolled_back(world)
        world.alerts[NEW].add(BURNING)
        world.bad = lambda version, now, share=follows: share if version == NEW else 0.0  # type: ignore[misc]
        if follows:
            rolled_back(world)
        else:
            world.shift()
            assert world.weights() == {OLD: 0, NEW: 100}


def test_nobody_is_blamed_when_both_are_bad_but_a_hold_has_an_end(world: World) -> None:
    world.bad = lambda version, now: 0.3
    world.interval = 60
    begun = world.time
    assert "no advance within 7200 s" in rolled_back(world)
    assert world.time - begun > DEFAULT.hold_limit
    assert world.path == [5, 0]


def test_no_traffic_is_no_reason_to_advance(world: World) -> None:
    world.requests, world.interval = 0, 60
    assert "no traffic" in rolled_back(world)
    assert world.path == [10, 0]


@pytest.mark.parametrize("seconds", [3, 9, 12, 25])
def test_traffic_that_stops_holds_the_step_that_it_stopped_in(world: World, seconds: int) -> None:
    # So many that the evidence is there long before a step may end.
    world.requests = 1000
    world.at(seconds, lambda: setattr(world, "requests", 0))
    world.at(2000, lambda: setattr(world, "requests", 1000))
    held: list[int] = []
    world.at(seconds + 1, lambda: held.append(world.weight))
    world.at(1990, lambda: held.append(world.weight))
    world.shift()
    assert held[0] == held[1]


@pytest.mark.parametrize("who", ["gateway_answers", "scraping", "control_plane_answers"])
@pytest.mark.parametrize("seconds", [4, 9, 20])
def test_what_cannot_be_watched_holds_and_when_it_can_the_shift_goes_on(
    world: World, who: str, seconds: int
) -> None:
    # So many that the evidence is there long before a step may end.
    world.requests = 1000
    world.at(seconds, lambda: setattr(world, who, False))
    held: list[int] = []
    world.at(seconds + 1, lambda: held.append(world.weight))
    world.at(1000, lambda: held.append(world.weight))
    world.at(1001, lambda: setattr(world, who, True))
    world.shift()
    assert held[0] == held[1]
    assert world.weights() == {OLD: 0, NEW: 100}


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("stage", [5, 10, 25, 50])
def test_a_versions_own_prometheus_that_is_down_holds_whatever_the_stage(
    world: World, version: int, stage: int
) -> None:
    class Silencing(list[Event]):
        def append(self, event: Event) -> None:
            if event.kind == "move" and event.weight == stage:
                world.silent.add(version)
                world.at(500, world.silent.clear)
            super().append(event)

    world.events = Silencing()
    world.shift()
    arrived, left = (world.moves[world.path.index(stage) + more]["time"] for more in (0, 1))
    assert left - arrived >= 500
    assert any(f"version {version}: cannot be asked" in event.text for event in world.events)
    assert world.weights() == {OLD: 0, NEW: 100}


@pytest.mark.parametrize("who", ["the gateway's", OLD, NEW])
def test_a_prometheus_that_is_down_from_the_start_never_lets_a_version_advance(
    world: World, who: str | int
) -> None:
    world.interval = 60
    if isinstance(who, int):
        world.silent.add(who)
    else:
        world.gateway_answers = False
    assert "cannot be asked" in rolled_back(world)
    assert max(world.path) <= 10


def test_an_alert_for_a_rollback_rolls_back(world: World) -> None:
    world.at(30, lambda: world.alerts[NEW].add(BURNING))
    said = rolled_back(world)
    assert "version 2 sets off errorBudgetBurnsFast (catalog), version 1 does not" in said


def test_an_alert_rolls_back_even_when_the_gateways_prometheus_is_dead(world: World) -> None:
    world.at(20, lambda: setattr(world, "gateway_answers", False))
    world.at(30, lambda: world.alerts[NEW].add(BURNING))
    assert "errorBudgetBurnsFast" in rolled_back(world)
    assert world.time < 1100


def test_an_alert_of_both_versions_holds(world: World) -> None:
    for version in (OLD, NEW):
        world.at(30, lambda version=version: world.alerts[version].add(BURNING))  # type: ignore[misc]
        world.at(500, lambda version=version: world.alerts[version].clear())  # type: ignore[misc]
    held: list[int] = []
    world.at(35, lambda: held.append(world.weight))
    world.at(490, lambda: held.append(world.weight))
    world.shift()
    assert held[0] == held[1]
    assert any("both versions set off" in event.text for event in world.events)


def test_an_alert_that_resolved_and_fires_again_counts(world: World) -> None:
    world.alerts[NEW].add(BURNING)
    world.at(10, world.alerts[NEW].clear)
    world.at(30, lambda: world.alerts[NEW].add(BURNING))
    assert "errorBudgetBurnsFast" in rolled_back(world)


def test_who_moves_the_weights_ends_the_shift(world: World) -> None:
    world.at(30, lambda: world.somebody_moves(0))
    with pytest.raises(ConflictError):
        world.shift()
    assert world.weight == 0


def test_who_moves_them_between_a_look_and_a_move_has_the_last_word(world: World) -> None:
    class Interfering(list[Event]):
        def append(self, event: Event) -> None:
            if event.look and event.look.decision.verdict is Verdict.ADVANCE:
                world.somebody_moves(0)

    world.events = Interfering()
    with pytest.raises(ConflictError):
        world.shift()
    assert world.path == [5]
    assert world.weight == 0


def test_a_new_release_of_the_new_version_begins_at_the_first_weight(world: World) -> None:
    def replaced() -> None:
        assert world.weight > 5
        world.releases[NEW] += 1

    world.at(60, replaced)
    world.shift()
    again = world.path[1:].index(5) + 1
    assert world.path[again:] == [5, 10, 25, 50, 100, 100]
    assert "replaced by a new release" in world.moves[again]["why"]
    # What was seen of the release before speaks for nothing.
    needed, needed_again = (
        world.moves[number]["evidence"]["new"]["requests"] for number in (1, again + 1)
    )
    assert needed_again >= needed
    assert any("the evidence so far is void" in event.text for event in world.events)


def test_a_new_release_of_the_old_version_stays_where_it_is_with_fresh_counts() -> None:
    world = World(weight=25)
    world.at(16, lambda: world.releases.update({OLD: 2}))
    world.at(16.5, lambda: world.events.append(world.events[-1]))
    world.shift()
    assert world.path == [50, 100, 100]
    assert any("version 1 was replaced" in event.text for event in world.events)
    fresh = [event.look.seconds for event in world.events if event.look and event.look.seconds]
    assert any(later < earlier for earlier, later in pairwise(fresh))


@pytest.mark.parametrize(
    ("weight", "path"), [(25, [50, 100, 100]), (7, [10, 25, 50, 100, 100]), (50, [100, 100])]
)
def test_a_shift_goes_on_from_the_weight_that_it_finds(weight: int, path: list[int]) -> None:
    world = World(weight=weight)
    world.shift()
    assert world.path == path


def test_a_shift_that_was_broken_off_in_its_drain_drains() -> None:
    world = World(weight=100, drain=OLD)
    world.shift()
    assert world.path == [100]
    assert world.drain == 0


def test_who_has_everybody_already_is_left_alone() -> None:
    world = World(weight=100)
    world.shift()
    assert world.moves == []


def test_a_shift_that_is_interrupted_leaves_the_weights(world: World) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    world.at(40, interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.shift()
    assert world.weight == world.path[-1] > 0
    world.shift()
    assert world.weights() == {OLD: 0, NEW: 100}


def test_the_drain_ends_when_the_last_visitor_has_left() -> None:
    world = World(weight=100, drain=OLD, staying=lambda now: 1 if now < 1200 else 0)
    world.shift()
    assert "version 1's visitors have left" in world.moves[-1]["why"]
    assert 1195 + DEFAULT.quiet <= world.time < 1200 + DEFAULT.quiet + 10


def test_the_drain_ends_at_its_limit_for_those_who_never_leave() -> None:
    world = World(weight=100, drain=OLD, staying=lambda now: 1)
    world.shift()
    assert "had 900 s to leave" in world.moves[-1]["why"]
    assert 1900 <= world.time < 1910


def test_not_knowing_whether_visitors_are_left_is_not_silence() -> None:
    world = World(weight=100, drain=OLD, gateway_answers=False)
    world.shift()
    assert "to leave" in world.moves[-1]["why"]


def test_a_version_that_breaks_down_in_the_drain_goes_back() -> None:
    world = World(weight=100, drain=OLD, staying=lambda now: 2)
    world.bad = lambda version, now: 0.5 if version == NEW else 0.0
    assert "above the ceiling" in rolled_back(world)


def test_an_alert_in_the_drain_goes_back() -> None:
    world = World(weight=100, drain=OLD, staying=lambda now: 2)
    world.at(30, lambda: world.alerts[NEW].add(BURNING))
    assert "errorBudgetBurnsFast" in rolled_back(world)


def test_the_hold_limit_is_the_callers() -> None:
    world = World(requests=0)
    begun = world.time
    with pytest.raises(RolledBackError, match="no advance within 90 s"):
        world.shift(replace(DEFAULT, hold_limit=90.0))
    assert world.time - begun < 100


def test_traffic_can_move_the_other_way_too() -> None:
    world = World(weight=100)
    world.shift(new=OLD)
    assert world.weights() == {OLD: 100, NEW: 0}
    assert world.path[0] == 95


def test_every_event_is_an_object_that_says_what_was_seen(world: World) -> None:
    world.shift()
    lines = [json.loads(json.dumps(event.as_json())) for event in world.events]
    assert [lines[0]["event"], lines[-1]["event"]] == ["begin", "end"]
    looks = [line for line in lines if line["event"] == "look"]
    assert {"advance", "hold"} == {look["verdict"] for look in looks}
    last = [look for look in looks if look["steps"]][-1]
    assert (last["weight"], last["next"], last["step"], last["steps"]) == (50, 100, 4, 4)
    assert last["new"]["requests"] > 0
    assert last["low"] < last["high"] <= last["allowed"] == 0.01
    assert set(last["inside"]) == {"1", "2"}
