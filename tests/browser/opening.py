"""A page opened whole.

Chromium breaks off whatever it loads when a network interface appears (ERR_NETWORK_CHANGED), which a node that starts
and ends pods does all the time. A page that has loaded asks again by itself; one whose script never came cannot, and
is loaded again here, as a person would do.
"""

from playwright.sync_api import Error, Page, Request

TRIES = 10
BROKEN_OFF = "ERR_NETWORK_CHANGED"
_NEEDED = ("document", "script", "stylesheet")


def open_page(page: Page, url: str) -> None:
    """Go to `url`; return when the page and all that it needs has come. Raises playwright's Error when it does not."""
    for _ in range(TRIES):
        if _loaded(page, url):
            return
        page.goto("about:blank")  # to the same address again a browser goes without loading it
    raise Error(f"{url} was broken off {TRIES} times by changes of the network")


def _loaded(page: Page, url: str) -> bool:
    lost: list[str] = []

    def failed(request: Request) -> None:
        if BROKEN_OFF in (request.failure or "") and request.resource_type in _NEEDED:
            lost.append(request.url)

    page.on("requestfailed", failed)
    try:
        page.goto(url)
    except Error as error:
        if BROKEN_OFF not in error.message:
            raise
        lost.append(url)
    finally:
        page.remove_listener("requestfailed", failed)
    return not lost
