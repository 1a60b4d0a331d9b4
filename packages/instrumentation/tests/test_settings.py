import pytest

from instrumentation import Settings, SettingsError

GOOD = {"API_VERSION": "2", "SERVICE_VERSION": "2.0.0"}
DEPRECATED = GOOD | {"DEPRECATION": "1795392000"}


def test_settings_have_safe_defaults() -> None:
    settings = Settings.from_environment("stock", GOOD)
    assert settings == Settings("stock", 2, "2.0.0")
    assert settings.bind_address == "127.0.0.1"
    assert not settings.fault_injection


def test_consumers_are_a_list_without_repetition() -> None:
    settings = Settings.from_environment("stock", GOOD | {"CONSUMERS": "catalog, till,catalog,"})
    assert settings.consumers == ("catalog", "till")


def test_the_sunset_is_the_beginning_of_a_day_in_utc() -> None:
    settings = Settings.from_environment("stock", DEPRECATED | {"SUNSET": "2027-03-01"})
    assert settings.deprecation is not None
    assert settings.deprecation.sunset_time == 1803859200


def test_a_version_may_end_on_the_day_after_it_was_deprecated() -> None:
    Settings.from_environment("stock", GOOD | {"DEPRECATION": "1795391999", "SUNSET": "2026-11-23"})


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"DEPRECATION": "1795392001", "SUNSET": "2026-11-23"}, "SUNSET=2026-11-23 is before"),
        ({"SUNSET": "2027-03-01"}, "SUNSET is set, but not DEPRECATION"),
        ({"DEPRECATION_LINK": "https://a/"}, "DEPRECATION_LINK is set, but not DEPRECATION"),
        ({"SUCCESSOR_URL": "https://a/"}, "SUCCESSOR_URL is set, but not DEPRECATION"),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused(
    variables: dict[str, str], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        Settings.from_environment("stock", GOOD | variables)


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
        ("DEPRECATION", "soon"),
        ("DEPRECATION", "-1"),
        ("SUNSET", "soon"),
        ("SUNSET", "20270301"),
        ("SUNSET", "2027-02-30"),
        ("DEPRECATION_LINK", "javascript:alert(1)"),
        ("DEPRECATION_LINK", "https://a/>; rel=next"),
        ("SUCCESSOR_URL", 'https://a/"x'),
        ("BROWNOUT_UNTIL", "tomorrow"),
    ],
)
def test_a_bad_setting_is_refused_in_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refusal:
        Settings.from_environment("stock", DEPRECATED | {name: value})
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200
