"""Payloads become tasks, whatever they hold; a task survives its way through the queue."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.intake import click_task, command_task, mention_task
from bot.slack.task import Task, request_id


def test_a_command() -> None:
    task = command_task(
        {
            "command": "/diagnose",
            "text": "“web”\u00a0-n shop",
            "user_id": "U1",
            "team_id": "T1",
            "channel_id": "C1",
            "trigger_id": "1.2.3",
            "response_url": "https://hooks.slack.com/commands/T1/x",
        }
    )
    assert (task.kind, task.command, task.text, task.thread) == ("command", "diagnose", '"web" -n shop', "")
    assert task.id == request_id("1.2.3")
    assert "hooks.slack.com" not in task.to_json()


def test_a_mention_answers_in_its_thread() -> None:
    event = {"user": "U1", "channel": "C1", "ts": "2.0", "text": "<@UBOT> why?", "team": "T1"}
    outside = mention_task({"event": event, "event_id": "Ev1", "team_id": "T1"}, "UBOT")
    inside = mention_task({"event": event | {"thread_ts": "1.0"}, "event_id": "Ev1"}, "UBOT")
    assert (outside.thread, inside.thread, inside.text) == ("2.0", "1.0", "why?")
    assert mention_task({"event": event | {"bot_id": "B1"}}, "UBOT").bot


def test_a_click_carries_the_opaque_id() -> None:
    task = click_task(
        {
            "user": {"id": "U1", "team_id": "T1"},
            "container": {"message_ts": "2.0", "thread_ts": "1.0", "channel_id": "C1"},
            "actions": [{"action_id": "tessera.0", "value": "o-abc"}],
            "trigger_id": "9",
        }
    )
    assert (task.offer, task.thread, task.message, task.channel) == ("o-abc", "1.0", "2.0", "C1")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_names = ("event", "user", "container", "actions", "channel", "team", "enterprise", "text", "command", "trigger_id")


@given(st.dictionaries(st.sampled_from(_names), _json))
def test_any_body_becomes_a_task(body: dict[str, Any]) -> None:
    for task in (command_task(body), mention_task(body, "UBOT"), click_task(body)):
        assert Task.from_json(task.to_json()) == task
        assert task.id.startswith("r-")
