"""A real Chromium for the tests of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.local import Local
from tests.browser.pages import opened
from tests.parts import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def who() -> str:
    """Whose page it is; a module may say otherwise."""
    return "ana"


@pytest.fixture
def page(browser: Browser, running: Local, who: str) -> Iterator[Page]:
    """Somebody's page, in #shop, of the bot that the module has in `running`."""
    page = opened(browser, running, who)
    yield page
    page.close()
