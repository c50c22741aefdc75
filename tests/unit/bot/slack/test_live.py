"""Progress of many requests together keeps to the pace that Slack allows, and never delays an answer."""

import threading
import time
from contextlib import ExitStack

from bot.slack.live import LiveRoot
from bot.slack.pace import OwnPace
from explainers.document import Document


def test_ten_requests_share_one_pace() -> None:
    shown: list[Document] = []
    pace = OwnPace(0.5)
    began = time.monotonic()
    with ExitStack() as running:
        lives = [running.enter_context(LiveRoot(f"build {n}", shown.append, pace, 0.0)) for n in range(10)]
        for number in range(12):
            for live in lives:
                live.tell(f"step {number}")
            threading.Event().wait(0.1)
    assert len(shown) <= (time.monotonic() - began) / 0.5 + 1
    assert len({document.headline for document in shown}) == len(shown)  # each in its turn


def test_who_waits_for_a_turn_does_not_keep_the_end_waiting() -> None:
    first = threading.Event()
    pace = OwnPace(3600)
    with ExitStack() as running:
        for number in range(5):
            running.enter_context(LiveRoot(f"build {number}", lambda _document: first.set(), pace, 0.0))
        assert first.wait(60)
    assert not [one for one in threading.enumerate() if one.name == "live-root"]
