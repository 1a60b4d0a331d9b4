"""What tests of one lifecycle share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Shop


@pytest.fixture
def merged(both: Shop) -> Iterator[Shop]:
    """Both versions behind one host, where version 2 has no visitors; the same afterwards."""
    both.make("merge", WEIGHT=0)
    yield both
    both.make("merge", WEIGHT=0)
