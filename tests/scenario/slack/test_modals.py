"""A form whose job is done before Slack shows the answer to its submission: the result stays."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.console import payloads
from bot.console.server import Console
from bot.console.view_store import View
from bot.secrets.vault import Vault
from bot.slack.modals import Modals
from bot.slack.task import Task
from bot.state.connect import connect_redis
from bot.state.store import RedisState
from explainers.document import Document, Tone
from explainers.form import Field, Form
from tests.scenario.slack.stack import APP_TOKEN, BOT_TOKEN, SECRET

NO_VAULT: Vault | None = None
DONE = Document(Tone.INFO, "It is done.")
ASKED = Form("Who", "Go", (Field("who", "Who"),))


@pytest.fixture
def slack() -> Iterator[Console]:
    with Console(None, SECRET, BOT_TOKEN, APP_TOKEN) as console:
        yield console


@pytest.fixture
def modals(slack: Console) -> Iterator[Modals]:
    with connect_redis() as client:
        yield Modals(WebClient(BOT_TOKEN, base_url=slack.api_url), RedisState(client), NO_VAULT)


def _submitted(slack: Console, modals: Modals) -> tuple[View, dict[str, Any], Task]:
    """A filled-in view, what its submission is answered, and the task that is queued before that."""
    person = slack.workspace.person("ana")
    opened = modals.open(slack.backend.passes.trigger(person.id), "A moment.")
    assert modals.fill(Task("r-1", "command", person.id, "T0TESSERA", "C0SHOP", view=opened), "connect", "", ASKED)
    view = slack.backend.views.find(opened)
    view.values = {"who": {"value": {"type": "plain_text_input", "value": "me"}}}
    submission = modals.submitted(payloads.view_submission(slack.backend, person, view))
    assert submission.task
    return view, submission.answer["view"], submission.task


def test_a_result_before_the_answer_is_shown_is_not_hidden_by_it(slack: Console, modals: Modals) -> None:
    view, waiting, task = _submitted(slack, modals)
    with ThreadPoolExecutor(1) as worker:
        ended = worker.submit(modals.end, task.view, DONE)
        assert slack.wait_for(lambda: slack.refusals or ended.done(), 30), "the job was first"
        slack.backend.views.update(view, waiting)
        assert ended.result(30)
    assert "It is done." in json.dumps(slack.view("ana"))


def test_a_view_is_ended_more_than_once(slack: Console, modals: Modals) -> None:
    view, waiting, task = _submitted(slack, modals)
    slack.backend.views.update(view, waiting)
    assert modals.end(task.view, Document(Tone.INFO, "On its way."))
    assert modals.end(task.view, DONE)
    assert "It is done." in json.dumps(slack.view("ana"))


def test_a_view_that_was_closed_is_not_waited_for_without_end(slack: Console, modals: Modals) -> None:
    _view, _waiting, task = _submitted(slack, modals)
    slack.backend.views.close(slack.workspace.person("ana").id)
    assert not modals.end(task.view, DONE)
