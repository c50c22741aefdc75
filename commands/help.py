"""`help`: what Tessera can do, from the registered commands."""

from commands.base.errors import UsageError
from commands.base.ports import Services
from commands.base.registry import Command, command, commands
from commands.base.request import Reply, Request
from explainers.diagnosis.near import nearest_one
from explainers.document import Document, Evidence, Tone


@command("help", "[COMMAND]", "/tessera help diagnose", follow_up=True)
def help_(request: Request, _services: Services) -> Reply:
    """List what I can do, or explain one command."""
    word = request.text.strip().lstrip("/")
    if not word:
        return Reply(_all())
    found = commands().get(word)
    if found is None:
        near = nearest_one(word, commands())
        raise UsageError("I know no such command.", f"did you mean `{near}`?" if near else "`help` lists them all")
    return Reply(_one(found))


def _all() -> Document:
    rows = tuple(Evidence(f"`{form(one)}`", one.summary) for one in commands().values())
    facts = ("in a thread, mention me with one word: why, logs, events, pods, plan, recheck",)
    return Document(
        Tone.INFO, "I say what is wrong in this cluster, why, and how to fix it.", facts, rows, private=True
    )


def _one(found: Command) -> Document:
    said = f"`{form(found)}`: {found.summary}"
    return Document(
        Tone.INFO, said, facts=(f"for example `{found.example}`",), explanation=_details(found), private=True
    )


def _details(found: Command) -> str:
    """What follows the summary in the help, one line a paragraph: the chat breaks lines where it needs to."""
    paragraphs = found.help.split("\n\n")[1:]
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def form(found: Command) -> str:
    """How a command is typed: with its own slash command where it has one."""
    return f"{'/' if found.slash else '/tessera '}{found.name} {found.usage}".strip()
