"""`python -m verifying <pact>`: replays a pact against stock, with a verdict on standard output.

The last line is {"outcome": "yes"|"no"|"unknown", "reason": one line}, after the verifier's report.
The environment is that of a stock process.
"""

import json
import sys
import tempfile
from pathlib import Path

from verifying.verification import verdict

with tempfile.TemporaryDirectory() as folder:
    outcome, reason = verdict(Path(sys.argv[1]), Path(folder) / "stock.log")
print(json.dumps({"outcome": outcome, "reason": reason}))
