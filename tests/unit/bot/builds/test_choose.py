"""Each Dockerfile goes to an engine that can build it."""

import io

import pytest

from bot.builds.choose import Engines
from commands.base.errors import Unavailable, UsageError
from explainers.builds.model import BuildEvent, Order, Phase
from tests.contract.build_places import context, never
from tests.contract.fakes.engine import FakeEngine

PLAIN = "FROM x\nRUN echo hello\n"
MODERN = "FROM x\nRUN --mount=type=cache,target=/a echo hello\n"
ORDER = Order("localhost:5000/shop:1")


class Pipe(io.BytesIO):
    """An archive as it comes over a network: read once, never sought."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation("seek")


def build(engines: Engines, dockerfile: str, order: Order = ORDER) -> list[BuildEvent]:
    return list(engines.build(order, context(dockerfile, path=order.dockerfile), [], never))


def test_what_needs_buildkit_goes_there_and_the_rest_to_the_first() -> None:
    classic, modern = FakeEngine(), FakeEngine(buildkit=True)
    engines = Engines([classic, modern])
    assert engines.buildkit
    assert build(engines, PLAIN)[-1].digest
    assert (len(classic.orders), len(modern.orders)) == (1, 0)
    assert build(engines, MODERN)[-1].digest
    assert (len(classic.orders), len(modern.orders)) == (1, 1)


def test_without_buildkit_it_is_said_with_the_line_and_nothing_is_sent() -> None:
    classic = FakeEngine()
    engines = Engines([classic])
    assert not engines.buildkit
    events = build(engines, MODERN)
    assert events == [
        BuildEvent(
            Phase.BUILD, error="Dockerfile line 2: RUN --mount requires BuildKit, and no BuildKit engine is set up."
        )
    ]
    assert classic.orders == []
    assert build(engines, PLAIN)[-1].digest


def test_the_dockerfile_is_found_wherever_it_is() -> None:
    classic, modern = FakeEngine(), FakeEngine(buildkit=True)
    assert build(Engines([classic, modern]), MODERN, Order(ORDER.image, dockerfile="a/b/Dockerfile"))[-1].digest
    assert modern.orders


def test_a_stream_that_cannot_be_sought_is_passed_on_whole() -> None:
    classic, modern = FakeEngine(), FakeEngine(buildkit=True)
    source = Pipe(context(MODERN, {"big": "x" * 3_000_000}).getvalue())
    assert list(Engines([classic, modern]).build(ORDER, source, [], never))[-1].digest
    assert modern.orders


def test_an_engine_that_is_away_leaves_the_work_to_another() -> None:
    classic, modern = FakeEngine(away="gone"), FakeEngine(buildkit=True)
    engines = Engines([classic, modern])
    engines.check()
    assert build(engines, PLAIN)[-1].digest
    assert modern.orders


def test_when_all_are_away_the_first_says_why() -> None:
    engines = Engines([FakeEngine(away="one"), FakeEngine(buildkit=True, away="two")])
    with pytest.raises(Unavailable) as caught:
        engines.check()
    assert "one" in caught.value.message
    assert ["one" in event.error for event in build(engines, PLAIN)] == [True]
    assert ["two" in event.error for event in build(engines, MODERN)] == [True]


def test_what_is_no_archive_is_an_error() -> None:
    engines = Engines([FakeEngine(), FakeEngine(buildkit=True)])
    events = list(engines.build(ORDER, io.BytesIO(b"not a tar archive" * 100), [], never))
    assert len(events) == 1
    assert "cannot be read" in events[0].error


def test_leaving_the_events_ends_the_chosen_build() -> None:
    classic = FakeEngine()
    events = Engines([classic]).build(ORDER, context("FROM x\nRUN echo hi; sleep 60\n"), [], never)
    assert next(iter(events)).step == "1/2"
    assert classic.working == 1
    del events
    assert classic.working == 0


def test_no_engine_at_all_is_a_wrong_setting() -> None:
    with pytest.raises(UsageError) as caught:
        Engines([])
    assert "TESSERA_DOCKER_HOST" in caught.value.hint
