"""Every Noticeboard alike: the fake of the unit tests, GitHub's deployments, its checks by an App, its statuses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from bot.source.github.access import Access, App, Token
from bot.source.github.boards import Checks, Deployments, GitHubWriter
from commands.base.errors import Denied, Unavailable
from commands.base.ports import Noticeboard
from explainers.builds.notice import Course, News, Notice
from tests.contract.code_hosts.github_app import Hub, github
from tests.contract.code_hosts.keys import app_key
from tests.fakes.code_host import FakeRepository
from tests.fakes.noticeboard import FakeBoard

SHOP = "org/shop"
NEWS = News(Course.RUNNING, "build", ("… build: step 2/7",))


@dataclass(frozen=True)
class Place:
    """A board, a build's notice, and what the board shows: how many builds, and how the newest went."""

    board: Noticeboard
    notice: Notice
    shown: Callable[[], tuple[int, list[str]]]


@pytest.fixture
def hub() -> Hub:
    shop = FakeRepository()
    shop.push("main", {"Dockerfile": "FROM busybox"})
    shop.push("feature", {"Dockerfile": "FROM busybox", "a": "b"})
    return Hub({SHOP: shop}, token="secret")


@pytest.fixture(params=["fake", "deployments of an App", "deployments of a token", "checks of an App", "statuses"])
def place(request: pytest.FixtureRequest, hub: Hub) -> Iterator[Place]:
    sha = hub.repositories[SHOP].branches["feature"]
    notice = Notice(SHOP, sha, "shop/web (kind)", "tessera shop/web", "r-1")
    if request.param == "fake":
        fake = FakeBoard(repositories=(SHOP,))
        yield Place(fake, notice, lambda: (len(fake.notices), [one.lower() for one in fake.courses]))
        return
    with github(hub) as url:
        access: Access = App(1, app_key()) if "App" in request.param else Token("secret")
        writer = GitHubWriter(lambda: access, url)
        board: Noticeboard = Deployments(writer) if "deployments" in request.param else Checks(writer)
        yield Place(board, notice, lambda: _shown(hub, request.param))


def _shown(hub: Hub, what: str) -> tuple[int, list[str]]:
    words = {"in_progress": "running", "pending": "running", "success": "succeeded", "failure": "failed"}
    if "deployments" in what:
        made = hub.written.deployments
        states = [one["state"] for one in made[0]["statuses"]] if made else []
    elif "checks" in what:
        made = hub.written.checks
        states = made[0]["seen"][1:] if made else []
    else:
        made = hub.written.statuses[:1]
        states = [one["state"] for one in hub.written.statuses]
    return len(made), [words.get(one, one) for one in states]


@pytest.mark.parametrize("course", [Course.SUCCEEDED, Course.FAILED])
def test_a_build_is_put_up_goes_on_and_ends(place: Place, course: Course) -> None:
    made = place.board.put_up(place.notice, again=False)
    place.board.tell(place.notice, made, NEWS)
    place.board.tell(place.notice, made, News(course, "`web` runs it", ("in 3 s",)))
    assert place.shown() == (1, ["running", course.name.lower()])


def test_what_an_earlier_run_put_up_is_found(place: Place) -> None:
    first = place.board.put_up(place.notice, again=False)
    assert place.board.put_up(place.notice, again=True) == first
    place.board.tell(place.notice, first, NEWS)
    assert place.shown() == (1, ["running"])


def test_another_request_is_another_build(place: Place) -> None:
    first = place.board.put_up(place.notice, again=False)
    place.board.tell(place.notice, first, NEWS)
    other = replace(place.notice, request="r-2")
    place.board.tell(other, place.board.put_up(other, again=True), NEWS)
    count, _ = place.shown()
    assert count == 2 or first == "status"  # statuses of one context are one, the newest


def test_a_board_has_its_repositories_only(place: Place) -> None:
    assert place.board.has(SHOP)
    assert not place.board.has("https://gitlab.com/org/shop")


@pytest.fixture
def url(hub: Hub) -> Iterator[str]:
    with github(hub) as url:
        yield url


def written(hub: Hub, url: str, access: Access) -> tuple[Deployments, Checks, Notice]:
    writer = GitHubWriter(lambda: access, url)
    sha = hub.repositories[SHOP].branches["feature"]
    return Deployments(writer), Checks(writer), Notice(SHOP, sha, "shop/web (kind)", "tessera shop/web", "r-1")


def test_each_end_in_githubs_words(hub: Hub, url: str) -> None:
    deployments, checks, notice = written(hub, url, App(1, app_key()))
    for course, state, conclusion in (
        (Course.CANCELLED, "error", "cancelled"),
        (Course.LATE, "error", "timed_out"),
        (Course.KEPT, "inactive", "neutral"),
    ):
        mine = replace(notice, request=course.name)
        for board in (deployments, checks):
            board.tell(mine, board.put_up(mine, again=False), News(course, "x" * 300))
        assert hub.written.deployments[0]["statuses"][-1]["state"] == state
        assert hub.written.checks[0]["conclusion"] == conclusion
        assert hub.written.checks[0]["output"]["title"].endswith("…")


def test_a_check_that_has_ended_is_not_opened_again(hub: Hub, url: str) -> None:
    _, checks, notice = written(hub, url, App(1, app_key()))
    first = checks.put_up(notice, again=False)
    checks.tell(notice, first, News(Course.FAILED, "Interrupted"))
    assert checks.put_up(notice, again=True) != first


def test_no_secret_is_shown(hub: Hub, url: str) -> None:
    _, checks, notice = written(hub, url, App(1, app_key()))
    canary = "ghp_" + "a1B2" * 9
    checks.tell(notice, checks.put_up(notice, again=False), News(Course.FAILED, canary, (canary,)))
    assert canary not in str(hub.written.checks)


def test_a_right_that_is_missing_is_named(hub: Hub, url: str) -> None:
    hub.written.may = {"checks"}
    deployments, checks, notice = written(hub, url, App(1, app_key()))
    checks.put_up(notice, again=False)
    with pytest.raises(Denied) as error:
        deployments.put_up(notice, again=False)
    assert "Deployments, write" in error.value.hint


def test_without_a_login_nothing_is_shown(hub: Hub, url: str) -> None:
    deployments, checks, _ = written(hub, url, None)
    assert not deployments.has(SHOP)
    assert not checks.has(SHOP)


def test_a_limit_that_is_used_up_is_kept(hub: Hub, url: str) -> None:
    deployments, checks, notice = written(hub, url, Token("secret"))
    hub.remaining = 0
    with pytest.raises(Unavailable, match="ask no more"):
        deployments.put_up(notice, again=False)
    asked, hub.remaining = len(hub.asked), 50
    for board in (deployments, checks):
        with pytest.raises(Unavailable, match="ask no more"):
            board.tell(notice, board.put_up(notice, again=False), NEWS)
    assert len(hub.asked) == asked
