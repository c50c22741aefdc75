"""Turns at the cluster, for tests that need its DNS and for the one that takes it away."""

from collections.abc import Iterator

import pytest

from tests.cluster.turns import turn as taken


@pytest.fixture
def turn(request: pytest.FixtureRequest) -> Iterator[None]:
    """Wait for a turn; the mark `alone` is for a test that breaks the cluster for others."""
    with taken(alone=request.node.get_closest_marker("alone") is not None):
        yield
