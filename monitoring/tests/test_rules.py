"""The alert rules do what their promtool tests say, and every alert has such tests."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

MONITORING = Path(__file__).parent.parent
RULES = sorted((MONITORING / "rules").glob("*.yaml"))
SCENARIOS = sorted((MONITORING / "tests").glob("*.yaml"))


@pytest.fixture(scope="session")
def promtool() -> str:
    found = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if not found:
        pytest.fail("promtool is not on PATH, nor named by PROMTOOL; it comes with Prometheus")
    return found


def alerts(path: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load(path.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


@pytest.mark.parametrize("rules", RULES, ids=lambda path: path.stem)
def test_rules_are_well_formed(promtool: str, rules: Path) -> None:
    checked = subprocess.run([promtool, "check", "rules", rules], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("scenarios", SCENARIOS, ids=lambda path: path.stem)
def test_rules_behave_as_their_scenarios_say(promtool: str, scenarios: Path) -> None:
    tested = subprocess.run([promtool, "test", "rules", scenarios], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("rules", RULES, ids=lambda path: path.stem)
def test_every_alert_is_seen_firing_and_not_firing(rules: Path) -> None:
    scenarios = yaml.safe_load((MONITORING / "tests" / rules.name).read_text())
    cases = [case for test in scenarios["tests"] for case in test.get("alert_rule_test", ())]
    for alert in alerts(rules):
        name = alert["alert"]
        seen = {bool(case.get("exp_alerts")) for case in cases if case["alertname"] == name}
        assert seen == {True, False}, f"{name} lacks a scenario where it fires, or where not"


@pytest.mark.parametrize("rules", RULES, ids=lambda path: path.stem)
def test_every_alert_says_how_severe_it_is_and_what_to_do(rules: Path) -> None:
    for alert in alerts(rules):
        assert alert["labels"]["severity"] in {"critical", "warning"}
        assert {"summary", "description"} <= set(alert["annotations"])


def test_only_failures_that_a_release_can_cause_roll_it_back() -> None:
    # Anybody could have a release rolled back with an alert that answers to what clients send.
    found = {
        alert["alert"]: alert["labels"]["release"]
        for rules in RULES
        for alert in alerts(rules)
        if "release" in alert["labels"]
    }
    assert found == {"errorBudgetBurnsFast": "rollback"}
