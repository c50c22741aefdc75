"""The checklist of long work: what is shown at each change."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from commands.base.checklist import TAIL, Checklist, span_of
from commands.base.ports import Audience
from explainers.document import Document, StageState


@dataclass
class Hand:
    """A clock that is set by hand."""

    at: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Watching:
    """Somebody who keeps all that is shown."""

    clock: Hand = field(default_factory=Hand)
    shown: list[Document] = field(default_factory=list)

    @property
    def audience(self) -> Audience:
        return Audience(show=self.shown.append)


def states(board: Checklist) -> list[StageState]:
    return [stage.state for stage in board.stages]


def test_a_stage_runs_then_is_done_with_its_time() -> None:
    watching = Watching()
    board = Checklist(watching, "Building", ("fetch", "build"))
    with board.stage("fetch", "abc"):
        assert states(board) == [StageState.RUNNING, StageState.WAITING]
        watching.clock.wait(12)
    assert (board.stages[0].state, board.stages[0].detail, board.stages[0].took) == (StageState.DONE, "abc", "12 s")
    assert [one.stages[0].state for one in watching.shown] == [StageState.RUNNING, StageState.DONE]


def test_what_ends_with_an_exception_has_failed_and_what_was_stopped_has_not() -> None:
    board = Checklist(Watching(), "Building", ("fetch", "build", "push"))
    with board.stage("fetch"):
        pass
    with pytest.raises(KeyError), board.stage("build"):
        raise KeyError
    assert states(board) == [StageState.DONE, StageState.FAILED, StageState.WAITING]
    board.stop()
    assert states(board) == [StageState.DONE, StageState.SKIPPED, StageState.WAITING]


def test_a_stage_that_was_done_may_still_have_come_out_badly() -> None:
    board = Checklist(Watching(), "Building", ("verify",))
    with board.stage("verify"):
        pass
    board.fail("verify", "0 of 2 ready")
    assert (board.stages[0].state, board.stages[0].detail) == (StageState.FAILED, "0 of 2 ready")


def test_the_last_lines_of_output_are_shown_while_a_stage_runs() -> None:
    watching = Watching()
    board = Checklist(watching, "Building", ("build",))
    with board.stage("build"):
        for number in range(TAIL + 3):
            board.output(f"line {number}")
        assert watching.shown[-1].code.splitlines() == [f"line {number}" for number in range(3, TAIL + 3)]
    assert watching.shown[-1].code == ""


def test_a_headline_or_detail_that_stays_is_not_shown_again() -> None:
    watching = Watching()
    board = Checklist(watching, "Building", ("build",))
    board.rename("Building")
    board.rename("Waiting")
    board.rename("Waiting")
    board.detail("build", "step 1/2")
    board.detail("build", "step 1/2")
    assert [one.headline for one in watching.shown] == ["Waiting", "Waiting"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (12.2, "12 s"), (59.7, "1 min 0 s"), (185, "3 min 5 s")]
)
def test_spans(seconds: float, said: str) -> None:
    assert span_of(timedelta(seconds=seconds)) == said
