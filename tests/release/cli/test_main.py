"""A command is imported when it is called."""

import subprocess
import sys

from release.cli.main import main, variables
from tests.conftest import ROOT

LOADED = "import sys, release.cli.main; print('\\n'.join(sys.modules))"


def test_every_command_is_found_by_its_name() -> None:
    assert set(variables()) == set(main.commands)


def test_no_command_is_imported_before_it_is_called() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "release.settings.options" in loaded
    assert not [
        name for name in loaded if name.startswith(("release.cli.commands", "release.targets"))
    ]
