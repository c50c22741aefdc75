"""What the demo builds with."""

from pathlib import Path

import pytest

from bot.building import builds
from bot.demo import engine_of
from bot.settings import Settings


@pytest.mark.parametrize("url", ["unix:///nowhere/docker.sock", "tcp://192.0.2.1:2375", "nonsense"])
def test_without_an_engine_that_answers_nothing_is_built_and_the_reason_is_said(url: str, tmp_path: Path) -> None:
    settings, why = engine_of(Settings(docker_host=url, buildkit_host="tcp://buildkitd:1234"))
    assert why
    assert builds(settings) is None
