"""The table of Web API methods and the order in which Slack checks a call: method, token, rate, arguments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.console.arguments import Arguments
from bot.console.backend import Backend
from bot.console.errors import Refusal, SlackError
from bot.console.schema import Json

Handler = Callable[[Backend, Arguments], Json]
TokenKind = Literal["bot", "app"]


@dataclass(frozen=True)
class Method:
    """A Web API method: how often it may be called a minute, whether it reads JSON bodies, which token it takes.

    `scope` is what a bot token needs; "" is none.
    """

    name: str
    handler: Handler
    a_minute: int
    takes_json: bool
    caller: TokenKind
    scope: str


METHODS: dict[str, Method] = {}


def method(
    name: str, a_minute: int, *, takes_json: bool = True, caller: TokenKind = "bot", scope: str = ""
) -> Callable[[Handler], Handler]:
    """Register a handler under Slack's name; the function itself is returned unchanged."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, a_minute, takes_json, caller, scope)
        return handler

    return register


@dataclass(frozen=True)
class Call:
    """One HTTP call of the bot: the method's name, the token it showed, its values and whether they came as JSON."""

    name: str
    token: str
    values: Mapping[str, Any]
    is_json: bool = False


def perform(backend: Backend, call: Call) -> Json:
    """Check and run a call. Raises `SlackError`; every refusal is also kept in `backend.refusals`."""
    try:
        found = _checked(backend, call)
        ignored = call.is_json and not found.takes_json
        answer = found.handler(backend, Arguments({} if ignored else call.values))
    except SlackError as error:
        backend.refusals.append(Refusal(call.name, error.code, tuple(error.messages)))
        raise
    return {"ok": True, **answer}


def _checked(backend: Backend, call: Call) -> Method:
    found = METHODS.get(call.name)
    if found is None:
        raise SlackError("unknown_method", req_method=call.name)
    if not call.token:
        raise SlackError("not_authed")
    right, other = backend.bot_token, backend.app_token
    if found.caller == "app":
        right, other = other or "", right
    if call.token != right or not right:
        raise SlackError("not_allowed_token_type" if other and call.token == other else "invalid_auth")
    if found.scope and backend.scopes is not None and found.scope not in backend.scopes:
        raise SlackError("missing_scope", needed=found.scope, provided=",".join(sorted(backend.scopes)))
    backend.rates.call(call.name, found.a_minute)
    return found
