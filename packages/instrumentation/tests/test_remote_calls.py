import pytest
from prometheus_client import CollectorRegistry

from instrumentation import RemoteCalls
from instrumentation.remote_calls import OUTCOMES, Outcome


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def remote(registry: CollectorRegistry) -> RemoteCalls:
    return RemoteCalls(registry, "stock", ["list", "purchase"])


def count(registry: CollectorRegistry, call: str, outcome: str) -> float | None:
    labels = {"service": "stock", "call": call, "outcome": outcome}
    return registry.get_sample_value("remote_call_duration_seconds_count", labels)


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("call", ["list", "purchase"])
def test_every_call_and_outcome_is_there_from_the_start(
    registry: CollectorRegistry, call: str, outcome: str
) -> None:
    assert count(registry, call, outcome) == 0


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_call_ends_as_its_caller_says(
    registry: CollectorRegistry, remote: RemoteCalls, outcome: Outcome
) -> None:
    with remote.measure("list") as call:
        call.outcome = outcome
    assert count(registry, "list", outcome) == 1


def test_a_call_without_a_word_is_ok(registry: CollectorRegistry, remote: RemoteCalls) -> None:
    with remote.measure("list"):
        pass
    assert count(registry, "list", "ok") == 1


def test_an_escaping_exception_means_unreachable(
    registry: CollectorRegistry, remote: RemoteCalls
) -> None:
    with pytest.raises(OSError, match="gone"), remote.measure("purchase"):
        raise OSError("gone")
    assert count(registry, "purchase", "unreachable") == 1


def test_an_outcome_said_before_an_exception_stands(
    registry: CollectorRegistry, remote: RemoteCalls
) -> None:
    def call_and_time_out() -> None:
        with remote.measure("purchase") as call:
            call.outcome = "timeout"
            raise TimeoutError

    with pytest.raises(TimeoutError):
        call_and_time_out()
    assert count(registry, "purchase", "timeout") == 1
    assert count(registry, "purchase", "unreachable") == 0


def test_a_call_nobody_announced_is_refused(remote: RemoteCalls) -> None:
    with pytest.raises(KeyError), remote.measure("delete"):
        pass
