"""A broker in memory and a platform that asks it."""

from pathlib import Path

import pytest

from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb import platforms
from tests.unit.bot.osb.platforms import Platform


@pytest.fixture
def broker() -> FakeBroker:
    return platforms.fake()


@pytest.fixture
def platform(broker: FakeBroker, tmp_path: Path) -> Platform:
    return platforms.platform(broker, tmp_path)


@pytest.fixture
def slow_broker() -> FakeBroker:
    """One whose bindings take their time, too."""
    return platforms.fake(slow_bindings=True)


@pytest.fixture
def slow_platform(slow_broker: FakeBroker, tmp_path: Path) -> Platform:
    return platforms.platform(slow_broker, tmp_path)
