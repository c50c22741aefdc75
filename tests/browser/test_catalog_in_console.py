"""The catalog in a real Chromium: listed, requested by a form, approved, used, released, as the demo has it.

TESSERA_PICTURE=.github/catalog.png python -m pytest tests/browser/test_catalog_in_console.py takes its picture.
"""

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot import demo, local
from bot.local import Local
from commands.base.request import Identity
from explainers import kinds
from explainers.operations.reads import Get
from tests.browser.pages import messages, newest, opened, opened_thread, type_in, unobjected

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def stage() -> Iterator[demo.Stage]:
    with demo.stage() as stage:
        yield stage


@pytest.fixture(scope="module")
def running(stage: demo.Stage) -> Iterator[Local]:
    """The demo as `tessera demo` starts it; Slack must have had nothing to object to."""
    running = local.start(
        stage.clusters, demo.NAMESPACE, demo.PROBE_IMAGE, own_identity=False, port=0, settings=stage.settings
    )
    with unobjected(running):
        yield running


@pytest.fixture(scope="module")
def who() -> str:
    return "ben"


def test_a_shared_cache_is_requested_and_released(page: Page) -> None:
    type_in(page, "/catalog")
    listed = newest(page, "services for shop")
    expect(listed).to_contain_text("platform/postgres")
    expect(listed).to_contain_text("The shared Redis")
    listed.get_by_role("button", name="Request platform/cache").click()
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill("Not A Name")
    form.get_by_role("button", name="Request").click()
    expect(form.get_by_role("alert").first).to_contain_text("small letters")  # the hint says so, too
    form.get_by_role("textbox", name="Name").fill("cache")
    form.get_by_role("button", name="Request").click()
    expect(form).to_contain_text("the answer comes in the channel")
    page.keyboard.press("Escape")
    thread = opened_thread(page, listed)
    expect(thread).to_contain_text("the Secret cache says how to reach it")
    expect(page.locator("body")).not_to_contain_text("only-for-the-demo")


def test_a_database_is_approved_made_used_and_released(
    browser: Browser, running: Local, stage: demo.Stage, page: Page
) -> None:
    type_in(page, "/request platform/postgres")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill("orders-db")
    form.get_by_role("textbox", name="Database").fill("orders")
    form.get_by_role("textbox", name="What for?").fill("the new orders service")
    form.get_by_role("button", name="Request").click()
    expect(form).to_contain_text("the answer comes in the channel")
    page.keyboard.press("Escape")
    card = newest(page, "asks for platform/postgres")
    expect(card).to_contain_text("the new orders service")
    ana = opened(browser, running, "ana")
    newest(ana, "asks for platform/postgres").get_by_role("button", name="Approve").click()
    thread = opened_thread(ana, newest(ana, "asks for platform/postgres"))
    expect(thread).to_contain_text("the Secret orders-db says how to reach it")
    expect(thread).to_contain_text("kubectl -n shop set env deployment/NAME --from=secret/orders-db")
    secret = stage.clusters.as_identity(Identity()).run(Get(kinds.SECRET, "shop", "orders-db")).object
    assert {"host", "port", "username", "password", "uri", "URL", "Username", "Password"} <= set(secret["data"])
    if path := os.environ.get("TESSERA_PICTURE"):
        ana.screenshot(path=path)
    type_in(page, "/tessera release orders-db")
    newest(page, re.compile("Release orders-db").pattern).get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Release|Yes|Go on")).click()
    expect(messages(page).filter(has_text="orders-db is released").last).to_be_visible()
    ana.close()
