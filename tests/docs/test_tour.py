"""What the README says of programs, values, the state folder and the tour is true."""

from __future__ import annotations

import re
import subprocess
import sys

from release.toolchain.tools import TOOLS
from tests.conftest import ROOT, Shop, clean_environment
from tests.docs import fields_table
from tests.docs.markdown import README, code, commands, first_cells, rows, section


def test_every_chart_s_values_are_linked() -> None:
    linked = set(re.findall(r"\]\((charts/\S+values\.yaml)\)", section(README, "Charts")))
    assert linked == {
        str(path.relative_to(ROOT))
        for path in (ROOT / "charts").glob("**/values.yaml")
        if "charts" not in path.relative_to(ROOT / "charts").parts
    }


def test_every_program_is_named_with_the_least_version() -> None:
    documented = {
        name: row[3]
        for row in rows(section(README, "The two commands"))
        for name in code(row[0])
        if name in TOOLS
    }
    least = {name: ".".join(map(str, tool.minimum)) for name, tool in TOOLS.items()}
    least["kubectl"] = documented["kubectl"]  # comes with helm; no command uses it yet
    assert documented == least


def test_the_tables_of_what_the_local_target_understands_are_up_to_date() -> None:
    wanted = fields_table.tables()
    assert wanted in README.read_text(encoding="utf-8"), f"put this into the README:\n{wanted}"


def test_the_state_folder_holds_what_is_named(both: Shop) -> None:
    named = {name.split("/")[0] for name in first_cells("The state folder")}
    found = {
        path.name for path in both.state.iterdir() if not path.name.startswith("inventory.db-")
    }
    assert found <= named
    # Nobody gave a webhook, and no traffic was shifted.
    assert named - found == {"secrets", "unfinished", "shifting"}


def test_every_get_of_the_tour_answers(both: Shop) -> None:
    pattern = r"curl '?http://([a-z.]+\.v[12])\.shop\.localhost:8080(/[^']*)'?"
    asked = [found.groups() for line in commands(README) if (found := re.fullmatch(pattern, line))]
    refused = [(host, path) for host, path in asked if both.get(host, path).status_code != 200]
    assert asked
    assert refused == [("stock.v2", "/t-shirt")]


def test_exit_codes_are_as_told(shop: Shop) -> None:
    def code_of(*command: str, **variables: str) -> int:
        environment = {**clean_environment(), "STATE": str(shop.state), **variables}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0 or len(re.findall("^error: ", done.stderr, re.MULTILINE)) == 1
        return done.returncode

    release = (sys.executable, "-m", "release")
    assert code_of(*release, "status", PORT=str(shop.port)) == 0
    assert code_of(*release, "logs", VERSION="1", SERVICE="stock", PORT=str(shop.port)) == 1
    assert code_of(*release, "deploy", VERSION="3", PORT=str(shop.port)) == 2
    assert code_of("make", "logs", "VERSION=1", "SERVICE=stock", f"PORT={shop.port}") == 2
