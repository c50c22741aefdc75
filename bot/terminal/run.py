"""Run one command from the terminal: progress while waiting, the reply, a yes where one is needed, the exit code."""

import getpass
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import typer
from rich.console import Console

from bot.terminal.choosing import chosen, lines
from bot.terminal.forms import Given, fill
from bot.terminal.mistakes import FAILED, fail
from bot.terminal.output import Output
from bot.terminal.pipes import read_or_not
from bot.terminal.render import inline, show, working
from bot.terminal.wording import typed_here
from commands.base import dispatch
from commands.base.errors import TesseraError, Unavailable
from commands.base.ports import Audience, Services
from commands.base.registry import Handler
from commands.base.request import Actor, Approval, Reply, Request
from explainers.document import Document

PROPOSED = "proposed"
TRIES = 4
"""Plans that are shown, one after another, while the cluster changes under them."""
EXIT = {"healthy": 0, "": 0, "fault": 1, "unknown": FAILED, "asked": FAILED}
Connect = Callable[[Audience], Services]


def arguments(*words: str, **options: str) -> str:
    """The text of a request: its words and those options that have a value, quoted, to be parsed as in a chat."""
    given = [word for name, value in options.items() if value for word in (f"--{name}", value)]
    return shlex.join([*words, *given])


@dataclass(frozen=True)
class Asked:
    """What was typed: the command's name and handler, its text, how to print the reply, whether yes was said before,
    and values for fields of its form."""

    name: str
    handler: Handler
    text: str
    output: Output = Output.TEXT
    yes: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


def run(asked: Asked, connect: Connect) -> int:
    """Answer one request and print it; the exit code is 0 healthy or done, 1 fault found, 2 could not tell or not done.

    Raises TesseraError, except for scripts: for them the error is JSON, too.
    """
    try:
        reply = answer(asked, connect)
        while reply.form:
            reply = answer(asked, connect, filled=fill(reply.form, reply.document, Given(asked.values, asked.yes)))
        for _ in range(TRIES):  # a cluster that changed meanwhile has another plan, which wants another yes
            if reply.outcome != PROPOSED:
                break
            if not _agreed(asked, reply):
                return FAILED
            yes = next(button for button in reply.document.buttons if button.approves)
            reply = answer(replace(asked, text=yes.argument), connect, Approval(yes.approves, yes.at))
        if reply.outcome == PROPOSED:
            raise Unavailable(
                "The cluster changes faster than I can plan. Nothing was changed.", "try again in a minute"
            )
    except TesseraError as error:
        if asked.output is not Output.JSON:
            raise
        print_json({"error": typed_here(error.message, asked.name), "hint": typed_here(error.hint, asked.name)})
        return FAILED
    _print(reply, asked.output)
    return _choose(asked, connect, reply) if reply.choices else EXIT[reply.outcome]


def _choose(asked: Asked, connect: Connect, reply: Reply) -> int:
    """Ask about each thing that is proposed; where nobody sits here, print the lines that do it.

    What was skipped, or did not work, is not proposed again; whatever comes after it is.
    """
    if asked.output is not Output.TEXT:
        return EXIT[reply.outcome]
    if not sys.stdin.isatty() or any(not choice.line.startswith("/") for choice in reply.choices):
        lines(typed_here(choice.line, asked.name) for choice in reply.choices)
        return EXIT[reply.outcome]
    skipped: list[str] = []
    code = 0
    while reply.choices:
        for choice in reply.choices:
            said = chosen(choice)
            done = 0 if said is None else _tried(replace(asked, text=said), connect)
            skipped += [choice.thing] if said is None or done else []
            code = max(code, done)
        reply = answer(replace(asked, text=f"{asked.text} {shlex.join(['--skip', ','.join(skipped)])}"), connect)
        _print(reply, asked.output)
    return code


def _tried(asked: Asked, connect: Connect) -> int:
    """The exit code of one of several requests: what is wrong with it keeps nobody from the others."""
    try:
        return run(asked, connect)
    except TesseraError as error:
        return fail(error, asked.name)


def _print(reply: Reply, output: Output) -> None:
    with read_or_not():
        if output is Output.JSON:
            print_json(reply.data)
        elif output is Output.HTML:
            from bot.page.render import page

            print(page(reply.document))
        else:
            show(reply.document, Console())


def _agreed(asked: Asked, reply: Reply) -> bool:
    """Whether the plan may be sent: said before by `--yes`, or now by whoever sits here and has been shown it."""
    if asked.yes:
        return True
    _print(reply, asked.output)
    here = asked.output is Output.TEXT and sys.stdin.isatty()
    if here and typer.confirm("\n  Apply?", default=False):
        return True
    how = "." if here else ": say `--yes` to do it without being asked."
    Console(stderr=True).print(f"Nothing was changed{how}", markup=False)
    return False


def answer(
    asked: Asked, connect: Connect, approval: Approval | None = None, filled: Mapping[str, str] | None = None
) -> Reply:
    """The reply, with progress on the terminal until it comes. Raises TesseraError."""
    request = Request(asked.name, asked.text, Actor(_login()), approval=approval, filled=filled)
    if not sys.stderr.isatty():
        return dispatch.run(asked.handler, request, connect(Audience()))
    with Console(stderr=True).status("connecting") as status:

        def interim(document: Document) -> None:
            status.update(working(document))

        audience = Audience(lambda told: status.update(inline(told)), interim)
        return dispatch.run(asked.handler, request, connect(audience))


def print_json(data: dict[str, object]) -> None:
    print(json.dumps(data, indent=2))


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return f"uid {os.getuid()}"
