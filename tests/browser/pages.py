"""The console in a browser, as a person has it before them: their page, the box, messages and threads."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from bot.local import Local
from tests.browser.opening import open_page
from tests.scenario.slack.stack import objections

WIDE = ViewportSize(width=1400, height=1000)
SLOWEST = 180_000
"""Milliseconds that an answer may take on a busy machine."""


def opened(browser: Browser, running: Local, who: str, channel: str = "C0SHOP") -> Page:
    """The page of one person, e.g. `ana`, in a channel; the caller closes it.

    A form that a try before left open is closed, or nothing could be typed and a second try would fail for the first.
    """
    page = browser.new_page(viewport=WIDE, device_scale_factor=1.5)
    page.set_default_timeout(SLOWEST)
    expect.set_options(timeout=SLOWEST)
    open_page(page, f"{running.url}?as={who}#{channel}")
    page.get_by_role("combobox").first.wait_for()
    dialog = page.get_by_role("dialog")
    while dialog.is_visible():
        dialog.get_by_role("button", name="Close").first.click()
        expect(dialog).to_be_hidden()
    return page


@contextmanager
def unobjected(running: Local) -> Iterator[Local]:
    """Stops the bot at the end; Slack must have had nothing to object to."""
    yield running
    refused = objections(running.console)
    advised = running.console.advice
    running.stop()
    assert (refused, advised) == ([], [])


def type_in(page: Page, text: str) -> None:
    box = page.get_by_role("combobox").first
    box.fill(text)
    box.press("Enter")


def messages(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages").get_by_role("article")


def newest(page: Page, text: str) -> Locator:
    """The newest message of the channel that holds `text`."""
    return messages(page).filter(has_text=text).last


def opened_thread(page: Page, root: Locator) -> Locator:
    root.hover()
    root.get_by_role("button", name="Reply in thread").click()
    return page.get_by_role("complementary", name="Thread")


def ask_in(thread: Locator, text: str) -> None:
    box = thread.get_by_role("combobox", name="Reply in the thread")
    box.fill(text)
    box.press("Enter")
