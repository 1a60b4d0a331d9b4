"""How long does a second version take to answer, with everything fetched and built?"""

from __future__ import annotations

from statistics import median

from bench.answer import Answer
from bench.deployment import deploy
from bench.shop import open_shop
from release.console import note

AIM = 5.0
RUNS = 5


def measure() -> Answer:
    """`make deploy VERSION=2` beside a running version 1, to the first 200 through Traefik."""
    with open_shop() as shop:
        note("deploying version 1, then version 2 once to build what it needs")
        shop.make("deploy", VERSION=1)
        shop.make("deploy", VERSION=2)
        runs = []
        for number in range(1, RUNS + 1):
            shop.make("down", VERSION=2)
            runs.append(deploy(shop, 2, "qv2"))
            note(
                f"run {number} of {RUNS}: first answer after {runs[-1].first_answer:.2f} s, "
                f"command done after {runs[-1].whole:.2f} s"
            )
    note("where the time goes, medians; each figure ends with the step that it names:")
    for name in runs[0].parts:
        took = median(run.parts.get(name, 0) for run in runs)
        note(f"  {took:5.2f} s  {name}")
    answers = [run.first_answer for run in runs]
    return Answer(
        f"{median(answers):.2f} s to the first 200 ({min(answers):.2f} to {max(answers):.2f}, "
        f"{RUNS} runs)",
        f"{AIM:g} s",
        median(answers) <= AIM,
    )
