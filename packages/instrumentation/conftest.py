"""Lets the tests import the package `instrumentation` and not this folder of the same name.

pytest names test modules after their folders and so makes a package of this one, which would hide
the real one.
"""

import sys
from pathlib import Path

sys.modules.pop("instrumentation", None)
import instrumentation  # noqa: E402, F401

sys.path.append(str(Path(__file__).parent / "tests"))
