"""Moves that cannot be made, or whose answer is lost: nobody stays unwatched with a bad version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from canary_analysis import PROFILES
from release.errors import (
    ConflictError,
    LockedError,
    NotAllowedError,
    NotReadyError,
    ReleaseError,
    RolledBackError,
    ToolError,
    UnansweredError,
)
from tests.release.canary.conftest import NEW, OLD, World, rolled_back

DEFAULT = PROFILES["default"]


def notes(world: World) -> set[str]:
    return {event.text for event in world.events if event.kind == "note"}


def fails_above_5(world: World, then: Callable[[], object] = lambda: None) -> None:
    """Half of version 2's requests, at a weight of more than 5 %; something happens as well."""

    def bad(version: int, now: float) -> float:
        if world.weight <= 5:
            return 0.0
        then()
        return 0.5 if version == NEW else 0.0

    world.bad = bad


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("weight", [10, 100])
def test_a_step_that_fails_is_made_later_on_new_evidence(
    world: World, weight: int, done: bool
) -> None:
    """After a move with an unknown outcome, the weight is restored before evidence is gathered."""
    undisturbed = World()
    undisturbed.shift()
    world.fail_to_move(weight, done=done)
    world.shift()
    step = undisturbed.path.index(weight)
    before = undisturbed.path[step - 1]
    detour = [weight, before] if done else [before]
    assert world.path == [*undisturbed.path[:step], *detour, *undisturbed.path[step:]]
    assert world.drain == 0
    assert notes(world) == {f"the step to {weight} % failed: the cluster does not answer"}
    # Nothing that was counted before.
    usual, counted = (
        move["evidence"]["new"]["requests"]
        for move in (undisturbed.moves[step], world.moves[step + len(detour)])
    )
    assert counted < 2 * usual


def test_a_first_step_that_fails_leaves_nobody_with_the_new_version(world: World) -> None:
    world.fail_to_move(5, done=True)
    assert "the first step failed: the cluster does not answer" in rolled_back(world)
    assert world.path == [5, 0]


def test_a_first_step_waits_for_nobody(world: World) -> None:
    world.busy = True
    with pytest.raises(LockedError):
        world.shift()
    assert world.moves == []


@pytest.mark.parametrize("done", [False, True])
def test_a_rollback_is_made_as_soon_as_it_can_be(world: World, done: bool) -> None:
    fails_above_5(world)
    world.fail_to_move(0, times=40, done=done)
    rolled_back(world)
    assert world.path == [5, 10, *([0] * (41 if done else 1))]
    assert notes(world) == {"the cluster does not answer; trying again"}


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("busy", True),
        ("refuses", NotReadyError("Traefik does not serve the weights")),
        ("refuses", ReleaseError("no Traefik runs")),
        ("refuses", ToolError("helm: failed calling webhook")),
    ],
)
def test_a_rollback_outlasts_what_may_pass(world: World, name: str, trouble: object) -> None:
    fails_above_5(world, lambda: setattr(world, name, trouble))
    world.at(2000, lambda: setattr(world, name, None))
    rolled_back(world)
    assert world.time >= 3000
    [note] = notes(world)
    assert note.endswith("; trying again")


def test_a_rollback_does_not_outlast_what_stays(world: World) -> None:
    refusal = NotAllowedError("you may not")
    fails_above_5(world, lambda: setattr(world, "refuses", refusal))
    with pytest.raises(NotAllowedError):
        world.shift()


def test_a_hold_without_end_goes_back_once_that_is_possible(world: World) -> None:
    world.at(30, lambda: setattr(world, "control_plane_answers", False))
    world.at(DEFAULT.hold_limit + 100, lambda: setattr(world, "control_plane_answers", True))
    rolled_back(world)


@pytest.mark.parametrize("done", [False, True])
def test_a_step_that_can_never_be_made_goes_back(world: World, done: bool) -> None:
    """Although going back to the weight before can be done."""
    world.fail_to_move(25, times=100_000, done=done)
    with pytest.raises(RolledBackError) as caught:
        world.shift(replace(DEFAULT, hold_limit=300))
    assert world.weights() == {OLD: 100, NEW: 0}
    assert "no advance within 300 s: the step to 25 % failed: the cluster does" in str(caught.value)


@pytest.mark.parametrize("seconds", [290, 310, 20_000])
def test_what_cannot_be_known_for_too_long_goes_back(world: World, seconds: int) -> None:
    """Where visitors are is not confirmed: nobody can say whether version 2 is any good."""
    world.fail_to_move(25, done=True)
    steps: list[int] = []

    def after_move(weight: int) -> None:
        steps.append(weight)
        if steps[-1] == 25 and len(steps) == 3:
            world.refuses = UnansweredError("Traefik does not tell")
            world.at(seconds, lambda: setattr(world, "refuses", None))

    world.after_move = after_move
    if seconds < 300:
        world.shift(replace(DEFAULT, hold_limit=400))
        assert world.weights() == {OLD: 0, NEW: 100}
    else:
        with pytest.raises(RolledBackError):
            world.shift(replace(DEFAULT, hold_limit=300))
        assert world.weights() == {OLD: 100, NEW: 0}
    # Each attempt may be a revision.
    assert len(world.moves) < 20


def test_a_step_that_found_a_deploy_at_work_is_made_later(world: World) -> None:
    def after_move(weight: int) -> None:
        if weight == 10:
            world.busy = True
            world.at(200, lambda: setattr(world, "busy", False))

    world.after_move = after_move
    world.shift()
    # Nothing was done: there is nothing to take back.
    assert world.path == [5, 10, 25, 50, 100, 100]
    assert notes(world) == {"the step to 25 % failed: make deploy is at work"}


def test_a_drain_that_cannot_be_ended_goes_on(world: World) -> None:
    world.fail_to_move(100, times=5, drain=0)
    world.shift()
    assert world.path == [5, 10, 25, 50, 100, 100]
    assert notes(world) == {"the drain goes on: the cluster does not answer"}


def test_a_drain_is_watched_though_nobody_answers_as_it_begins(world: World) -> None:
    def after_move(weight: int) -> None:
        if world.drain:
            world.control_plane_answers = False
            world.at(100, lambda: setattr(world, "control_plane_answers", True))

    world.after_move = after_move
    world.shift()
    assert world.drain == 0
    assert world.path == [5, 10, 25, 50, 100, 100]


def test_what_happens_during_an_outage_is_looked_at_before_a_drain_ends(world: World) -> None:
    def after_move(weight: int) -> None:
        if weight == 100:
            world.at(30, lambda: setattr(world, "control_plane_answers", False))
            world.at(40, lambda: setattr(world, "bad", lambda version, now: float(version == NEW)))
            later = DEFAULT.drain_limit + 100
            world.at(later, lambda: setattr(world, "control_plane_answers", True))

    world.after_move = after_move
    world.staying = lambda now: 1.0
    rolled_back(world)


def test_a_release_that_is_new_is_watched_once_that_is_possible(world: World) -> None:
    away: list[int] = []

    def after_move(weight: int) -> None:
        if weight == 10 and not away:
            world.at(1, lambda: world.releases.update({NEW: 2}))
        if weight == 5 and world.releases[NEW] == 2:
            away.append(weight)
            world.control_plane_answers = False
            world.at(400, lambda: setattr(world, "control_plane_answers", True))

    world.after_move = after_move
    world.shift()
    assert away
    assert "the cluster does not answer; trying again" in notes(world)
    assert world.weights() == {OLD: 0, NEW: 100}


def test_one_that_can_never_be_watched_goes_back(world: World) -> None:
    def after_move(weight: int) -> None:
        if weight == 10:
            world.at(1, lambda: world.releases.update({NEW: 2}))
        if weight == 5 and world.releases[NEW] == 2:
            world.control_plane_answers = False
            world.at(400, lambda: setattr(world, "control_plane_answers", True))

    world.after_move = after_move
    with pytest.raises(RolledBackError):
        world.shift(replace(DEFAULT, hold_limit=300))
    assert world.weights() == {OLD: 100, NEW: 0}


def test_somebody_who_moves_meanwhile_ends_what_is_tried(world: World) -> None:
    fails_above_5(world)
    world.fail_to_move(0, times=100_000)
    world.at(600, lambda: world.somebody_moves(30))
    with pytest.raises(ConflictError):
        world.shift()
    assert world.weight == 30


def test_somebody_who_goes_back_to_an_earlier_step_has_moved_it(world: World) -> None:
    first: list[str] = []

    def after_move(weight: int) -> None:
        first.append(world.change())
        if weight == 25:
            world.at(1, lambda: world.somebody_goes_back_to(first[0]))

    world.after_move = after_move
    with pytest.raises(ConflictError):
        world.shift()
