"""Buttons are opaque, expire, and count once where that matters; threads and response URLs are remembered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.slack.memory import Memory, Thread
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from explainers.document import Button

UNDO = Button("Undo", "undo", "deploy/web -n shop", approves="4711")
BUTTONS = (Button("Re-check", "diagnose", "deploy/web -n shop"), UNDO)


@pytest.fixture
def memory() -> Iterator[Memory]:
    with connect_redis() as client:
        yield Memory(RedisState(client))


def test_values_are_opaque_and_stand_for_the_offer(memory: Memory) -> None:
    values = memory.offer(BUTTONS)
    assert not any("web" in value for value in values)
    offers = [memory.take_offer(value, "r-1") for value in values]
    assert [(offer.action, offer.argument, offer.label) for offer in offers if offer] == [
        ("diagnose", "deploy/web -n shop", "Re-check"),
        ("undo", "deploy/web -n shop", "Undo"),
    ]


def test_what_changes_something_counts_once_and_the_first_click_wins(memory: Memory) -> None:
    recheck, undo = memory.offer(BUTTONS)
    assert memory.take_offer(recheck, "r-1")
    assert memory.take_offer(recheck, "r-2")
    assert memory.take_offer(undo, "r-1")
    assert memory.take_offer(undo, "r-2") is None


def test_the_first_click_is_still_the_first_when_its_job_runs_again(memory: Memory) -> None:
    _, undo = memory.offer(BUTTONS)
    assert memory.take_offer(undo, "r-1")
    assert memory.take_offer(undo, "r-1")


def test_a_made_up_value_is_nothing(memory: Memory) -> None:
    assert memory.take_offer("o-made-up", "r-1") is None


def test_threads_and_response_urls(memory: Memory) -> None:
    thread = Thread("deployment/web", "shop", own=True)
    memory.remember_thread("C1", "1.0", thread)
    assert memory.thread("C1", "1.0") == thread
    assert memory.thread("C2", "1.0") is None
    memory.remember_url("r-1", "https://hooks.example/x")
    memory.remember_url("r-2", "")
    assert (memory.url("r-1"), memory.url("r-2")) == ("https://hooks.example/x", "")


def test_a_button_with_a_deadline_is_kept_no_longer() -> None:
    with connect_redis() as client:
        soon = datetime.now(UTC) + timedelta(minutes=1)
        [value] = Memory(RedisState(client)).offer([Button("Roll back", "rollback", "web", until=soon.isoformat())])
        lasts: Any = client.ttl(f"tessera:offer:{value}")
        assert 0 < lasts <= 60
