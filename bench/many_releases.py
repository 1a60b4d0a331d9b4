"""Does a release take longer to come up when many others already run?"""

from __future__ import annotations

from statistics import median, stdev

from bench.answer import Answer
from bench.deployment import Deployment, deploy
from bench.shop import Shop, open_shop
from release.console import note

LAST = 10
RUNS = 5
TELLING = 0.25
"""Noise beyond this share of the second's time hides what is asked for."""


def measure() -> Answer:
    """The second against the tenth release of one machine, all running.

    Both are brought up several times, with nothing else changed in between. Their medians may
    differ by their noise: twice the standard error that the runs themselves show. Processor time is
    shown beside it, since others on the machine hardly touch it.
    """
    with open_shop() as shop:
        shop.make("deploy", VERSION=2)
        second = _repeatedly(shop, 2)
        for number in range(3, LAST):
            one = deploy(shop, 2, f"copy{number}")
            note(f"release {number}: first answer after {one.first_answer:.2f} s")
        tenth = _repeatedly(shop, LAST)
    earlier, later = ([one.first_answer for one in runs] for runs in (second, tenth))
    difference = median(later) - median(earlier)
    noise = 2 * ((stdev(earlier) ** 2 + stdev(later) ** 2) / RUNS) ** 0.5
    if noise > TELLING * median(earlier):
        note(f"a noise of {noise:.2f} s hides any difference: the machine is too busy")
    used = [median(one.processor for one in runs) for runs in (second, tenth)]
    return Answer(
        f"second {median(earlier):.2f} s, tenth {median(later):.2f} s ({difference:+.2f}, noise "
        f"{noise:.2f}); processor {used[0]:.2f} and {used[1]:.2f} s",
        "the tenth no longer, but for noise",
        difference <= noise if noise <= TELLING * median(earlier) else None,
    )


def _repeatedly(shop: Shop, number: int) -> list[Deployment]:
    namespace = f"copy{number}"
    took: list[Deployment] = []
    for run in range(1, RUNS + 1):
        if run > 1:
            shop.make("down", NAMESPACE=namespace)
        took.append(deploy(shop, 2, namespace))
        answered = took[-1].first_answer
        note(f"release {number}, run {run} of {RUNS}: first answer after {answered:.2f} s")
    return took
