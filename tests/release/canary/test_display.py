"""The display of a shift: for a person, a pipe and a program."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from release.canary import display
from tests.release.canary.conftest import World


def shown(world: World, *, as_json: bool = False) -> None:
    world.shift()
    with display.display(as_json=as_json) as show:
        for event in world.events:
            show(event)


def test_a_pipe_gets_a_line_a_look(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    shown(world)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(world.events)
    assert lines[0] == "20.0 requests a second, profile default: 5-10-25-50-100 %"
    assert lines[-1] == "version 2 has everybody"
    (advance, *_) = [line for line in lines if "advance: " in line]
    assert advance.startswith("  5 %")
    assert "v1: " in advance
    assert "0 failed, 0 slow, 0 refused" in advance
    assert ", 10.0% allowed" in advance
    assert "not compared" in lines[-3]


def test_a_program_gets_an_object_a_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    shown(world, as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [event.as_json() for event in world.events]


def test_a_terminal_shows_both_versions_side_by_side(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=120, color_system=None)
    monkeypatch.setattr(display, "out", terminal)
    shown(world)
    text = screen.getvalue()
    assert "step 1 of 4" in text
    assert "version 1     95 %" in text
    assert "version 2      5 %" in text
    assert "20 ms" in text
    assert "draining, " in text
    assert "version 2 has everybody" in text


def test_what_is_not_known_inside_a_version_is_said_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=120, color_system=None)
    monkeypatch.setattr(display, "out", terminal)
    world.inside = lambda version: None  # type: ignore[method-assign]
    shown(world)
    assert "unknown" in screen.getvalue()
