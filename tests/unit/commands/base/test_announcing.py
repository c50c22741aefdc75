"""A code host hears how a build goes: once put up, whatever dies; and no build waits for it or fails with it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from commands.base.announcing import Announcer, Pace
from commands.base.cancelling import cancel
from commands.base.errors import Denied, TesseraError, Unavailable
from commands.base.owing import Owing, pay
from commands.base.request import Reply
from explainers.builds.notice import Course, News, Notice
from explainers.document import Document, Stage, StageState, Tone
from tests.contract.fakes.engine import FakeEngine
from tests.fakes.code_host import FakeRepository
from tests.fakes.noticeboard import FakeBoard
from tests.unit.commands.building import DOCKERFILE, Killed, World

AWAY = Unavailable("GitHub cannot be reached: Connection refused.")


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard(repositories=("team/shop",))


@pytest.fixture
def world(board: FakeBoard) -> World:
    made = World(FakeRepository(), FakeEngine())
    made.push("main")
    made.push("broken", f"{DOCKERFILE}RUN exit 3\n")
    assert made.desk.builds
    made.desk.builds = replace(made.desk.builds, boards=(board,))
    return made


def wait(ready: Callable[[], object]) -> None:
    for _ in range(600):
        if ready():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not come to that")


def test_a_build_that_serves_is_a_success_in_its_own_environment(world: World, board: FakeBoard) -> None:
    world.desk.types("build shop main", id="r-1")
    [notice] = board.notices
    sha = world.repository.branches["main"]
    assert notice == Notice("team/shop", sha, "shop/shop (sandbox)", "tessera shop/shop", "r-1")
    assert board.courses[-1] == "SUCCEEDED"
    assert "runs" in board.told[-1][1].headline
    assert any("✓ push" in line for line in board.told[-1][1].lines)


def test_a_build_that_fails_is_a_failure(world: World, board: FakeBoard) -> None:
    world.desk.types("build shop broken")
    assert board.courses[-1] == "FAILED"


def test_a_build_that_is_cancelled_is_neither(world: World, board: FakeBoard) -> None:
    def press(_document: Document) -> None:
        cancel(world.state, "r-1", "ben")
        world.desk.bench.now += timedelta(seconds=2)

    world.on_show = press
    world.engine.script = lambda _order, _dockerfile: [60.0]
    world.desk.types("build shop main", id="r-1")
    assert board.courses[-1] == "CANCELLED"


def test_what_is_left_to_git_was_not_rolled_out(world: World, board: FakeBoard) -> None:
    world.annotate(**{"kustomize.toolkit.fluxcd.io_name": "shop", "kustomize.toolkit.fluxcd.io_namespace": "flux"})
    world.desk.types("build shop main")
    assert board.courses[-1] == "KEPT"


def test_what_no_code_host_shows_is_put_up_nowhere(world: World, board: FakeBoard) -> None:
    board.repositories = ()
    assert world.desk.types("build shop main").outcome == "healthy"
    assert board.notices == []


@pytest.mark.parametrize("error", [AWAY, Denied("GitHub does not let the login write.", "grant it")])
def test_a_host_that_does_not_take_it_fails_no_build_and_is_said_once(
    world: World, board: FakeBoard, error: TesseraError
) -> None:
    board.fails = [error] * 50
    first, second = world.desk.types("build shop main"), world.desk.types("build shop main")
    assert (first.outcome, world.image()) != ("", "acme/shop:1")
    told = f"not shown by the deployments at github.test: {error.message}"
    assert sum(fact.startswith(told) for fact in (*first.document.facts, *second.document.facts)) == 1


def test_a_worker_that_is_killed_puts_nothing_up_twice(world: World, board: FakeBoard) -> None:
    def killed(document: Document) -> None:
        stages = {stage.name: stage.state for stage in document.stages}
        if stages["push"] is StageState.DONE:
            wait(lambda: board.told)
            world.state.dead = True
            raise Killed

    world.on_show = killed
    with pytest.raises(Killed):
        world.desk.types("build shop main", id="r-1")
    world.on_show, world.state.dead = None, False
    assert world.desk.types("build shop main", id="r-1").outcome == "healthy"
    assert len(board.notices) == 1
    assert board.courses[-1] == "SUCCEEDED"


def test_one_that_died_between_putting_up_and_noting_it_finds_it_again(world: World, board: FakeBoard) -> None:
    world.desk.types("build shop main", id="r-1")
    for key in [key for key in world.state.keys if "notice:" in key]:
        world.state.put(key, "tried", None)
    world.desk.types("build shop main", id="r-1")
    assert len(board.notices) == 1


def test_work_that_breaks_off_says_so_and_goes_on_with_the_same(world: World, board: FakeBoard) -> None:
    broken = [True]

    def breaks(document: Document) -> None:
        if broken and document.stages[0].state is StageState.DONE:
            wait(lambda: board.told)
            broken.clear()
            raise Unavailable("Slack does not answer.")

    world.on_show = breaks
    with pytest.raises(Unavailable):
        world.desk.types("build shop main", id="r-1")
    assert board.told[-1][1] == News(Course.FAILED, "Interrupted: Slack does not answer.")
    world.desk.types("build shop main", id="r-1")
    assert (len(board.notices), board.courses[-1]) == (1, "SUCCEEDED")


def test_the_end_is_told_until_the_host_takes_it(world: World, board: FakeBoard) -> None:
    notice = Notice("team/shop", "0" * 40, "shop", "tessera", "r-9")
    pace = Pace(grace=30, again=0.01, patience=30)
    told = Announcer([board], notice, world.desk.services, pace)
    running = Document(Tone.WORKING, "Building", stages=(Stage("build", StageState.RUNNING),))
    with told:
        told.beside(world.desk.services.audience).show(running)
        wait(lambda: board.courses == ["RUNNING"])
        board.fails = [AWAY] * 5
        reply = told.ended(Reply(Document(Tone.FAULT, "not built"), outcome="fault"))
    assert any("cannot be reached" in fact for fact in reply.document.facts)
    wait(lambda: board.courses == ["RUNNING", "FAILED"])


def test_what_the_host_does_not_take_at_the_end_is_left_to_the_queue(world: World, board: FakeBoard) -> None:
    jobs: list[str] = []
    assert world.desk.builds
    world.desk.builds = replace(world.desk.builds, later=jobs.append)

    def falls_silent(document: Document) -> None:
        if document.stages[-1].state is StageState.DONE:
            wait(lambda: board.told)
            board.fails = [AWAY] * 1000

    world.on_show = falls_silent
    world.desk.types("build shop main", id="r-1")
    assert len(jobs) == 1
    with pytest.raises(Unavailable):
        pay(world.state, [board], jobs[0])
    board.fails = []
    assert pay(world.state, [board], jobs[0]) == ""
    assert (len(board.notices), board.courses[-1]) == (1, "SUCCEEDED")
    told = len(board.told)
    assert pay(world.state, [board], jobs[0]) == ""
    assert len(board.told) == told, "it is owed once"


def test_an_end_that_is_refused_for_good_is_owed_no_more(world: World, board: FakeBoard) -> None:
    jobs: list[str] = []
    owing = Owing(world.state, board, Notice("team/shop", "0" * 40, "shop", "tessera", "r-9"))
    owing.tell(News(Course.RUNNING, "build"))
    owing.keep(News(Course.FAILED, "not built"), jobs.append)
    board.fails = [Denied("GitHub does not let the login write.")]
    assert pay(world.state, [board], jobs[0]) == "GitHub does not let the login write."
    assert pay(world.state, [board], jobs[0]) == ""
    assert board.courses == ["RUNNING"]


def test_an_end_that_is_owed_is_not_told_over_what_came_after_it(world: World, board: FakeBoard) -> None:
    """A job that broke off is run again: what was owed of the first run is not how the build ended."""
    jobs: list[str] = []
    owing = Owing(world.state, board, Notice("team/shop", "0" * 40, "shop", "tessera", "r-9"))
    owing.tell(News(Course.RUNNING, "build"))
    owing.keep(News(Course.FAILED, "Interrupted: the cluster did not answer."), jobs.append)
    owing.tell(News(Course.SUCCEEDED, "`shop` runs it"))
    assert pay(world.state, [board], jobs[0]) == ""
    assert board.courses == ["RUNNING", "SUCCEEDED"]


def test_a_board_that_is_gone_is_owed_nothing(world: World, board: FakeBoard) -> None:
    jobs: list[str] = []
    owing = Owing(world.state, board, Notice("team/shop", "0" * 40, "shop", "tessera", "r-9"))
    owing.keep(News(Course.FAILED, "not built"), jobs.append)
    assert pay(world.state, [], jobs[0]) == ""
