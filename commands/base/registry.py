"""Commands register themselves; every surface reads the same table.

A handler's docstring is its help: the first line is the summary in `/tessera help`, in
`tessera --help` and in the Slack app manifest.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from commands.base.ports import Services
from commands.base.request import Reply, Request

Handler = Callable[[Request, Services], Reply]
Asks = Callable[[str], bool]


class Group(StrEnum):
    """What a command is for: the heading under which it stands in a long list of them."""

    LOOK = "Look"
    CHANGE = "Change, after your yes"
    CATALOG = "Catalog"


def never(_text: str) -> bool:
    """The `asks` of commands without a form."""
    return False


@dataclass(frozen=True)
class Command:
    """One command: `usage` is the argument form, e.g. `TARGET [-n NAMESPACE]`; `example` is one that works.

    `slash` commands have their own Slack command; all are reachable as `/tessera NAME`. `follow_ups` are the
    words that continue a thread about a target (`why`, `logs`). `options` are the long options that take a value,
    `flags` those that take none. A `long` command works for minutes, on a queue of its own. One that
    `builds` uses code hosts, engines and registries. `asks` says whether a text is answered with a form: Slack opens
    one at once or not at all.
    """

    name: str
    handler: Handler
    usage: str
    example: str
    slash: bool = False
    follow_up: bool = False
    options: tuple[str, ...] = ()
    long: bool = False
    flags: tuple[str, ...] = ()
    builds: bool = False
    asks: Asks = never
    group: Group = Group.LOOK

    @property
    def help(self) -> str:
        return inspect.getdoc(self.handler) or ""

    @property
    def summary(self) -> str:
        return self.help.split("\n", 1)[0]

    @property
    def form(self) -> str:
        """The right form with an example, for whoever typed another one."""
        typed = f"{'/' if self.slash else '/tessera '}{self.name} {self.usage}".strip()
        if self.follow_up and not self.slash:
            return f"{typed}; in a thread about something, just `{self.name}`"
        return f"{typed}, for example `{self.example}`"


_COMMANDS: dict[str, Command] = {}


def command(
    name: str,
    usage: str,
    example: str,
    slash: bool = False,
    follow_up: bool = False,
    options: tuple[str, ...] = (),
    long: bool = False,
    flags: tuple[str, ...] = (),
    builds: bool = False,
    asks: Asks = never,
    group: Group = Group.LOOK,
) -> Callable[[Handler], Handler]:
    """Register a handler and return it unwrapped, so that tests can call it."""

    def register(handler: Handler) -> Handler:
        if name in _COMMANDS:
            raise ValueError(f"two commands are called {name!r}")
        _COMMANDS[name] = Command(
            name, handler, usage, example, slash, follow_up, options, long, flags, builds, asks, group
        )
        return handler

    return register


def commands() -> dict[str, Command]:
    """Every registered command by name, in the order of the alphabet."""
    return dict(sorted(_COMMANDS.items()))
