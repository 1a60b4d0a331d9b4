"""The state folder: atomic, owner only, and clear about damage."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from release.errors import ReleaseError
from release.files import write
from release.targets.local.state.revisions import GatewayPorts, LocalRevision
from release.targets.local.state.state_folder import REVISIONS_KEPT, StateFolder


def _revision(number: int) -> LocalRevision:
    return LocalRevision("qv1", 1, "1.0.0", number, 0.0, {"threads": number}, {})


def test_a_release_s_revisions_are_kept_up_to_a_number(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    for number in range(1, REVISIONS_KEPT + 4):
        assert state.next_number("qv1") == number
        state.save(_revision(number))
    assert state.current("qv1") == _revision(REVISIONS_KEPT + 3)
    assert {revision.revision for revision in state.revisions()} == set(
        range(4, REVISIONS_KEPT + 4)
    )


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    with state.lock("a test"):
        state.save(_revision(1))
        state.save_gateway_ports(GatewayPorts(8080, 8081, 8082))
    for path in [state.root, *state.root.rglob("*")]:
        if path.name != "lock":
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "record"
    write(path, "before")
    with pytest.raises(TypeError):
        write(path, 5)  # type: ignore[arg-type]
    assert path.read_text() == "before"


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    state.save(_revision(1))
    (state.root / "releases" / "qv1" / "1.json").write_text("{")
    with pytest.raises(ReleaseError, match=r"1\.json cannot be used"):
        state.current("qv1")
    (state.root / "releases" / "qv1" / "1.json").unlink()
    with pytest.raises(ReleaseError, match="it is missing"):
        state.current("qv1")


def test_what_0_1_0_recorded_can_be_read(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    state.save(_revision(1))
    before = state.current("qv1"), state.history("qv1")
    for path in (state.root / "releases" / "qv1").glob("*.json"):
        text = (
            path.read_text().replace('"revision":', '"number":').replace('"at":', '"deployed_at":')
        )
        path.write_text(text)
    assert (state.current("qv1"), state.history("qv1")) == before
