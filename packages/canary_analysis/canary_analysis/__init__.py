"""Decides when traffic may move: a sequential comparison of two versions, valid at every look.

Pure: no clock, no network. docs/shifting.md explains the rule and its verdicts.
"""

from .counts import CountPair, Counts
from .evalues import LEFT_TO_THE_DRAIN
from .meter import Meter
from .profiles import PROFILES, Profile
from .rule import Decision, Rule, Verdict, decide, watch

__all__ = [
    "LEFT_TO_THE_DRAIN",
    "PROFILES",
    "CountPair",
    "Counts",
    "Decision",
    "Meter",
    "Profile",
    "Rule",
    "Verdict",
    "decide",
    "watch",
]
