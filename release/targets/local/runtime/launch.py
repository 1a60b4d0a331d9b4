"""Executes the program of a JSON file with the keys command, directory and environment.

The process manager starts this script instead of the program: its configuration cannot quote every
environment value, and this file is private. Standard library only.
"""

import json
import os
import sys

with open(sys.argv[1]) as handle:
    spec = json.load(handle)
os.chdir(spec["directory"])
os.execve(spec["command"][0], spec["command"], spec["environment"])  # noqa: S606
