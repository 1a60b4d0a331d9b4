"""`make lint` notices a name with two homes."""

from __future__ import annotations

from pathlib import Path

from tests.ci.names import clashes, homes


def clashing(root: Path, **files: str) -> list[str]:
    """The clashing names of a repository of these files; `__` stands for a slash."""
    paths = {name.replace("__", "/") + ".py": text for name, text in files.items()}
    for name, text in paths.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return list(clashes(homes(root, paths)))


def test_a_module_with_two_homes(tmp_path: Path) -> None:
    assert clashing(tmp_path, release__model__pods="", load__pods="", load__page="") == ["pods"]


def test_a_class_with_two_homes(tmp_path: Path) -> None:
    files = {"load__client": "class Answer: ...", "release__smoke": "class Answer: ..."}
    assert clashing(tmp_path, **files) == ["Answer"]


def test_folders_of_versions_are_one_home(tmp_path: Path) -> None:
    files = {"stock__v1__api": "class Price: ...", "stock__v2__api": "class Price: ..."}
    assert clashing(tmp_path, **files) == []


def test_the_modules_of_two_services_mirror_each_other(tmp_path: Path) -> None:
    services = {"services__stock__stock__app": "", "services__catalog__catalog__app": ""}
    assert clashing(tmp_path, **services) == []
    assert clashing(tmp_path, **services, release__app="") == ["app"]
