"""The port BuildEngine, on a real Docker Engine, a real buildkitd, and the fake that other tests use."""

import io
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import cast

import docker
import pytest

from commands.base.errors import Unavailable
from commands.base.ports import BuildEngine
from explainers.builds.model import BuildEvent, Order, Phase
from tests.contract.build_places import (
    BASE,
    LOGIN,
    PRIVATE,
    BuildKitPlace,
    DockerPlace,
    FakePlace,
    Place,
    context,
    never,
)
from tests.contract.buildkit_server import buildkitd
from tests.contract.engine_proxy import Proxy, proxied
from tests.contract.fakes.engine import FakeEngine

ROOT = Path(__file__).parents[2]
SLEEPS = "FROM {base}\nRUN echo {marker}\nRUN echo working; sleep 3600; echo {marker}\n"


@pytest.fixture(scope="module")
def buildkit() -> Iterator[str]:
    with buildkitd("localhost:5000") as address:
        yield address


DOCKER = pytest.param("docker", marks=[pytest.mark.docker, pytest.mark.registry])
BUILDKIT = pytest.param("buildkit", marks=[pytest.mark.buildkit, pytest.mark.registry])


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "docker":
        return DockerPlace("docker")
    if request.param == "buildkit":
        return BuildKitPlace("buildkit", address=request.getfixturevalue("buildkit"))
    return FakePlace("fake")


every = pytest.mark.parametrize("place", [DOCKER, BUILDKIT, "fake"], indirect=True)
real = pytest.mark.parametrize("place", [DOCKER, BUILDKIT], indirect=True)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    end, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > end:
            return False
        pause.wait(0.05)
    return True


@every
def test_an_image_is_pushed_and_the_registry_has_its_digest(place: Place) -> None:
    engine = place.engine()
    engine.check()
    order = place.order(labels={"org.example.quote": 'a "b" $c\nd', "x": ""}, arguments={"WHO": "me $HOME"})
    events = place.build(engine, f"FROM {BASE}\nARG WHO\nENV WHO=$WHO\nRUN echo hello {place.marker}\n", order)
    assert [event.error for event in events if event.error] == []
    assert events[-1].digest == place.digest(engine, order)
    assert [event for event in events if event.digest] == events[-1:]
    assert f"hello {place.marker}" in [event.text for event in events if event.phase is Phase.BUILD]
    assert [event.phase for event in events] == sorted((event.phase for event in events), key=list(Phase).index)
    assert len([event for event in events if event.step]) >= 2
    configuration = place.configuration(engine, order)
    assert dict(order.labels).items() <= configuration["Labels"].items()
    assert "WHO=me $HOME" in configuration["Env"]
    assert place.remains(engine) == []


@every
def test_the_same_sources_give_the_same_digest(place: Place) -> None:
    engine, dockerfile = place.engine(), f"FROM {BASE}\nRUN echo {place.marker}\n"
    order = place.order(labels={"a": "b"})
    first, second = place.build(engine, dockerfile, order), place.build(engine, dockerfile, order)
    assert first[-1].digest
    assert first[-1].digest == second[-1].digest


@every
def test_other_contents_of_the_same_size_and_age_are_other_contents(place: Place) -> None:
    """Two commits of one second may differ in one letter. BuildKit compares with what it had by size and time."""
    engine = place.engine()
    for page, last in (("one", 1), ("two", 1), ("two", 2)):
        dockerfile = f"FROM {BASE}\nCOPY page /\nRUN cat /page; echo; echo {place.marker}-{last}\n"
        events = list(engine.build(place.order(), context(dockerfile, {"page": page}), [LOGIN], never))
        assert events[-1].digest, events[-1].error
        said = [event.text for event in events]
        assert f"{place.marker}-{last}" in said
        assert page in said or isinstance(place, FakePlace)


@every
def test_a_failing_instruction_gives_its_exit_code_and_its_last_lines(place: Place) -> None:
    engine = place.engine()
    events = place.build(engine, f"FROM {BASE}\nRUN echo {place.marker}; echo second; exit 37\n")
    assert (events[-1].phase, events[-1].code) == (Phase.BUILD, 37)
    assert "37" in events[-1].error
    said = [event.text for event in events]
    assert said.index("second") == said.index(place.marker) + 1
    assert len([event for event in events if event.error or event.digest]) == 1
    assert place.digest(engine, place.order()) == ""
    assert place.remains(engine) == []


def begun(place: Place, engine: BuildEngine, stop: Callable[[], bool]) -> Iterator[BuildEvent]:
    """The events after the moment at which the engine sleeps in an instruction."""
    events = iter(engine.build(place.order(), context(SLEEPS.format(base=BASE, marker=place.marker)), [LOGIN], stop))
    for event in events:
        assert not event.error
        if event.text == "working":
            return events
    raise AssertionError("the build ended")


@every
def test_stop_ends_the_work_in_the_engine(place: Place) -> None:
    engine, stopped = place.engine(), threading.Event()
    events = begun(place, engine, stopped.is_set)
    assert place.remains(engine)
    stopped.set()
    assert [event for event in events if event.error or event.digest] == []  # the instruction would take an hour
    assert until(lambda: not place.remains(engine))
    if isinstance(place, DockerPlace):
        assert place.images() == []


@every
def test_leaving_the_events_ends_the_work_too(place: Place) -> None:
    engine = place.engine()
    events = begun(place, engine, never)
    close = getattr(events, "close", None)
    assert close is not None
    close()
    assert until(lambda: not place.remains(engine))


@every
def test_who_leaves_with_the_digest_leaves_nothing_named_and_may_build_on(place: Place) -> None:
    """The engine may tidy up behind their back; a build of the same name that comes at once is not in its way."""
    engine, order, source = place.engine(), place.order(), f"FROM {BASE}\nRUN echo {place.marker}\n"
    digests = []
    for _ in range(3):
        said = cast("Generator[BuildEvent]", engine.build(order, context(source), [LOGIN], never))
        with closing(said) as events:
            digests.append(next(event.digest for event in events if event.digest or event.error))
    assert set(digests) == {place.digest(engine, order)}
    assert until(lambda: not place.remains(engine))


@every
def test_a_push_without_login_is_an_error(place: Place) -> None:
    engine, order = place.engine(), place.order(PRIVATE)
    source = f"FROM {BASE}\nRUN echo {place.marker}\n"
    events = list(engine.build(order, context(source), [], never))
    assert events[-1].phase is Phase.PUSH
    assert events[-1].error
    assert place.digest(engine, order) == ""
    assert place.remains(engine) == []
    assert place.build(engine, source, order)[-1].digest == place.digest(engine, order) != ""


@every
@pytest.mark.parametrize(
    "image", ["", "a/UPPER:1", "x", "x:1 --push", "--rm:1", f"{'a' * 300}:1", "ä:1", "x:1@sha256:0"]
)
def test_what_is_no_reference_is_refused(place: Place, image: str) -> None:
    events = place.build(place.engine(), f"FROM {BASE}\n", Order(image))
    assert len(events) == 1
    assert "is not an image reference" in events[0].error


@every
@pytest.mark.parametrize("path", ["", "/etc/passwd", "../Dockerfile", "a/../../b"])
def test_a_dockerfile_outside_the_context_is_refused(place: Place, path: str) -> None:
    events = place.build(place.engine(), f"FROM {BASE}\n", place.order(dockerfile=path))
    assert len(events) == 1
    assert "inside the build context" in events[0].error


@every
def test_an_engine_that_is_away_says_what_to_do(place: Place, tmp_path: Path) -> None:
    engine = place.engine(f"unix://{tmp_path}/none.sock")
    with pytest.raises(Unavailable) as caught:
        engine.check()
    assert "does not answer" in caught.value.message
    assert "start" in caught.value.hint
    events = place.build(engine, f"FROM {BASE}\n")
    assert len(events) == 1
    assert events[0].error


@every
def test_two_builds_at_once_do_not_meet(place: Place) -> None:
    engine = place.engine()
    orders = [Order(f"localhost:5000/{place.marker}:{number}", arguments={"N": str(number)}) for number in range(2)]
    source = f"FROM {BASE}\nARG N\nENV N=$N\nRUN echo {place.marker} $N; sleep 2\n"
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda order: place.build(engine, source, order), orders))
    for number, (order, events) in enumerate(zip(orders, both, strict=True)):
        assert events[-1].digest == place.digest(engine, order) != ""
        assert f"{place.marker} {number}" in [event.text for event in events]
        assert f"N={number}" in place.configuration(engine, order)["Env"]
    assert both[0][-1].digest != both[1][-1].digest
    assert place.remains(engine) == []


@every
def test_a_hundred_thousand_lines_are_passed_on_not_kept(place: Place) -> None:
    events = place.engine().build(
        place.order(), context(f"FROM {BASE}\nRUN echo {place.marker}; seq 100000\n"), [], never
    )
    tracemalloc.start()
    try:
        numbers = [int(event.text) for event in events if event.text.isdigit()]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert numbers == list(range(1, 100_001))
    assert peak < 20_000_000  # the list of numbers is 4 MB of it


@pytest.fixture
def proxy(place: Place, tmp_path: Path) -> Iterator[Proxy]:
    with proxied(tmp_path, place.socket) as running:
        yield running


@real
@pytest.mark.parametrize("fate", ["die", "freeze"])
def test_an_engine_that_goes_away_in_the_middle_is_an_error(place: Place, proxy: Proxy, fate: str) -> None:
    engine = place.engine(proxy.url)
    events = begun(place, engine, never)
    getattr(proxy, fate)()
    last = list(events)[-1]
    assert last.phase is Phase.BUILD
    assert last.error
    proxy.recover()
    proxy.die()
    proxy.recover()
    engine.check()
    assert until(lambda: not place.remains(engine))


class Slow(io.BytesIO):
    """A context that comes over a slow line."""

    def read(self, size: int | None = -1) -> bytes:
        time.sleep(0.02)
        return super().read(min(size or 10_240, 10_240) if size != -1 else -1)


@real
def test_stop_does_not_wait_for_the_context(place: Place) -> None:
    engine, started = place.engine(), time.monotonic()
    source = Slow(context(f"FROM {BASE}\n", {"big": "x" * 20_000_000}).getvalue())
    assert list(engine.build(place.order(), source, [], lambda: time.monotonic() - started > 0.5)) == []
    assert source.tell() < 10_000_000
    assert place.remains(engine) == []


WORKER = """
import sys
from tests.contract.build_places import BuildKitPlace, DockerPlace, context, never
name, marker, address, source = sys.argv[1:]
place = DockerPlace(name, marker) if name == "docker" else BuildKitPlace(name, marker, address=address)
for event in place.engine().build(place.order(), context(source), [], never):
    print(event.text, flush=True)
"""


@real
def test_the_build_of_a_killed_worker_ends(place: Place, tmp_path: Path) -> None:
    source = SLEEPS.format(base=BASE, marker=place.marker)
    command = [sys.executable, "-c", WORKER, place.name, place.marker, f"unix://{place.socket}", source]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as worker:
        assert worker.stdout is not None
        assert "working\n" in worker.stdout
        worker.kill()
    engine = place.engine()
    assert until(lambda: not place.remains(engine))


@pytest.mark.parametrize("place", [DOCKER], indirect=True)
def test_what_a_killed_worker_named_is_unnamed_by_the_next_build(place: Place) -> None:
    engine, order, failing = place.engine(), place.order(), f"FROM {BASE}\nRUN exit 1\n"
    assert place.build(engine, failing)[-1].code == 1
    with docker.APIClient(f"unix://{place.socket}", version="1.41") as client:
        client.tag(BASE, *order.image.rsplit(":", 1))
    assert place.remains(engine) == [order.image]
    assert place.build(engine, failing)[-1].code == 1
    assert place.remains(engine) == []


def test_the_fake_plays_a_script() -> None:
    said = BuildEvent(Phase.BUILD, text="one", step="1/1")
    failed = BuildEvent(Phase.BUILD, error="no space left on device")
    engine = FakeEngine(script=lambda _order, _dockerfile: [said, 0.01, failed])
    order = Order("localhost:5000/shop:1")
    assert list(engine.build(order, context("FROM x\n"), [], never)) == [said, failed]
    assert engine.orders == [order]
    assert engine.images == {}
