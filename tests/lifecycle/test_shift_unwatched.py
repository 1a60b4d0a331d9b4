"""A shift while one of the Prometheus servers is down: it holds, and then goes on."""

from __future__ import annotations

import pytest

from tests.conftest import Shop, eventually
from tests.lifecycle.shifting import LONG, running, shifting, visitors


@pytest.mark.parametrize(
    "server", ["qv1.prometheus-catalog", "qv2.prometheus-stock", "entrypoint.prometheus-gateway"]
)
def test_a_prometheus_that_is_down_holds_at_every_stage(merged: Shop, server: str) -> None:
    [silent] = running(merged, server)
    with visitors(merged), shifting(merged, DRAIN_LIMIT="5m") as shift:
        for stage in (25, 50, 100):
            shift.reaches(stage)
            begun = len(shift.events)
            silent.suspend()
            try:
                eventually(
                    lambda begun=begun: shift.held("cannot be asked", begun),  # type: ignore[misc]
                    limit=LONG,
                    what=f"a hold at {stage} % without {server}",
                )
                assert shift.moves[-1] == stage
            finally:
                silent.resume()
        code, said = shift.ends()
        assert code == 0, said
    assert shift.moves == [25, 50, 100, 100]
