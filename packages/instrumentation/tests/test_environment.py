import pytest

from instrumentation import Environment, SettingsError


def test_values_are_read_or_default() -> None:
    read = Environment({"SECONDS": "2.5", "COUNT": "7", "ON": "true", "EMPTY": ""})
    assert read.number("SECONDS", lowest=0, highest=60) == 2.5
    assert read.integer("COUNT", lowest=0, highest=7) == 7
    assert read.flag("ON") is True
    assert read.flag("ABSENT") is False
    assert read.text("EMPTY", "default") == "default"


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "61", "two", "1e999", "\x00"])
def test_a_number_is_within_its_bounds(text: str) -> None:
    with pytest.raises(SettingsError, match="SECONDS"):
        Environment({"SECONDS": text}).number("SECONDS", lowest=0, highest=60)


@pytest.mark.parametrize("text", ["1.0", "8 ", "0x8", "٣", "1_0", ""])
def test_an_integer_is_plain_digits(text: str) -> None:
    with pytest.raises(SettingsError, match="COUNT"):
        Environment({"COUNT": text}).integer("COUNT", lowest=0, highest=60)
