"""Where a container is told to listen for itself only: on its loopback address, which no other pod reaches.

Many servers do so unless they are told otherwise (`flask run`, `uvicorn`, development servers), which is right on a
laptop and silent in a pod.
"""

import re
from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.listening import only_loopback
from explainers.diagnosis.views.pods import Container, dicts, text, words
from explainers.document import Evidence
from explainers.patterns import pattern

LOOPBACK = r"(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)"
_OPTION = (
    r"--?(?:b|h|H|a|l|ip|host(?:name)?|bind|addr(?:ess)?|listen|interface"
    r"|(?:bind|listen|http|https|web|server|api)[-_.]?(?:ip|host|addr(?:ess)?|listen|bind))"
)
_TOLD = pattern(rf"(?:^|\s){_OPTION}(?:=|\s+)(?:https?://)?({LOOPBACK})(?![\w.])")
_NAMED = pattern(
    r"^(?:\w+_)?(?:HOST|HOSTNAME|BIND|BIND_?ADDR(?:ESS)?|BIND_?HOST|BIND_?IP|LISTEN|LISTEN_?(?:ADDR(?:ESS)?|HOST|IP)"
    r"|SERVER_ADDR(?:ESS)?|HTTP_ADDR(?:ESS)?|ADDR(?:ESS)?)$",
    re.IGNORECASE,
)
_OF_ANOTHER = pattern(
    r"(?:^|_)(?:DB|DATABASE|PG|POSTGRES\w*|MYSQL|MARIADB|MONGO\w*|REDIS|CACHE|RABBIT\w*|AMQP|KAFKA|SMTP|MAIL|PROXY|SENTRY)_",
    re.IGNORECASE,
)
_VALUE = pattern(rf"^(?:https?://)?({LOOPBACK})(?::\d+)?$")


@dataclass(frozen=True)
class Bound:
    """What ties the container to `address`: an entry of its command (`written`), a `variable`, or else what it logs.
    `doubtful` where a script says so, which may call other programs, or a variable, whose name alone tells what it
    means."""

    address: str
    evidence: Evidence
    variable: str = ""
    written: bool = False
    doubtful: bool = False


def bound(case: Case, container: Container, port: int) -> Bound | None:
    """The sign that the container listens on this port for itself only. Raises Missing until its log is read."""
    said = "" if (told := told_to_bind(container)) else only_loopback(case, container, port)
    return Bound("127.0.0.1", Evidence(f"log of {container.pod.name}", said)) if said else told


def told_to_bind(container: Container) -> Bound | None:
    """What in its spec tells a container to listen for itself only."""
    source = f"container {container.name}"
    entries = [*words(container.spec, "command"), *words(container.spec, "args")]
    if told := _TOLD.search(" ".join(entries)):
        script = any(_TOLD.search(one) and not one.startswith("-") for one in entries)
        return Bound(told[1], Evidence(source, f"its command says {told[0].strip()}"), written=True, doubtful=script)
    for one in dicts(container.spec, "env"):
        name, value = text(one, "name"), _VALUE.match(text(one, "value"))
        if value and _NAMED.match(name) and not _OF_ANOTHER.search(name):
            return Bound(value[1], Evidence(source, f"{name}={value[0]}"), variable=name, doubtful=True)
    return None
