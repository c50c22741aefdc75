"""From a request to a reply: find the command, ask policy, run the handler, turn mistakes into answers."""

from collections.abc import Callable
from dataclasses import replace

from commands.base.errors import TesseraError, Unavailable, UsageError
from commands.base.parse import parse
from commands.base.policy import Decision, Policy, decide
from commands.base.ports import Services
from commands.base.registry import Command, Handler, commands
from commands.base.request import Identity, Reply, Request
from explainers.diagnosis.near import nearest_one
from explainers.document import Document, Tone

Connect = Callable[[Identity], Services]


def dispatch(request: Request, policy: Policy, connect: Connect, home: str) -> Reply:
    """The reply to a request; what a person did wrong is a reply too, so this raises nothing for it.

    From Slack, `Unavailable` is raised: the job is kept and tried again. `home` is the namespace meant when neither
    the text nor the channel names one. Policy judges the very namespaces that the handler will read, parsed by the
    same code.
    """
    try:
        command = find(request.command)
        request = replace(request, namespace=request.namespace or home)
        for namespace in _namespaces(request, command):
            decision = decide(policy, request.actor, command.name, namespace)
            if not decision.allowed:
                return refusal(decision)
        return run(command.handler, request, connect(decision.identity))
    except Unavailable as error:
        if request.surface == "slack":
            raise
        return apology(error, request)
    except TesseraError as error:
        return apology(error, request)


def _namespaces(request: Request, command: Command) -> list[str]:
    """Every namespace that the handler will read, the default one included."""
    typed = parse(request.text, command.form, command.options, command.flags)
    return [typed.namespace or request.namespace, *filter(None, [typed.option("--from")])]


def run(handler: Handler, request: Request, services: Services) -> Reply:
    """Run a handler and clean up after it. Raises TesseraError."""
    try:
        return handler(request, services)
    finally:
        services.close()


def find(name: str) -> Command:
    """The command of that name; raises UsageError with the nearest one."""
    known = commands()
    if name in known:
        return known[name]
    near = nearest_one(name, known)
    said = "".join(c for c in name if c.isprintable() and c != "`")[:40]
    hint = f"did you mean `{near}`?" if near else "`help` lists what I can do"
    raise UsageError(f"I know no command `{said}`.", hint)


def refusal(decision: Decision) -> Reply:
    """What somebody without the right is told: why, and the line that an administrator would add."""
    code = f"# {decision.where}\n{decision.line}" if decision.line else ""
    facts = ("an administrator can add this line to the policy:",) if decision.line else ()
    return Reply(Document(Tone.REFUSED, f"I may not do that for you: {decision.reason}.", facts=facts, code=code))


def apology(error: TesseraError, request: Request) -> Reply:
    """An error as a reply: what, whether anything changed, what to do."""
    facts = (error.hint,) if error.hint else ()
    data: dict[str, object] = {"error": error.message, "hint": error.hint, "request": request.id}
    return Reply(Document(Tone.REFUSED, error.message, facts=facts), data=data)
