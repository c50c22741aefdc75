"""Requests to registries as somebody: which login goes where, and tokens for as long as they last.

A login goes to the registry it is for and to that registry's own token server, nowhere else. Tokens:
https://distribution.github.io/distribution/spec/auth/token/.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from bot.registry.challenge import challenges, may_have_login
from bot.registry.failures import refusal, refused
from bot.registry.wire import HUB_AT, Answer, Wire
from commands.base.errors import Denied, TesseraError, Unavailable
from explainers.builds.model import Credentials
from explainers.builds.references import HUB, Reference

PULL, PUSH = "pull", "pull,push"
HOSTS = 200
"""Hosts that are remembered; people may name any."""


@dataclass
class _Known:
    """What was learnt about a host: that it wants Basic, and tokens by scope and login with the time they end."""

    basic: bool = False
    tokens: dict[tuple[str, Credentials | None], tuple[str, float]] = field(default_factory=dict)


class Exchange:
    """Safe to share between threads."""

    def __init__(self, login: Callable[[str], Credentials | None], wire: Wire) -> None:
        self._login = login
        self._wire = wire
        self._hosts: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def ask(
        self, image: Reference, method: str, path: str, actions: str = PULL, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request below `/v2/`; the answer whatever its status, except for a login that is refused.

        A reference without a path asks for no repository: only whether the login is good.
        Raises Denied (no or wrong login), Unavailable (no answer, says why).
        """
        known = self._known(image.host)
        login = self._login(image.host)
        scope = f"repository:{image.path}:{actions}" if image.path else ""
        given = dict(headers or {})
        answer = self._wire.send(image.host, method, path, given | _remembered(known, scope, login))
        if answer.status == 401:
            known.tokens.pop((scope, login), None)
            given |= self._log_in(image, known, scope, login, answer)
            answer = self._wire.send(image.host, method, path, given)
        if answer.status in (401, 403, 429):
            raise _refusal(image, answer, login)
        return answer

    def _known(self, host: str) -> _Known:
        with self._lock:
            if len(self._hosts) >= HOSTS and host not in self._hosts:
                self._hosts.clear()
            return self._hosts.setdefault(host, _Known())

    def _log_in(
        self, image: Reference, known: _Known, scope: str, login: Credentials | None, answer: Answer
    ) -> dict[str, str]:
        """The header that answers the challenge."""
        for challenge in challenges(answer.headers.get("www-authenticate", "")):
            if challenge.scheme == "bearer" and challenge.values.get("realm"):
                token, seconds = self._token(image, scope, challenge.values, login)
                known.tokens[scope, login] = (token, time.monotonic() + max(seconds - 10, 0))
                return {"Authorization": f"Bearer {token}"}
            if challenge.scheme == "basic" and login:
                known.basic = True
                return {"Authorization": _basic(login)}
        raise _refusal(image, answer, login)

    def _token(
        self, image: Reference, scope: str, values: Mapping[str, str], login: Credentials | None
    ) -> tuple[str, float]:
        """A token and the seconds that it lasts."""
        realm = urlsplit(values["realm"])
        plain = self._wire.is_plain(image.host)
        if realm.scheme != "https" and not (plain and realm.scheme == "http"):
            raise Denied(f"{image.host} has its tokens at a place without TLS.", "check the registry's settings")
        if login and not may_have_login(values["realm"], HUB_AT if image.host == HUB else image.host, plain):
            raise Denied(
                f"{image.host} wants its login sent to {realm.netloc}, which is not its own.",
                "check the registry's address",
            )
        asked = {"service": values.get("service", ""), "scope": scope}
        query = urlencode({key: value for key, value in asked.items() if value})
        url = f"{values['realm']}{'&' if realm.query else '?'}{query}"
        answer = self._wire.fetch(realm.netloc, url, "GET", {"Authorization": _basic(login)} if login else {})
        if answer.status != 200:
            raise _refusal(image, answer, login)
        return _token_in(image.host, answer.body)


def _refusal(image: Reference, answer: Answer, login: Credentials | None) -> TesseraError:
    what = refusal(answer.status, answer.body, answer.headers.get("retry-after", ""))
    return refused(image.host, image.path or "anything", what, login is not None)


def _remembered(known: _Known, scope: str, login: Credentials | None) -> dict[str, str]:
    """What worked before."""
    token, until = known.tokens.get((scope, login), ("", 0.0))
    if token and until > time.monotonic():
        return {"Authorization": f"Bearer {token}"}
    return {"Authorization": _basic(login)} if login and known.basic else {}


def _token_in(host: str, body: bytes) -> tuple[str, float]:
    try:
        said = json.loads(body)
        token = said.get("token") or said.get("access_token") or ""
        seconds = float(said.get("expires_in") or 60)
    except (ValueError, AttributeError, TypeError):
        token, seconds = "", 0.0
    if not isinstance(token, str) or not token.isprintable() or not token.isascii() or not token:
        raise Unavailable(f"{host} gave no token that can be used.", "try again; else check the registry")
    return token, seconds


def _basic(login: Credentials) -> str:
    return "Basic " + base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
