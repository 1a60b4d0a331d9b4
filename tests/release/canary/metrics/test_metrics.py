"""A real gateway and a real Prometheus count requests with every kind of end."""

from __future__ import annotations

import pytest

from canary_analysis import Counts
from release.canary import traefik_metrics as counters
from release.canary.metrics import GatewayMetrics
from release.clients.prometheus import Prometheus
from release.errors import UnansweredError, UsageError
from tests.conftest import eventually, free_port
from tests.release.canary.metrics.conftest import NEW, SLOW, Gateway, begun, counting, settled

BROKEN_BODY = b"POST /200 HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nno\r\n"


@pytest.mark.parametrize(
    ("host", "path", "patience", "seen"),
    [
        ("new", "/200", 10, Counts(1)),
        ("new", "/303", 10, Counts(1)),
        ("new", "/503", 10, Counts(1, failed=1)),
        ("new", "/late/503", 10, Counts(1, failed=1)),
        ("new", "/late/200", 10, Counts(1, slow=1)),
        ("new", "/late/404", 10, Counts(1, slow=1)),
        ("new", "/404", 10, Counts(1, wrong=1)),
        ("new", "/409", 10, Counts(1)),
        ("new", "/429", 10, Counts(1)),
        # A client that went away at once, and one that gave up.
        ("new", "/late/200", SLOW / 6, Counts(1, wrong=1)),
        ("new", "/late/200", SLOW * 1.5, Counts(1, slow=1)),
    ],
)
def test_every_end_of_a_request_is_counted_once(
    gateway: Gateway, host: str, path: str, patience: float, seen: Counts
) -> None:
    with counting(gateway.evidence()) as looks:
        gateway.get(host, path, patience)
    assert looks[0].pair.new == seen
    assert looks[0].pair.old == Counts()


def test_both_versions_are_told_apart_and_other_routes_left_out(gateway: Gateway) -> None:
    with counting(gateway.evidence()) as looks:
        for host, path in (("old", "/200"), ("old", "/500"), ("new", "/200"), ("pinned", "/500")):
            gateway.get(host, path)
    assert looks[0].pair.old == Counts(2, failed=1)
    assert looks[0].pair.new == Counts(1)


def test_what_happened_before_the_beginning_is_past(gateway: Gateway) -> None:
    evidence = gateway.evidence()
    for _ in range(5):
        gateway.get("new", "/500")
    with counting(evidence) as looks:
        gateway.get("new", "/200")
    assert looks[0].pair.new == Counts(1)
    # A second step begins at zero again.
    assert begun(evidence).pair.new == Counts()


def test_a_dead_replica_counts_and_a_retry_counts_each_attempt(gateway: Gateway) -> None:
    """So what a retry hides from the client is still seen, and a retried request counts twice."""
    half_dead = GatewayMetrics(gateway.prometheus, "pinned@file", "half-dead@file", SLOW)
    with counting(half_dead) as looks:
        answers = [gateway.get("dead", "/200") for _ in range(4)]
        retried = [gateway.get("retry", "/200") for _ in range(4)]
    assert sorted(answers) == [200, 200, 502, 502]
    assert retried == [200] * 4
    new = looks[0].pair.new
    # Whether a retried request met the dead one first is the balancer's turn.
    assert new.requests - new.failed == 6
    assert 2 < new.failed <= 6


def test_a_broken_body_counts_against_a_version_unless_a_buffer_stands_before_it(
    gateway: Gateway,
) -> None:
    """Traefik says 500 of its own. Without a buffer anybody could spoil a version's record."""
    with counting(gateway.evidence()) as looks:
        assert b" 500 " in gateway.send(BROKEN_BODY % b"new")
    assert looks[0].pair.new == Counts(1, failed=1)
    with counting(gateway.evidence()) as looks:
        assert b" 500 " in gateway.send(BROKEN_BODY % b"buffered")
    assert looks[0].pair.new == Counts()


def test_traffic_flows_only_while_both_versions_have_some(gateway: Gateway) -> None:
    evidence = gateway.evidence()
    assert not begun(evidence).flowing

    def asked(*hosts: str) -> bool:
        for host in hosts:
            gateway.get(host, "/200")
        look = evidence.sample()
        return look is not None and look.flowing

    eventually(lambda: asked("old", "new"), what="both have requests")
    eventually(lambda: not asked("old"), what="one has none any more")


def test_the_rate_is_that_of_the_weighted_route(gateway: Gateway) -> None:
    evidence = gateway.evidence()
    begun(evidence)
    for _ in range(30):
        gateway.get("new", "/200")
    look = settled(evidence)
    assert look.pair.new.requests == 30
    assert 0 < evidence.rate() <= 30


def test_the_traffic_of_another_shop_is_none(gateway: Gateway) -> None:
    evidence = gateway.evidence()
    begun(evidence)
    for _ in range(30):
        gateway.get("stage", "/500")
    gateway.get("new", "/200")
    assert settled(evidence).pair.new == Counts(1)
    assert counted_services(gateway) == {NEW}


def counted_services(gateway: Gateway) -> set[str]:
    """Services whose series are read."""
    scrapes = counters.scrapes(gateway.prometheus, [NEW], SLOW, 60)
    return {kind.service for scrape in scrapes for kind in scrape.counters}


def test_a_restarted_gateway_neither_loses_nor_invents_requests(gateway: Gateway) -> None:
    for _ in range(5):
        gateway.get("new", "/200")
    with counting(gateway.evidence()) as looks:
        for path in ("/200", "/504", "/200"):
            gateway.get("new", path)
        evidence = gateway.evidence()
        settled_before = begun(evidence).at
        gateway.stop("traefik")
        gateway.start("traefik")
        # As many failures as before: no counter falls, and yet they are new.
        for path in ("/200", "/504"):
            gateway.get("new", path)
        eventually(lambda: (evidence.sample() or begun(evidence)).at > settled_before)
    assert looks[0].pair.new == Counts(5, failed=2)


def test_a_prometheus_that_was_away_is_no_answer_and_then_goes_on(gateway: Gateway) -> None:
    evidence = gateway.evidence()
    begun(evidence)
    gateway.get("new", "/200")
    assert settled(evidence).pair.new == Counts(1)
    gateway.stop("prometheus")
    gateway.get("new", "/500")
    with pytest.raises(UnansweredError, match="cannot be asked"):
        evidence.sample()
    gateway.start("prometheus")
    assert settled(evidence).pair.new == Counts(2, failed=1)


def test_a_limit_that_the_gateway_does_not_count_by_is_refused(gateway: Gateway) -> None:
    gateway.get("new", "/200")
    begun(gateway.evidence())
    evidence = gateway.evidence(slow=0.7)
    with pytest.raises(UsageError, match=r"SLOW=0.7: .* 0.1, 0.3, 1.2, 5 s"):
        eventually(evidence.sample)


def test_a_prometheus_that_is_none_cannot_be_asked(gateway: Gateway) -> None:
    nobody = Prometheus(f"http://127.0.0.1:{free_port()}")
    for base in (nobody, Prometheus(f"http://127.0.0.1:{gateway.port}", "old")):
        with pytest.raises(UnansweredError):
            base.query("up")
    with pytest.raises(UnansweredError, match="refuses the query"):
        gateway.prometheus.query("up{")


def test_ranges_and_alerts_can_be_asked_for(gateway: Gateway) -> None:
    now = gateway.prometheus.now()
    (series,) = gateway.prometheus.query_range("vector(7)", now - 10, now, 5)
    assert [sample.value for sample in series.samples] == [7, 7, 7]
    assert gateway.prometheus.firing() == []


def test_no_answer_at_all_is_a_failure() -> None:
    kind = counters.SeriesKey("x", "0", "GET", "http")
    assert counters.counts(kind, (3.0, 3.0)) == Counts(3, failed=3)
