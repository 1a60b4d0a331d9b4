"""The tool behind make.

The packages that others can install without this shop are used from the working tree.
"""

import sys
from pathlib import Path

for _package in sorted((Path(__file__).parent.parent / "packages").glob("*")):
    if str(_package) not in sys.path:
        sys.path.append(str(_package))
