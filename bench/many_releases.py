"""Does a release take longer to come up when many others already run?"""

from __future__ import annotations

from statistics import median, stdev

from bench.answer import Answer
from bench.deployment import deploy
from bench.shop import Shop, open_shop
from release.console import note

LAST = 10
RUNS = 5


def measure() -> Answer:
    """The second against the tenth release of one machine, all running.

    Both are brought up several times, with nothing else changed in between. Their medians may
    differ by twice the standard error that the runs themselves show.
    """
    with open_shop() as shop:
        shop.make("deploy", VERSION=2)
        second = _repeatedly(shop, 2)
        for number in range(3, LAST):
            one = deploy(shop, 2, f"copy{number}")
            note(f"release {number}: first answer after {one.first_answer:.2f} s")
        tenth = _repeatedly(shop, LAST)
    difference = median(tenth) - median(second)
    noise = 2 * ((stdev(second) ** 2 + stdev(tenth) ** 2) / RUNS) ** 0.5
    return Answer(
        f"second {median(second):.2f} s, tenth {median(tenth):.2f} s "
        f"({difference:+.2f}, noise {noise:.2f})",
        "the tenth no longer, but for noise",
        difference <= noise,
    )


def _repeatedly(shop: Shop, number: int) -> list[float]:
    namespace = f"copy{number}"
    took = []
    for run in range(1, RUNS + 1):
        if run > 1:
            shop.make("down", NAMESPACE=namespace)
        took.append(deploy(shop, 2, namespace).first_answer)
        note(f"release {number}, run {run} of {RUNS}: first answer after {took[-1]:.2f} s")
    return took
