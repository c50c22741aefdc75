"""The root message while the work goes on: posted when an answer takes long, then updated in place.

Slack's own time never delays the work: progress is only noted, and one thread sends it, at most every two seconds.
"""

import threading
from collections.abc import Callable
from dataclasses import replace

from slack_sdk.errors import SlackClientError

from bot.observe.logs import logger
from bot.slack.client import ChannelClosed
from bot.slack.limits import LimitError
from bot.slack.pace import Pace
from commands.base.errors import TesseraError
from explainers.document import Document, Tone

FIRST_SECONDS = 0.7
EVERY_SECONDS = 2.0
LINES = 5
"""Lines of progress that are shown."""

_log = logger(__name__)


class LiveRoot:
    """Shows the newest interim document by calling `show`, in its own thread, until the end of the `with`."""

    def __init__(
        self, headline: str, show: Callable[[Document], object], pace: Pace, first: float = FIRST_SECONDS
    ) -> None:
        self._send = show
        self._first = first
        self._pace = pace
        self._document = Document(Tone.WORKING, headline)
        self._version = 0
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="live-root", daemon=True)

    def __enter__(self) -> "LiveRoot":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def tell(self, text: str) -> None:
        """Note a step; the last ones are shown with the next update, until a document is."""
        with self._changed:
            if not self._document.stages:
                self._note(replace(self._document, facts=(*self._document.facts, text)[-LINES:]))

    def show(self, document: Document) -> None:
        """Show this with the next update."""
        with self._changed:
            self._note(document)

    def _note(self, document: Document) -> None:
        self._document = document
        self._version += 1
        self._changed.notify_all()

    def _run(self) -> None:
        try:
            shown = -1
            pause = self._first
            while not self._wait(pause):
                if self._news(shown) is None or self._wait(self._pace.turn()):
                    return
                news = self._news(shown)  # newer by now, perhaps
                if news is None:
                    return
                document, shown = news
                self._send(document)
                pause = EVERY_SECONDS
        except (ChannelClosed, LimitError, SlackClientError, TesseraError, OSError) as error:
            _log.warning("progress not shown", error=str(error))

    def _news(self, shown: int) -> tuple[Document, int] | None:
        """The newest document and its version as soon as there is one after `shown`; None once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._version != shown)
            return None if self._closed else (self._document, self._version)

    def _wait(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, seconds)
