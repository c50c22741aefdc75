"""A request, whatever surface it came from, and the reply to it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from explainers.document import Document
from explainers.form import Form


def new_request_id() -> str:
    """A short id that follows a request from the chat to the log line, e.g. `r-8f2c1a`."""
    return f"r-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class Identity:
    """A Kubernetes identity to act as; empty means the connection's own."""

    user: str = ""
    groups: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.user or "the connection's own identity"


@dataclass(frozen=True)
class Actor:
    """The person who asked. In the terminal `user` is the local login and `team` and `channel` are empty."""

    user: str
    team: str = ""
    enterprise: str = ""
    channel: str = ""
    guest: bool = False
    bot: bool = False
    shared_channel: bool = False


@dataclass(frozen=True)
class Approval:
    """Somebody's yes to one plan: `hash` covers all that it would send, `at` is the time (ISO 8601) it was made for.

    The command works its plan out anew for that time, and runs it only if the hash is still the same.
    """

    hash: str
    at: str


@dataclass(frozen=True)
class Request:
    """One command: who asks for what, where.

    `surface` is `slack` or `terminal` (the web console is a Slack). `thread` is the Slack timestamp of the
    thread that the request continues. `namespace` and `cluster` are the defaults of the place it was asked in.
    `approval` is set when this is the yes to a plan that an earlier request of the same text was shown. `filled` is
    what was filled into the form that it was answered with, by field; it may hold secrets and is never printed.
    `pushed` is the commit whose push asked, where it was no person: then `actor` is who stands for that.
    """

    command: str
    text: str
    actor: Actor
    surface: str = "terminal"
    thread: str = ""
    namespace: str = ""
    id: str = field(default_factory=new_request_id)
    approval: Approval | None = None
    filled: Mapping[str, str] | None = field(default=None, repr=False)
    pushed: str = ""

    @property
    def unbounded(self) -> bool:
        """Whether no policy says which namespaces the person may ask about: then only the cluster does."""
        return self.surface == "terminal"


@dataclass(frozen=True)
class Choice:
    """Something proposed that is accepted, edited or skipped: buttons in a chat, a question in a terminal.

    `accept` and `edit` are what the reply's command is given then; `thing` is what its `--skip` is given. `line` does
    the same as to accept it, for somebody to type.
    """

    thing: str
    told: str
    accept: str
    edit: str
    line: str


@dataclass(frozen=True)
class Reply:
    """The answer to a request.

    `target` (`kind/name`, with `namespace`) is what a conversation in the thread goes on about.
    `data` is the machine-readable form for `--output json`; `outcome` is healthy, fault, unknown or empty. With a
    `form`, this is no answer yet: the request is asked again with what is filled in. `choices` are what it proposes.
    """

    document: Document
    target: str = ""
    namespace: str = ""
    outcome: str = ""
    data: dict[str, object] = field(default_factory=dict)
    form: Form | None = None
    choices: tuple[Choice, ...] = ()
