"""Time `make deploy` from outside: a second version, and a release beside many others."""

import resource
import threading
import time
from dataclasses import dataclass
from statistics import median, stdev

from bench import BenchError, Measurement
from bench.shop import LocalShop, open_shop, step_seconds
from release.clients import http
from release.console import note

DEPLOY_AIM = 5.0
RUNS = 5
LAST_RELEASE = 10
NOISE_LIMIT = 0.25
"""A noise beyond this share of the second release's time hides the difference."""


@dataclass(frozen=True)
class DeployTiming:
    """Seconds to the first answer and to the end of make, CPU seconds of make and its children,
    and the seconds of each step.
    """

    first_answer: float
    total: float
    cpu: float
    steps: dict[str, float]


def measure_second_version() -> Measurement:
    """Time `make deploy VERSION=2` beside version 1, to the first 200 through Traefik."""
    with open_shop() as shop:
        note("deploying version 1, then version 2 once to build what it needs")
        shop.make("deploy", VERSION=1)
        shop.make("deploy", VERSION=2)
        shop.make("down", VERSION=2)
        runs = _deploy_repeatedly(shop, "qv2")
    note("where the time goes, medians:")
    for name in runs[0].steps:
        note(f"  {median(run.steps.get(name, 0) for run in runs):5.2f} s  {name}")
    answers = [run.first_answer for run in runs]
    return Measurement(
        f"{median(answers):.2f} s to the first 200 ({min(answers):.2f} to {max(answers):.2f}, "
        f"{RUNS} runs)",
        f"{DEPLOY_AIM:g} s",
        median(answers) <= DEPLOY_AIM,
    )


def measure_many_releases() -> Measurement:
    """Compare the second and the tenth release of one machine, with all others running.

    The medians may differ by their noise: twice the standard error of the runs. CPU time is shown
    beside it, since other load hardly changes it.
    """
    with open_shop() as shop:
        shop.make("deploy", VERSION=2)
        second = _deploy_repeatedly(shop, "copy2")
        for number in range(3, LAST_RELEASE):
            timing = time_deploy(shop, f"copy{number}")
            note(f"release {number}: first answer after {timing.first_answer:.2f} s")
        last = _deploy_repeatedly(shop, f"copy{LAST_RELEASE}")
    earlier, later = ([run.first_answer for run in runs] for runs in (second, last))
    difference = median(later) - median(earlier)
    noise = 2 * ((stdev(earlier) ** 2 + stdev(later) ** 2) / RUNS) ** 0.5
    is_clear = noise <= NOISE_LIMIT * median(earlier)
    if not is_clear:
        note(f"a noise of {noise:.2f} s hides any difference: the machine is too busy")
    cpu = [median(run.cpu for run in runs) for runs in (second, last)]
    return Measurement(
        f"second {median(earlier):.2f} s, tenth {median(later):.2f} s ({difference:+.2f}, noise "
        f"{noise:.2f}); processor {cpu[0]:.2f} and {cpu[1]:.2f} s",
        "the tenth no longer, but for noise",
        difference <= noise if is_clear else None,
    )


def time_deploy(shop: LocalShop, namespace: str) -> DeployTiming:
    """Deploy version 2 as a new release and poll catalog's page from the start."""
    host = "catalog." + namespace.removeprefix("q")  # catalog.v2 for qv2, the default namespace
    if shop.is_up(host):
        raise BenchError(f"{namespace} answers before it is deployed")
    cpu, begin = _cpu_of_children(), time.monotonic()
    answered: list[float] = []

    def poll() -> None:
        if http.wait_until(lambda: shop.is_up(host), limit=60, pause=0.02):
            answered.append(time.monotonic() - begin)

    polling = threading.Thread(target=poll, daemon=True)
    polling.start()
    _, notes = shop.make("deploy", VERSION=2, NAMESPACE=namespace)
    total, cpu = time.monotonic() - begin, _cpu_of_children() - cpu
    polling.join(timeout=10)
    if not answered:
        raise BenchError(f"{namespace} is deployed and does not answer")
    steps = step_seconds(notes.replace(namespace, "the release"))
    return DeployTiming(answered[0], total, cpu, steps)


def _deploy_repeatedly(shop: LocalShop, namespace: str) -> list[DeployTiming]:
    runs: list[DeployTiming] = []
    for number in range(1, RUNS + 1):
        if runs:
            shop.make("down", NAMESPACE=namespace)
        runs.append(time_deploy(shop, namespace))
        note(
            f"{namespace}, run {number} of {RUNS}: first answer after "
            f"{runs[-1].first_answer:.2f} s, command done after {runs[-1].total:.2f} s"
        )
    return runs


def _cpu_of_children() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
