"""`/connect`: the logins that building needs, added, tried and removed; never shown."""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from commands.base.errors import TesseraError, UsageError
from commands.base.lasting import need_lasting
from commands.base.parse import parse
from commands.base.ports import Connection, Connections, Services
from commands.base.registry import Group, command
from commands.base.request import Reply, Request
from explainers.builds.model import Credentials
from explainers.builds.references import BadReference, parse_repository
from explainers.document import Button, Document, Evidence, Tone
from explainers.form import Field, FieldKind, Form

USAGE = "[[remove] registry HOST | [remove] github]"
FORM = f"/connect {USAGE}, for example `/connect registry ghcr.io`"
REGISTRY, GITHUB = "registry", "github"
AT_ONCE = 8
KEY = "PRIVATE KEY-----"
VISIBLE = (
    "Slack has no field that hides what is typed: see that nobody looks on. Only I get it, and I keep it encrypted. "
)
INSTEAD = {
    REGISTRY: "mount a `.dockerconfigjson` and name it in TESSERA_REGISTRY_LOGINS",
    GITHUB: "mount a token as TESSERA_GITHUB_TOKEN, or an App's number and key",
}
LOSES = {
    REGISTRY: "Builds cannot use {} with this login any more.",
    GITHUB: "Builds cannot use private repositories at {} with this login any more, and are not shown there.",
}


@dataclass(frozen=True)
class Place:
    """What is connected: a registry, or the GitHub of this installation."""

    kind: str
    host: str

    @property
    def words(self) -> str:
        """How people write it behind `/connect`."""
        return f"{REGISTRY} {self.host}" if self.kind == REGISTRY else GITHUB


def _asks(text: str) -> bool:
    return text.split()[:1] in ([REGISTRY], [GITHUB])


@command("connect", USAGE, "/connect registry ghcr.io", slash=True, builds=True, asks=_asks, group=Group.CHANGE)
def connect(request: Request, services: Services) -> Reply:
    """List the connections to GitHub and image registries and whether they work; add or remove a login.

    A login is asked for in a form, tried, and kept only when it works: encrypted, and never shown again. For GitHub it
    is a token, or the number of an App and its private key.
    """
    words = parse(request.text, FORM).words
    if services.builds is None or services.builds.connections is None:
        raise UsageError("No build engine is set up here.", "set `TESSERA_DOCKER_HOST` or `TESSERA_BUILDKIT_HOST`")
    connections = services.builds.connections
    if not words:
        return _list(connections)
    removes = words[0] == "remove"
    place = _place(words[1:] if removes else words, connections)
    if removes:
        return _remove(place, connections, request)
    need_lasting(services, INSTEAD[place.kind])
    return _add(place, connections, request)


def _place(words: tuple[str, ...], connections: Connections) -> Place:
    match words:
        case ("registry", host):
            return Place(REGISTRY, _host(host))
        case ("github",) if connections.github:
            return Place(GITHUB, connections.github)
        case ("github", host) if host in (connections.github, f"https://{connections.github}"):
            return Place(GITHUB, connections.github)
        case ("github", host):
            raise UsageError(
                f"I speak to {connections.github}, not to `{host[:60]}`.",
                "set TESSERA_GITHUB_URL to the API of a GitHub Enterprise Server, then `/connect github`",
            )
    raise UsageError("Connect what?", FORM)


def _host(word: str) -> str:
    """The registry's name as image references have it."""
    try:
        return parse_repository(f"{word}/any").host if "." in word or ":" in word or word == "localhost" else _bad(word)
    except BadReference as error:
        raise UsageError(error.message, FORM) from error


def _bad(word: str) -> str:
    raise UsageError(f"`{word[:60]}` is not the host of a registry.", FORM)


def _list(connections: Connections) -> Reply:
    found = connections.listed()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        healths = list(pool.map(lambda one: _health(connections, one), found))
    rows = tuple(Evidence(f"{one.kind} {one.host}", said) for one, (_, said) in zip(found, healths, strict=True))
    bad = sum(not good for good, _ in healths)
    known = f"{len(found)} connection{'' if len(found) == 1 else 's'}" if found else "No connections"
    headline = f"{known}, {bad} of them not working." if bad else f"{known}, all working." if found else f"{known} yet."
    facts = () if found else (f"to add one: `{FORM}`",)
    data: dict[str, object] = {
        "connections": [
            {"kind": one.kind, "host": one.host, "by": one.by, "at": one.at, "works": good}
            for one, (good, _) in zip(found, healths, strict=True)
        ]
    }
    tone = Tone.FAULT if bad else Tone.INFO
    return Reply(Document(tone, headline, facts=facts, evidence=rows), outcome="fault" if bad else "", data=data)


def _health(connections: Connections, one: Connection) -> tuple[bool, str]:
    origin = f"added by {one.by} at {one.at}" if one.by else "from the settings"
    try:
        more = connections.check(one.kind, one.host)
    except TesseraError as error:
        return False, f"✗ {error.message} {error.hint} ({origin})"
    return True, " ".join(filter(None, ("✓ works", more, f"({origin})")))


def _add(place: Place, connections: Connections, request: Request) -> Reply:
    connections.ready()
    form = _registry_form(place.host) if place.kind == REGISTRY else _github_form(place.host)
    if request.filled is None:
        return Reply(Document(Tone.INFO, f"The login for {place.host}?"), form=form)
    problems, more = form.problems(request.filled), ""
    login = Credentials("", "")
    if not problems:
        login, problems = _login(place, request.filled)
    if not problems:
        try:
            more = connections.check(place.kind, place.host, login)
        except TesseraError as error:
            problems = {form.fields[-1].name: f"{error.message} {error.hint}"}
    if problems:
        said = " ".join(problems.values())
        return Reply(Document(Tone.REFUSED, said), form=form.again(request.filled, problems))
    connections.keep(place.kind, place.host, login, request.actor.user)
    facts = (*([more] if more else []), f"to remove it: `/connect remove {place.words}`")
    document = Document(Tone.HEALTHY, f"{place.host} takes the login; it is kept, encrypted.", facts=facts)
    return Reply(document, data={"kind": place.kind, "host": place.host, "kept": True})


def _login(place: Place, filled: Mapping[str, str]) -> tuple[Credentials, dict[str, str]]:
    """What was filled in, and what is wrong with it by field."""
    if place.kind == REGISTRY:
        return Credentials(filled["username"].strip(), filled["password"]), {}
    app, secret = filled.get("app", "").strip(), filled["login"].strip()
    if app and not (app.isascii() and app.isdecimal() and int(app) > 0):
        return Credentials("", ""), {
            "app": "The id of an App is a number, such as 12345; GitHub shows it in its settings."
        }
    if app and KEY not in secret:
        return Credentials("", ""), {"login": "An App needs its private key: the whole .pem file, from BEGIN to END."}
    if not app and KEY in secret:
        return Credentials("", ""), {"app": "This is the private key of an App: which one? Its id is a number."}
    if not app and len(secret.split()) != 1:
        return Credentials("", ""), {"login": "A token is one word, such as github_pat_…"}
    return Credentials(app, f"{secret}\n" if app else secret), {}


def _registry_form(host: str) -> Form:
    better = "A token that may only pull and push is better than a password."
    fields = (
        Field("username", "User", hint="Docker Hub and GHCR: your name there. ECR: AWS."),
        Field("password", "Password or token", FieldKind.SECRET, VISIBLE + better, longest=3000),
    )
    return Form("Connect a registry", "Try and keep", fields, f"The login for `{host}`. It is kept only if it works.")


def _github_form(host: str) -> Form:
    needs = "It needs Contents and Pull requests (read); to show how builds go, Deployments and Checks (write)."
    fields = (
        Field("app", "App id", hint="The number of a GitHub App; empty for a token.", optional=True, longest=20),
        Field(
            "login",
            "Token, or the App's private key (.pem)",
            FieldKind.SECRET,
            f"{VISIBLE}{needs}",
            longest=8000,
            lines=True,
        ),
    )
    return Form("Connect GitHub", "Try and keep", fields, f"The login for `{host}`. It is kept only if it works.")


def _remove(place: Place, connections: Connections, request: Request) -> Reply:
    stored = [one for one in connections.listed() if (one.kind, one.host) == (place.kind, place.host) and one.by]
    if not stored:
        return Reply(
            Document(Tone.REFUSED, f"No login for {place.host} is kept here.", facts=("`/connect` lists them",))
        )
    mark = hashlib.sha256(f"remove {stored[0]}".encode()).hexdigest()[:16]
    if request.approval is None or request.approval.hash != mark:
        confirm = LOSES[place.kind].format(place.host)
        yes = Button("Remove", "connect", f"remove {place.words}", "danger", mark, stored[0].at, confirm)
        facts = (f"added by {stored[0].by} at {stored[0].at}",)
        return Reply(
            Document(Tone.INFO, f"Remove the login for {place.host}?", facts=facts, buttons=(yes,)), outcome="proposed"
        )
    connections.remove(place.kind, place.host)
    said = Document(Tone.HEALTHY, f"The login for {place.host} is removed.")
    return Reply(said, data={"host": place.host, "removed": True})
