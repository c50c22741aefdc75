"""Work that may be cancelled: by whom, when it is noticed, and what is left of it."""

import pytest

from commands.base.cancelling import begin, cancel, canceller, over, running
from commands.base.errors import NotFound, UsageError
from commands.base.request import Actor, Request
from tests.unit.bot.sandbox.clusters import empty_bench
from tests.unit.sandboxed import Desk

REQUEST = Request("build", "shop", Actor("ada"), id="r-1", namespace="shop")


@pytest.fixture
def desk() -> Desk:
    return Desk(empty_bench())


def test_it_is_noticed_within_a_second_and_stays_noticed(desk: Desk) -> None:
    cancelled = begin(desk.services, REQUEST, "shop", "the build")
    assert not cancelled()
    cancel(desk.state, "r-1", "ben")
    assert not cancelled()  # the store is not asked again within the second
    desk.bench.pass_time(1)
    assert cancelled()
    desk.state.delete("cancel:r-1")
    assert cancelled()


def test_the_first_who_cancels_is_named(desk: Desk) -> None:
    cancel(desk.state, "r-1", "ben")
    cancel(desk.state, "r-1", "gia")
    assert (canceller(desk.state, "r-1"), canceller(desk.state, "r-2")) == ("ben", "")


def test_a_cancel_outlives_a_worker_that_dies(desk: Desk) -> None:
    begin(desk.services, REQUEST, "shop", "the build")
    cancel(desk.state, "r-1", "ben")
    again = begin(desk.services, REQUEST, "shop", "the build")
    desk.bench.pass_time(1)
    assert again()


def test_the_command_stops_what_runs_in_its_namespace(desk: Desk) -> None:
    begin(desk.services, REQUEST, "shop", "the build of `shop`")
    with pytest.raises(NotFound):
        desk.types("cancel r-1 -n other")
    assert canceller(desk.state, "r-1") == ""
    reply = desk.types("cancel r-1")
    assert reply.document.headline == "I stop the build of `shop` (request r-1)."
    assert canceller(desk.state, "r-1") == "ada"


@pytest.mark.parametrize("line", ["cancel", "cancel r-1 r-2"])
def test_which_request_must_be_said(desk: Desk, line: str) -> None:
    with pytest.raises(UsageError, match="Which request"):
        desk.types(line)


def test_what_is_over_cannot_be_cancelled(desk: Desk) -> None:
    begin(desk.services, REQUEST, "shop", "the build")
    over(desk.state, "r-1")
    assert running(desk.state, "r-1") is None
    with pytest.raises(NotFound, match="under way"):
        desk.types("cancel r-1")
