"""The whole bot in a real Chromium: typed like a person, answered by the real bot about the sandbox cluster.

TESSERA_PICTURE=.github/verdict.png python -m pytest tests/browser/test_bot_in_console.py takes the README's picture.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot import local
from bot.demo import DIAGNOSES, PROBE_IMAGE, sandbox_clusters
from bot.local import Local
from commands.base.ports import Clusters
from commands.base.request import Identity
from explainers.operations.services import SetSelector
from tests.browser.pages import ask_in, messages, newest, opened_thread, type_in, unobjected

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def clusters() -> Iterator[Clusters]:
    with sandbox_clusters("shop") as clusters:
        yield clusters


@pytest.fixture(scope="module")
def running(clusters: Clusters) -> Iterator[Local]:
    """The bot behind the console, as `tessera demo` starts it; Slack must have had nothing to object to."""
    running = local.start(clusters, "shop", PROBE_IMAGE, own_identity=False, port=0, to_try=DIAGNOSES)
    with unobjected(running):
        yield running


def test_an_empty_channel_offers_what_to_try(page: Page) -> None:
    page.get_by_role("button", name="ops").click()
    page.get_by_role("button", name=DIAGNOSES[2]).click()
    box = page.get_by_role("combobox").first
    expect(box).to_have_value(DIAGNOSES[2])
    box.press("Enter")
    expect(newest(page, "migrate")).to_be_visible()
    expect(page.get_by_role("button", name=DIAGNOSES[2])).to_be_hidden()


def test_a_verdict_from_the_command_to_the_last_question(page: Page, tmp_path: Path) -> None:
    type_in(page, "/diagnose checkout")
    expect(newest(page, "I read: diagnose checkout")).to_be_visible()
    root = newest(page, "checkout is down: DATABASE_URL points to pg-main")
    expect(root).to_contain_text("sure:")
    expect(root).to_contain_text("0 of 2 pods ready")

    thread = opened_thread(page, root)
    expect(thread).to_contain_text("could not translate host name")
    expect(thread).to_contain_text(
        "kubectl -n shop set env deployment/checkout -c checkout DATABASE_URL=postgres://pg:5432"
    )
    expect(thread).to_contain_text("Why: A name inside the cluster resolves only if a Service")
    expect(thread).to_contain_text("@ana done.")
    take_picture(page, tmp_path)

    ask_in(thread, "@tessera pods")
    expect(thread).to_contain_text("CrashLoopBackOff")
    ask_in(thread, "@tessera why")
    expect(thread.get_by_role("article").last).to_contain_text("NXDOMAIN")
    ask_in(thread, "@tessera help")
    expect(thread).to_contain_text("/network TARGET")

    root.get_by_role("button", name="Logs").click()
    expect(thread.get_by_role("article").last).to_contain_text("psycopg.OperationalError")
    replies = thread.get_by_role("article").count()
    root.get_by_role("button", name="Re-check").click()
    expect(thread.get_by_role("article").nth(replies)).to_be_visible()
    expect(newest(page, "checkout is down")).to_have_count(1)


def take_picture(page: Page, folder: Path) -> None:
    page.mouse.move(700, 20)
    page.get_by_role("heading", name="shop").first.focus()
    wanted = os.environ.get("TESSERA_PICTURE", "")
    path = Path(wanted) if wanted else folder / "verdict.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 50_000


@pytest.mark.parametrize("line", DIAGNOSES)
def test_what_the_demo_proposes_is_answered_with_a_fault(page: Page, line: str) -> None:
    type_in(page, line)
    expect(newest(page, "✗")).to_be_visible()


def test_a_wrong_name_gets_the_nearest(page: Page) -> None:
    type_in(page, "/diagnose chekout")
    expect(newest(page, "I know no chekout in shop.")).to_contain_text("did you mean checkout (Deployment)?")
    type_in(page, "/diagnose")
    expect(newest(page, "What should I look at?")).to_contain_text("/diagnose svc/web -n shop")


def test_help_is_said_at_once(page: Page) -> None:
    type_in(page, "/tessera")
    answer = newest(page, "I say what is wrong in this cluster")
    expect(answer).to_contain_text("/diagnose TARGET [-n NAMESPACE]")
    expect(answer).to_contain_text("/tessera pods TARGET")
    expect(answer).to_contain_text("Only visible to you")


def test_a_guest_is_refused_with_words(page: Page, running: Local) -> None:
    page.get_by_role("radio", name="Gia Lindqvist").click()
    type_in(page, "/diagnose checkout")
    refusal = newest(page, "I may not do that for you")
    expect(refusal).to_contain_text("guests of the workspace are not answered; a full member may ask")
    expect(refusal).to_contain_text("Only visible to you")


def test_direct_messages_go_on_about_the_same_target(page: Page) -> None:
    page.get_by_role("button", name="Tessera", exact=True).click()
    expect(page.get_by_role("tab", name="Home")).to_be_hidden()
    type_in(page, "hello")
    expect(newest(page, "I know no command hello")).to_be_visible()
    type_in(page, "diagnose checkout")
    expect(newest(page, "checkout is down")).to_be_visible()
    type_in(page, "pods")
    expect(newest(page, "CrashLoopBackOff")).to_be_visible()


def test_another_channel_and_a_mention_outside_of_threads(page: Page) -> None:
    page.get_by_role("button", name="ops").click()
    type_in(page, "@tessera diagnose web -n shop")
    said = page.get_by_role("article", name="Ana Ferreira").last
    expect(said).to_contain_text("1 reply")
    said.get_by_role("button", name="1 reply").click()
    expect(page.get_by_role("complementary", name="Thread")).to_contain_text("web is healthy")
    type_in(page, "@tessera diagnose chekout -n shop")
    expect(newest(page, "did you mean checkout")).to_contain_text("Only visible to you")


def test_what_was_repaired_is_healthy_after_a_recheck(page: Page, clusters: Clusters) -> None:
    page.get_by_role("button", name="ops").click()
    type_in(page, "/diagnose catalog -n selector-mismatch")
    root = (
        messages(page)
        .filter(has_text="namespace selector-mismatch")
        .filter(has=page.get_by_role("button", name="Re-check"))
        .last
    )
    expect(root).to_contain_text("✗")
    repair = SetSelector("selector-mismatch", "catalog", (("app", "catalog"),))
    assert clusters.as_identity(Identity()).run(repair).status == 200
    root.get_by_role("button", name="Re-check").click()
    expect(root).to_contain_text("catalog is healthy")
