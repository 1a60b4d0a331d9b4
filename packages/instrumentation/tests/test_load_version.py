import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from instrumentation import SettingsError, load_version


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service with version 1 only."""
    (tmp_path / "sample_shop" / "v1").mkdir(parents=True)
    (tmp_path / "sample_shop" / "v1" / "__init__.py").write_text("NUMBER = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "sample_shop"
    for name in [name for name in sys.modules if name.startswith("sample_shop")]:
        del sys.modules[name]


def test_a_version_is_its_package(shop: str) -> None:
    assert load_version(shop, 1).NUMBER == 1


def test_a_version_that_the_image_does_not_contain_is_refused(shop: str) -> None:
    with pytest.raises(SettingsError, match=r"^API_VERSION is 2, but this image has no sample_sh"):
        load_version(shop, 2)


def test_an_error_inside_a_version_is_not_taken_for_its_absence(shop: str, tmp_path: Path) -> None:
    (tmp_path / "sample_shop" / "v1" / "__init__.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name"):
        load_version(shop, 1)
