"""When may traffic move? A sequential comparison of two versions, valid however often one looks.

Pure: no clock, no network. docs/shifting.md explains the rule to those who meet its verdicts.
"""

from canary_analysis.counts import CountPair, Counts
from canary_analysis.evalues import LEFT_TO_THE_DRAIN
from canary_analysis.meter import Meter
from canary_analysis.profiles import PROFILES, Profile
from canary_analysis.rule import Decision, Rule, Verdict, decide, watch

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
