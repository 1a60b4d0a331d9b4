import pytest

from instrumentation import Settings, SettingsError

GOOD = {"API_VERSION": "2", "SERVICE_VERSION": "2.0.0"}


def test_settings_have_safe_defaults() -> None:
    settings = Settings.from_environment("stock", GOOD)
    assert settings == Settings("stock", 2, "2.0.0")
    assert settings.bind_address == "127.0.0.1"
    assert not settings.fault_injection


def test_consumers_are_a_list_without_repetition() -> None:
    settings = Settings.from_environment("stock", GOOD | {"CONSUMERS": "catalog, till,catalog,"})
    assert settings.consumers == ("catalog", "till")


def test_the_sunset_is_a_date_in_utc() -> None:
    assert Settings.from_environment("stock", GOOD | {"SUNSET": "2027-03-01"}).sunset == 1803859200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_VERSION", ""),
        ("API_VERSION", "two"),
        ("API_VERSION", "0"),
        ("API_VERSION", "9" * 5000),
        ("SERVICE_VERSION", ""),
        ("SERVICE_VERSION", "1.0\n2.0"),
        ("METRICS_PORT", "65536"),
        ("METRICS_PORT", "-1"),
        ("BIND_ADDRESS", "here; there"),
        ("CONSUMERS", "browser"),
        ("CONSUMERS", "a b"),
        ("CONSUMERS", ",".join(f"c{number}" for number in range(21))),
        ("FAULT_INJECTION", "yes"),
        ("SUNSET", "soon"),
    ],
)
def test_a_bad_setting_is_refused_in_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refusal:
        Settings.from_environment("stock", GOOD | {name: value})
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200
