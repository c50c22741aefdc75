"""Whatever reaches the page's routes, they answer or refuse; none of them fails."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Response
from hypothesis import given
from hypothesis import strategies as st

from bot.console.delivery import Ack, Kind, Retry
from bot.console.interactions import Interactions
from bot.console.manifest import Installation
from bot.console.once import HEADER, Once
from bot.console.page import Page, page_routes, same_origin_only
from bot.console.streams import Streams
from tests.unit.bot.console.build import Block, Slack, actions, button, modal, option, plain, section

WORDS = [
    "ana",
    "C0SHOP",
    "menu",
    "go",
    "why",
    "v1",
    "U0GUEST",
    "/",
    "//",
    "/tessera",
    "<http://x|x>",
    "“web”",
    "\x1b[2J",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(WORDS) | st.just("x" * 3000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=4,
)
MENU: Block = {"type": "external_select", "action_id": "menu", "placeholder": plain("Which?"), "min_query_length": 0}


class Silent:
    """A bot that acknowledges everything, and offers two options when it is asked for some."""

    def send(self, kind: Kind, payload: dict[str, Any], retry: Retry | None = None) -> Ack:
        asked = '"block_suggestion"' in str(payload).replace("'", '"')
        return Ack({"options": [option(1), option(2)]} if asked else None, 0.0, 200)


def page_of(slack: Slack) -> FastAPI:
    app = FastAPI()
    interactions = Interactions(slack.backend, Silent(), Installation())
    page = Page(slack.backend, interactions, Streams(slack.workspace))
    app.include_router(page_routes(page), dependencies=[Depends(same_origin_only)])
    return app


SLACK = Slack(enforce_rates=False)
PAGE = httpx.ASGITransport(page_of(SLACK))
POSTED = SLACK.call("chat.postMessage", channel="C0SHOP", text="x", blocks=[section(), actions(button(), MENU)])
BLOCK = POSTED["message"]["blocks"][1]["block_id"]
ACT = {"user": "ana", "channel": "C0SHOP", "message_ts": POSTED["ts"], "block_id": BLOCK, "action_id": "go"}
FORMS: dict[str, dict[str, Any]] = {
    "say": {"user": "ana", "channel": "C0SHOP", "text": "hello", "thread_ts": None},
    "act": {**ACT, "value": None, "view_id": ""},
    "options": {**ACT, "action_id": "menu", "typed": "v", "view_id": ""},
    "shortcut": {"user": "ana", "callback_id": "diagnose_this", "channel": "C0SHOP", "message_ts": POSTED["ts"]},
    "submit": {"user": "ana", "values": {}},
    "close": {"user": "ana"},
    "home": {"user": "ana"},
}


def post(act: str, form: dict[str, Any], **headers: str) -> httpx.Response:
    """Send a form to a route of the page; what the route raises is raised here, too."""

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=PAGE, base_url="http://127.0.0.1") as client:
            return await client.post(f"/page/{act}", json=form, headers=headers)

    return asyncio.run(send())


@pytest.mark.parametrize("act", ["say", "act", "options", "shortcut", "close", "home"])
def test_the_right_form_is_taken(act: str) -> None:
    assert post(act, FORMS[act]).status_code == 200


@given(st.sampled_from(sorted(FORMS)), st.data())
def test_any_other_form_is_answered_or_refused(act: str, data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        trigger = SLACK.backend.passes.trigger("U0ANA")
        SLACK.backend.views.close("U0ANA", clear=True)
        SLACK.call("views.open", trigger_id=trigger, view=modal())
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(FORMS[act])), ANYTHING, min_size=1, max_size=2))
    form = FORMS[act] | changed
    answer = post(act, form)
    assert answer.status_code in (200, 404, 409, 422), answer.text


def test_no_other_page_may_act() -> None:
    assert post("say", FORMS["say"], Origin="https://elsewhere.example").status_code == 403


def test_an_act_that_is_sent_twice_is_done_once() -> None:
    said = [post("say", {**FORMS["say"], "text": text}, **{HEADER: key}) for text, key in (("a", "1"), ("b", "1"))]
    assert said[0].json() == said[1].json()
    assert post("say", FORMS["say"], **{HEADER: "2"}).json() != said[0].json()


def test_an_act_that_failed_may_be_tried_again() -> None:
    tries: list[int] = []

    async def failing() -> Response:
        tries.append(1)
        raise ConnectionError

    async def both() -> None:
        once = Once()
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await once.answer("k", failing)

    asyncio.run(both())
    assert len(tries) == 2
