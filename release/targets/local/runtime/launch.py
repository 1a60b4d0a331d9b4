"""Becomes the program that a JSON file describes: {"command": [...], "directory": "...",
"environment": {...}}.

The process manager starts this instead of the program itself: its configuration format cannot quote
every environment
value, and a file of our own can be kept from other people's eyes. Standard library only, and gone
after the exec.
"""

import json
import os
import sys

with open(sys.argv[1]) as handle:
    spec = json.load(handle)
os.chdir(spec["directory"])
os.execve(spec["command"][0], spec["command"], spec["environment"])  # noqa: S606
