"""The defaults are what the documents say, and make sense together."""

from __future__ import annotations

import pytest

from canary_analysis import PROFILES, Profile


@pytest.mark.parametrize(
    ("rate", "weights"),
    [
        (0, (10, 25, 50, 100)),
        (4.9, (10, 25, 50, 100)),
        (5, (5, 10, 25, 50, 100)),
        (50, (5, 10, 25, 50, 100)),
        (51, (5, 14, 37, 100)),
    ],
)
def test_the_weights_follow_the_rate_of_requests(rate: float, weights: tuple[int, ...]) -> None:
    assert PROFILES["default"].schedule(rate) == weights


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_weights_rise_to_everybody(profile: Profile) -> None:
    for rate in (1, 20, 1000):
        weights = profile.schedule(rate)
        assert list(weights) == sorted(set(weights))
        assert weights[-1] == 100
        assert weights[0] > 0


def test_a_hold_may_last_longer_than_an_honest_rollout_takes() -> None:
    assert PROFILES["default"].hold_limit > 3600


def test_a_demo_is_no_licence_to_be_careless_otherwise() -> None:
    default, demo = PROFILES["default"].rule, PROFILES["demo"].rule
    assert demo.tolerance > default.tolerance
    assert (demo.alpha, demo.beta, demo.ceiling) == (default.alpha, default.beta, default.ceiling)
    assert PROFILES["demo"].schedule(1) == PROFILES["demo"].schedule(1000)
