"""The console: one object that is a Slack workspace, a server, and a handle for tests.

with Console("http://127.0.0.1:3000/slack/events", "secret", "xoxb-local", None) as console:
    print(console.url)                       # the page, for people
    console.slash("ana", "shop", "/diagnose", "web")
    console.wait_for(lambda: console.messages("shop"), 10)
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Self

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from bot.console import limits
from bot.console.backend import Backend
from bot.console.commands import Shortcut, SlashCommand
from bot.console.delivery import Ack, Delivery, HttpDelivery
from bot.console.errors import Advice, Refusal
from bot.console.events import EventRecord, EventSender
from bot.console.interactions import Interactions, Submission
from bot.console.manifest import Installation, install
from bot.console.messages import Message
from bot.console.page import STATIC, Page, page_routes, same_origin_only
from bot.console.payloads import url_verification
from bot.console.people import BOT_USER, Channel, Person
from bot.console.schema import Json
from bot.console.serving import ThreadedServer
from bot.console.socket_mode import SocketHub
from bot.console.streams import Streams
from bot.console.view_store import View
from bot.console.web import bot_routes
from bot.console.workspace import Workspace

DEFAULT_EVENTS = frozenset({"app_mention", "message.im"})


class Console:
    """A local Slack for one bot.

    `bot_url` is the bot's request URL (commands, interactions and events alike); None means Socket Mode, for which
    `app_token` is needed. `api_url` is what slack_sdk calls base_url. People are named by handle ("ana", "ben",
    "guest") or id, channels by name ("shop", "ops") or id, or by a handle with @ for its direct messages.

    `manifest` is an app manifest as Slack takes it; with it, commands, shortcuts, events and scopes are the
    manifest's, and everything else is refused as Slack refuses it. Raises ValueError for a manifest that Slack would
    not take. `examples` are lines to try that the page offers.
    """

    def __init__(
        self,
        bot_url: str | None,
        signing_secret: str,
        bot_token: str,
        app_token: str | None,
        port: int = 0,
        *,
        commands: Sequence[SlashCommand] = (),
        shortcuts: Sequence[Shortcut] = (),
        events: frozenset[str] = DEFAULT_EVENTS,
        manifest: Json | None = None,
        event_retries: Sequence[float] = limits.EVENT_RETRIES,
        enforce_rates: bool = True,
        host: str = "127.0.0.1",
        advertised_host: str | None = None,
        workspace: Workspace | None = None,
        examples: Sequence[str] = (),
    ) -> None:
        self.workspace = workspace or Workspace()
        app = install(manifest) if manifest else Installation(tuple(commands), tuple(shortcuts), events)
        self.backend = Backend.create(self.workspace, bot_token, app_token, enforce_rates=enforce_rates)
        self.backend.scopes = app.scopes
        clock = self.workspace.clock
        self.sockets = SocketHub(clock)
        self._delivery: Delivery = HttpDelivery(bot_url, signing_secret, clock) if bot_url else self.sockets
        self._events = EventSender(self._delivery, app.events, event_retries, clock)
        self.interactions = Interactions(self.backend, self._delivery, app)
        self._streams = Streams(self.workspace)
        self._examples = tuple(examples)
        named = advertised_host or host
        self._server = ThreadedServer(self._application({named, host, "127.0.0.1", "localhost"}), host, port)
        self.backend.base_url = f"http://{named}:{self._server.port}"
        self.backend.emit = self._events.emit
        self.backend.new_link = self._new_link

    @property
    def url(self) -> str:
        """The page's address."""
        return self.backend.base_url + "/"

    @property
    def port(self) -> int:
        """The port that the page and the Web API are served on."""
        return self._server.port

    @property
    def api_url(self) -> str:
        """The Web API's address, for `WebClient(base_url=...)`."""
        return self.backend.base_url + "/api/"

    def start(self) -> Self:
        """Start serving."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving; pending event retries are given up."""
        self._events.stop()
        self._streams.stop()
        self.sockets.refresh("link_disabled")
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What people do

    def slash(self, user: str, channel: str, command: str, text: str = "") -> Ack:
        """Type a slash command; returns the bot's acknowledgement."""
        return self.interactions.slash(self.workspace.person(user), self._where(channel), command, text)

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Write a message without mentioning the bot."""
        return self.interactions.say(self.workspace.person(user), self._where(channel), text, thread_ts)

    def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Write "@tessera text" in a channel or thread."""
        said = text if "@tessera" in text or BOT_USER in text else f"<@{BOT_USER}> {text}"
        return self.say(user, channel, said, thread_ts)

    def click(self, user: str, message_ts: str, name: str, value: Any = None) -> Ack:
        """Use a button or menu of a message (or, by view id, of a view), named by action id, value or label.

        `value` is the option chosen in a menu. Raises LookupError when this person sees no such thing.
        """
        person = self.workspace.person(user)
        view = self._view(person, message_ts)
        if view is not None:
            return self.interactions.act_on_view(person, view, name, value)
        return self.interactions.act_on_message(person, self._message(person, message_ts), name, value)

    def shortcut(self, user: str, callback_id: str, message_ts: str | None = None) -> Ack:
        """Choose a shortcut; with `message_ts`, a message's shortcut."""
        person = self.workspace.person(user)
        message = self._message(person, message_ts) if message_ts else None
        return self.interactions.shortcut(person, callback_id, message)

    def suggestions(self, user: str, message_ts: str, name: str, typed: str) -> list[Json]:
        """What the bot offers for `typed` in an `external_select` of a message or view."""
        person = self.workspace.person(user)
        source = self._view(person, message_ts) or self._message(person, message_ts)
        return self.interactions.suggest(person, source, name, typed)

    def submit(self, user: str, values: Mapping[str, Any]) -> Submission:
        """Submit the open modal with plain values by action id (or block id)."""
        return self.interactions.submit(self.workspace.person(user), values)

    def close_view(self, user: str) -> list[Ack]:
        """Close the open modal."""
        return self.interactions.close(self.workspace.person(user))

    def open_home(self, user: str) -> None:
        """Open the app's Home tab."""
        self.interactions.open_home(self.workspace.person(user))

    def verify_url(self) -> bool:
        """Ask the bot's URL to echo a challenge, as Slack does when the URL is saved (`url_verification`)."""
        challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        ack = self._delivery.send("events_api", url_verification(challenge))
        echoed = ack.body.get("challenge") if isinstance(ack.body, dict) else ack.body
        return ack.ok and echoed == challenge

    # What is there to see

    def messages(self, channel: str) -> list[Json]:
        """Messages of a channel that everyone sees, oldest first, replies included."""
        return [each.body() for each in self.workspace.messages(self._where(channel).id)]

    def replies(self, channel: str, ts: str) -> list[Json]:
        """The replies in a thread, oldest first."""
        return [each.body() for each in self.workspace.replies(self._where(channel).id, ts)]

    def ephemerals(self, user: str, channel: str) -> list[Json]:
        """What only this person sees in a channel, oldest first."""
        person = self.workspace.person(user)
        return [each.body() for each in self.workspace.ephemerals(self._where(channel).id, person.id)]

    def view(self, user: str) -> Json | None:
        """The modal that this person sees."""
        found = self.backend.views.top(self.workspace.person(user).id)
        return found.body() if found else None

    def home(self, user: str) -> Json | None:
        """This person's Home tab."""
        found = self.backend.views.homes.get(self.workspace.person(user).id)
        return found.body() if found else None

    def wait_for(self, predicate: Callable[[], object], seconds: float) -> bool:
        """Wait until `predicate` is true, looking again after every change; False when the time is over."""
        return self.workspace.wait_for(predicate, seconds)

    @property
    def refusals(self) -> list[Refusal]:
        """Every call of the bot that was refused, oldest first."""
        return list(self.backend.refusals)

    @property
    def advice(self) -> list[Advice]:
        """What Slack would accept and people would suffer from."""
        return list(self.backend.advice)

    @property
    def events_sent(self) -> list[EventRecord]:
        """Every event that was sent, with its attempts."""
        return list(self._events.sent)

    def _view(self, person: Person, name: str) -> View | None:
        home = self.backend.views.homes.get(person.id)
        views = [*self.backend.views.stack(person.id), *([home] if home else [])]
        return next((each for each in views if each.id == name), None)

    def _message(self, person: Person, ts: str) -> Message:
        for channel in list(self.workspace.channels.values()):
            found = self.workspace.find(channel.id, ts)
            if found and person.id in channel.members and found.ephemeral_to in (None, person.id):
                return found
        raise LookupError(f"{person.real_name} sees no message or view {ts}")

    def _where(self, name: str) -> Channel:
        if name.startswith("@"):
            return self.workspace.direct(self.workspace.person(name).id)
        return self.workspace.channel(name)

    def _new_link(self) -> str:
        address = self.backend.base_url.replace("http://", "ws://", 1)
        return f"{address}/link/?ticket={self.sockets.new_ticket()}"

    def _application(self, hosts: set[str]) -> FastAPI:
        @contextlib.asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            self._server.listening()
            yield

        app = FastAPI(openapi_url=None, lifespan=lifespan)
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=sorted(hosts))
        app.include_router(bot_routes(self.backend, self.sockets))
        guarded = [Depends(same_origin_only)]
        page = Page(self.backend, self.interactions, self._streams, self._examples)
        app.include_router(page_routes(page), dependencies=guarded)
        app.mount("/static", StaticFiles(directory=STATIC))
        return app
