"""What engines say, in pieces, out of shape or never ending, becomes events and nothing else."""

import base64
import json
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.builds import messages, rawjson
from bot.builds.watch import Gone, Lines, Patience, Stopped, watched
from explainers.builds.model import BuildEvent, Phase

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("stream", "status", "id", "progressDetail", "aux", "error", "errorDetail", "message")
PARTS = ("digest", "name", "started", "completed", "cached", "error", "id", "vertex", "data")
QUICK = Patience(poll=0.01, silence=0.05, tries=2)


@given(st.lists(st.text(alphabet="ab\r\n", max_size=6), max_size=10))
def test_lines_come_out_whole_however_they_came_in(pieces: list[str]) -> None:
    lines = Lines()
    said = [line for piece in pieces for line in lines.take(piece)] + [lines.flush()]
    assert said == [line.removesuffix("\r") for line in "".join(pieces).split("\n")[:-1]] + [
        "".join(pieces).split("\n")[-1]
    ]


def test_a_line_without_end_is_passed_on_in_pieces() -> None:
    lines = Lines()
    pieces = [piece for _ in range(100) for piece in lines.take("x" * 1000)] + [lines.flush()]
    assert "".join(pieces) == "x" * 100_000
    assert max(map(len, pieces)) <= Lines.LONGEST + 1000


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON), max_size=4))
def test_any_message_of_a_docker_engine_is_read(said: list[dict[str, object]]) -> None:
    heard = messages.Heard()
    events = [event for one in said for event in heard.take(Phase.BUILD, one)]
    assert all(isinstance(event, BuildEvent) for event in events)
    assert heard.failed == any(event.error for event in events)


@given(st.lists(st.dictionaries(st.sampled_from(("vertexes", "statuses", "logs")),
                                JSON | st.lists(st.dictionaries(st.sampled_from(PARTS), JSON), max_size=3))
                .map(json.dumps) | st.text(max_size=20), max_size=4))  # fmt: skip
def test_any_line_of_buildctl_is_read(said: list[str]) -> None:
    heard = rawjson.Heard()
    events = [event for one in said for event in heard.take(one)]
    assert all(isinstance(event, BuildEvent) for event in events)
    assert heard.failure("otherwise").error


def test_colour_of_the_engine_and_progress_bars_are_left_out() -> None:
    heard = messages.Heard()
    said: list[dict[str, object]] = [
        {"stream": "\x1b[91mwarning\n\x1b[0m"},
        {"status": "Downloading", "progressDetail": {"current": 1, "total": 2}, "id": "a"},
        {"status": "Pull complete", "progressDetail": {}, "id": "a"},
        {"stream": "no end"},
    ]
    events = [event.text for one in said for event in heard.take(Phase.BUILD, one)]
    assert events == ["warning", "a: Pull complete"]
    assert [event.text for event in heard.rest(Phase.BUILD)] == ["no end"]


def test_only_layers_that_were_made_are_noted() -> None:
    heard = messages.Heard()
    said = [
        "Step 1/4 : FROM x", " ---> aaaa", "Step 2/4 : RUN a", " ---> Using cache", " ---> bbbb",
        "Step 3/4 : COPY a b", " ---> cccc", "Step 4/4 : RUN b", " ---> Running in dddd", " ---> eeee",
    ]  # fmt: skip
    events = [event for line in said for event in heard.take(Phase.BUILD, {"stream": f"{line}\n"})]
    assert (heard.images, heard.containers) == (["cccc", "eeee"], ["dddd"])
    assert [event.step for event in events if event.step] == ["1/4", "2/4", "3/4", "4/4"]


def test_a_line_of_output_that_comes_after_its_step_was_complete_stays_whole() -> None:
    heard = rawjson.Heard()

    def log(text: str) -> str:
        return json.dumps({"logs": [{"vertex": "v", "data": base64.b64encode(text.encode()).decode()}]})

    said = [log("one\ntw"), json.dumps({"vertexes": [{"digest": "v", "name": "RUN", "completed": "now"}]}), log("o\n")]
    assert [event.text for one in said for event in heard.take(one)] == ["one", "two"]


def silent() -> Iterator[int]:
    yield 1
    threading.Event().wait(60)


def test_a_silent_engine_that_lives_is_waited_for_and_one_that_does_not_is_gone() -> None:
    answers = iter([False, True, False, True])
    heard: list[int] = []
    with pytest.raises(Gone):
        heard.extend(watched(silent, (), lambda: False, lambda: next(answers, False), QUICK))
    assert next(answers, None) is None
    with pytest.raises(Gone):
        list(watched(silent, (), lambda: False, lambda: False, QUICK))


def test_stop_is_asked_before_anything_and_while_nothing_comes() -> None:
    with pytest.raises(Stopped):
        next(watched(silent, (), lambda: True, lambda: True, QUICK))
    items, started = (
        watched(silent, (), lambda: time.monotonic() - started > 0.2, lambda: True, QUICK),
        time.monotonic(),
    )
    assert next(items) == 1
    with pytest.raises(Stopped):
        next(items)
    assert time.monotonic() - started > 0.2


def test_what_the_source_raises_is_raised_where_it_is_heard() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ConnectionResetError("peer")

    items = watched(broken, (OSError,), lambda: False, lambda: True, QUICK)
    assert next(items) == 1
    with pytest.raises(ConnectionResetError):
        next(items)


def test_a_listener_that_leaves_does_not_keep_the_reader() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    before = threading.active_count()
    items = watched(endless, (), lambda: False, lambda: True, QUICK)
    assert next(items) == 1
    del items
    until = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < until:
        threading.Event().wait(0.02)
    assert threading.active_count() == before
