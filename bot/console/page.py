"""The routes of the page: its files, what a person sees, what a person does, and a stream that says "look again".

The page holds no state of its own: it asks for everything newer than the version it has seen. Only pages of this
server may act (same origin, JSON bodies), because whoever may use them speaks as anybody in the workspace.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel

from bot.console.backend import Backend
from bot.console.delivery import Ack
from bot.console.errors import SlackError
from bot.console.interactions import Interactions
from bot.console.messages import Message
from bot.console.once import Once, once_route
from bot.console.people import BOT_USER, TEAM_NAME, Channel, Person
from bot.console.schema import Json
from bot.console.sight import seen_by
from bot.console.streams import Streams
from bot.console.view_store import View

STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; img-src 'self' data: http://127.0.0.1:* http://localhost:*"
)


class Said(BaseModel):
    """Something typed into a composer; `thread_ts` when it is a thread's."""

    user: str
    channel: str
    text: str
    thread_ts: str | None = None


class Element(BaseModel):
    """An element of a message (`channel`, `message_ts`) or of a view (`view_id`), and who uses it."""

    user: str
    action_id: str
    block_id: str
    channel: str = ""
    message_ts: str = ""
    view_id: str = ""


class Acted(Element):
    """An element used."""

    value: Any = None


class Asked(Element):
    """What somebody typed into a menu whose options the bot offers."""

    typed: str = ""


class Chosen(BaseModel):
    """A shortcut, of a message when `message_ts` is given."""

    user: str
    callback_id: str
    channel: str = ""
    message_ts: str = ""


class Submitted(BaseModel):
    """A modal's form: plain values by `block id/action id`."""

    user: str
    values: dict[str, Any] = {}


class Someone(BaseModel):
    """Who closes a modal or opens the Home tab."""

    user: str


class Page:
    """The page's handlers. The ones that wait for the bot are plain functions, which the server runs in threads."""

    def __init__(
        self, backend: Backend, interactions: Interactions, streams: Streams, examples: Sequence[str] = ()
    ) -> None:
        """`examples` are lines to try, offered where nothing has been said yet."""
        self._backend = backend
        self._interactions = interactions
        self._streams = streams
        self._examples = examples

    async def index(self) -> Response:
        """The page itself."""
        return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": _POLICY})

    async def permalink(self, channel: str, stamp: str) -> Response:
        """A message's own address leads to its channel."""
        return RedirectResponse(f"/#{channel}/{stamp[:-6]}.{stamp[-6:]}")

    async def boot(self) -> Json:
        """What does not change: people, commands, examples, shortcuts, and whether the app has a Home tab."""
        return {
            "team": TEAM_NAME,
            "bot": BOT_USER,
            "people": [each.user() for each in self._backend.workspace.people.values()],
            "commands": [asdict(each) for each in self._interactions.commands],
            "examples": list(self._examples),
            "home_tab": self._interactions.home_tab,
            "shortcuts": [asdict(each) for each in self._interactions.shortcuts],
        }

    async def state(self, user: str, since: int = 0) -> Json:
        """What a person sees that is newer than `since`."""
        return seen_by(self._backend, self._person(user), since)

    async def stream(self) -> Response:
        """Versions as server-sent events."""
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(self._streams.versions(), media_type="text/event-stream", headers=headers)

    def say(self, said: Said) -> Json:
        """A message, or a slash command where it may be one."""
        person, channel = self._person(said.user), self._channel(said.channel)
        if not said.text.startswith("/"):
            return {"ts": self._interactions.say(person, channel, said.text.strip(), said.thread_ts).ts}
        command, _, text = said.text.partition(" ")
        if said.thread_ts:
            return {"error": f"{command} is not supported in threads. Mention @tessera here instead."}
        return _told(self._interactions.slash(person, channel, command.strip(), text))

    def act(self, acted: Acted) -> Json:
        """A click or a choice."""
        person = self._person(acted.user)
        with _as_conflict():
            source = self._source(acted)
            named = (acted.action_id, acted.value, acted.block_id)
            if isinstance(source, View):
                return _told(self._interactions.act_on_view(person, source, *named))
            return _told(self._interactions.act_on_message(person, source, *named))

    def options(self, asked: Asked) -> Json:
        """Options of a menu that the bot fills while somebody types."""
        person = self._person(asked.user)
        with _as_conflict():
            source = self._source(asked)
            return {"options": self._interactions.suggest(person, source, asked.action_id, asked.typed, asked.block_id)}

    def shortcut(self, chosen: Chosen) -> Json:
        """A shortcut."""
        person = self._person(chosen.user)
        message = self._backend.workspace.find(chosen.channel, chosen.message_ts) if chosen.message_ts else None
        return _told(self._interactions.shortcut(person, chosen.callback_id, message))

    def submit(self, submitted: Submitted) -> Json:
        """A modal's form."""
        with _as_conflict():
            done = self._interactions.submit(self._person(submitted.user), submitted.values)
        return {"errors": done.errors, "trouble": done.trouble}

    def close(self, someone: Someone) -> Json:
        """Close the open modal, if there still is one."""
        with contextlib.suppress(LookupError):
            self._interactions.close(self._person(someone.user))
        return {}

    def home(self, someone: Someone) -> Json:
        """Open the Home tab."""
        self._interactions.open_home(self._person(someone.user))
        return {}

    def _source(self, element: Element) -> View | Message:
        """The view or message that the element is in. Raises SlackError or LookupError when it is gone."""
        if element.view_id:
            return self._backend.views.find(element.view_id)
        message = self._backend.workspace.find(element.channel, element.message_ts)
        if message is None:
            raise LookupError("This message is gone.")
        return message

    def _person(self, name: str) -> Person:
        try:
            return self._backend.workspace.person(name)
        except SlackError as error:
            raise HTTPException(404, "Nobody of that name is here.") from error

    def _channel(self, name: str) -> Channel:
        try:
            return self._backend.workspace.channel(name)
        except SlackError as error:
            raise HTTPException(404, "There is no such channel.") from error


def page_routes(page: Page) -> APIRouter:
    """Everything that the page may call."""
    router = APIRouter(route_class=once_route(Once()))
    router.add_api_route("/", page.index)
    router.add_api_route("/archives/{channel}/p{stamp}", page.permalink)
    router.add_api_route("/page/boot", page.boot)
    router.add_api_route("/page/state", page.state)
    router.add_api_route("/page/stream", page.stream)
    for each in (page.say, page.act, page.options, page.shortcut, page.submit, page.close, page.home):
        router.add_api_route(f"/page/{each.__name__}", each, methods=["POST"])
    return router


async def same_origin_only(request: Request) -> None:
    """Refuse acts from pages of other origins; browsers always say where a POST comes from."""
    origin = request.headers.get("origin")
    if request.method == "POST" and origin and origin != f"{request.url.scheme}://{request.headers.get('host')}":
        raise HTTPException(403, "Only this console's own page may act.")


@contextlib.contextmanager
def _as_conflict() -> Iterator[None]:
    try:
        yield
    except (LookupError, SlackError) as error:
        raise HTTPException(409, str(error)) from error


def _told(ack: Ack) -> Json:
    return {"ok": ack.ok, "error": ack.error, "seconds": round(ack.seconds, 3)}
