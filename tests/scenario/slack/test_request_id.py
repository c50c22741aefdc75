"""One request id from the chat to the log: what the person is shown leads to every line about the request."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from bot.observe.logs import configure_logs
from bot.state.connect import connect_redis
from tests.scenario.slack.stack import stack


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("INFO", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_id_in_the_receipt_is_on_every_line_about_the_request(lines: io.StringIO) -> None:
    with connect_redis() as redis, stack(redis) as parts:
        ack = parts.slack.slash("ana", "shop", "/diagnose", "checkout -n shop")
        parts.wait(lambda: "answered" in lines.getvalue())
    [shown] = set(re.findall(r"r-[0-9a-f]{6,}", json.dumps(ack.body)))
    entries = [json.loads(line) for line in lines.getvalue().splitlines()]
    told = {entry["event"]: entry for entry in entries if entry.get("request_id") == shown}
    assert set(told) >= {"request taken", "answered"}
    assert told["answered"]["outcome"] == "fault"
