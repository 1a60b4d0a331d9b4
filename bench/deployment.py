"""One `make deploy`, watched from outside: when its first answer came, and where the time went."""

from __future__ import annotations

import re
import resource
import threading
import time
from dataclasses import dataclass

from bench.answer import BenchError
from bench.shop import Shop, failure
from release.model.names import Names

_STEP = re.compile(r"done\s+(.+?)\s+\d+\.\d s")
_PAUSE = 0.02


@dataclass(frozen=True)
class Deployment:
    """Seconds since make was started, and what the command itself used of the processors, with the
    programs that it ran to their end. `steps` has the moment each step was reported done, in
    order; a release's own name in it is replaced, so that releases compare.
    """

    first_answer: float
    whole: float
    processor: float
    steps: dict[str, float]

    @property
    def parts(self) -> dict[str, float]:
        """Where the time went: seconds up to and including each step, then to the command's end."""
        ends = [*self.steps.values(), self.whole]
        begins = [0.0, *self.steps.values()]
        names = [*self.steps, "the table of what runs"]
        return {name: end - begin for name, begin, end in zip(names, begins, ends, strict=True)}


def deploy(shop: Shop, version: int, namespace: str) -> Deployment:
    """Deploy a release that is not there yet, and ask for catalog's page from the start.

    Raises BenchError when it answers already, or fails.
    """
    is_usual = namespace == Names().version(version)
    host = f"catalog.v{version}" if is_usual else f"catalog.{namespace}"
    if shop.get(host)[0] == 200:
        raise BenchError(f"{namespace} answers before it is deployed")
    used, begin = _used(), time.monotonic()
    answered: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not answered and not over.wait(_PAUSE):
            if shop.get(host)[0] == 200:
                answered.append(time.monotonic() - begin)

    asking = threading.Thread(target=ask)
    asking.start()
    steps: dict[str, float] = {}
    said = []
    try:
        with shop.start("deploy", VERSION=version, NAMESPACE=namespace) as process:
            for line in process.stderr or ():
                said.append(line)
                if step := _STEP.match(line):
                    steps[step[1].replace(namespace, "the release")] = time.monotonic() - begin
            process.communicate()
        whole, used = time.monotonic() - begin, _used() - used
        if process.returncode != 0:
            raise failure("deploy", "".join(said))
        asking.join(timeout=10)
    finally:
        over.set()
        asking.join()
    if not answered:
        raise BenchError(f"{namespace} is deployed and does not answer")
    return Deployment(answered[0], whole, used, steps)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
