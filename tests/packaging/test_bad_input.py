"""What cannot be packaged is said in one line, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging import engine


@pytest.mark.parametrize(
    ("target", "variables", "line"),
    [
        ("images", {"VERSION": "3"}, "VERSION='3' is not known: give one of 1, 2"),
        ("images", {"PUSH": "1"}, "PUSH=1 needs REGISTRY="),
        ("images", {"PUSH": "maybe"}, "PUSH='maybe': give 1 or 0"),
        ("images", {"REGISTRY": "https://registry.example"}, "REGISTRY='https://registry.example'"),
        ("images", {"BASE_IMAGE": "--pull"}, "BASE_IMAGE='--pull'"),
        ("images", {"WHEELHOUSE": "docs"}, "WHEELHOUSE=docs: no folder with wheels"),
        ("images", {"REGISTRY_USERNAME": "robot"}, "REGISTRY_USERNAME and REGISTRY_PASSWORD go"),
        ("images", {"DOCKER_HOST": "unix:///nowhere"}, "no Docker engine answers: "),
        ("chart-repos", {"PUSH": "1"}, "PUSH=1 needs REGISTRY="),
        ("publish-charts", {}, "OCI is missing: name a registry"),
        ("publish-charts", {"OCI": "https://registry.example"}, "OCI='https://registry.example'"),
        ("publish-charts", {"OCI": "registry.example"}, "name a registry that begins with oci://"),
        (
            "publish-charts",
            {"OCI": "oci://127.0.0.1:9/charts"},
            "oci://127.0.0.1:9/charts does not",
        ),
    ],
)
def test_one_line_says_what_is_wrong(target: str, variables: dict[str, str], line: str) -> None:
    if "DOCKER_HOST" in variables:
        engine.engine()
    exported = {name: value for name, value in variables.items() if name == "DOCKER_HOST"}
    typed = [f"{name}={value}" for name, value in variables.items() if name not in exported]
    done = engine.make(target, *typed, exported=exported, check=False)
    errors = [each for each in done.stderr.splitlines() if each.startswith("error: ")]
    assert done.returncode == 2
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {line}") or line in errors[0]
    assert "Traceback" not in done.stderr


def test_a_password_is_not_taken_from_the_command_line() -> None:
    typed = ("OCI=oci://127.0.0.1:9/x", "REGISTRY_USERNAME=robot", "REGISTRY_PASSWORD=hunter-two")
    done = engine.make("publish-charts", *typed, check=False)
    assert "error: REGISTRY_PASSWORD: a command line is visible to everybody" in done.stderr
    assert "hunter-two" not in done.stdout + done.stderr


def test_a_docker_without_buildkit_is_named(tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Docker version 28.2.2\n')
    program.chmod(0o755)
    # make and its shell are needed as well.
    for name in ("make", "sh", "git", "python3"):
        (tmp_path / name).symlink_to(Path("/usr/bin") / name)
    done = engine.make("images", exported={"PATH": str(tmp_path)}, check=False)
    assert f"error: docker: {program} has no buildx to build with" in done.stderr
