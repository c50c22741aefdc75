"""`why` and `plan` in a thread: the reasoning behind a verdict, and what to do, each alone."""

from dataclasses import replace
from functools import partial

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene, scene
from explainers.diagnosis.engine import diagnose
from explainers.diagnosis.model import Outcome, Verdict
from explainers.diagnosis.report import data, document
from explainers.diagnosis.rules import RULES
from explainers.document import Document, Tone
from explainers.plan import Plan

WHY_FORM = "why TARGET [-n NAMESPACE]; in a thread about something, just `why`"
PLAN_FORM = "plan TARGET [-n NAMESPACE]; in a thread about something, just `plan`"


@command("why", "TARGET [-n NAMESPACE]", "@tessera why", follow_up=True)
def why(request: Request, services: Services) -> Reply:
    """Explain a verdict: the evidence, what was found fine, and how the fault works.

    In the terminal the exit code is that of `diagnose`: 0 healthy, 1 a fault, 2 could not tell.
    """
    at = scene(request, services, WHY_FORM)
    verdict = _verdict(at)
    return _reply(at, verdict, replace(document(verdict), plan=Plan(), buttons=()))


@command("plan", "TARGET [-n NAMESPACE]", "@tessera plan", follow_up=True)
def plan(request: Request, services: Services) -> Reply:
    """Show the game plan alone: each step with its command, what it does and what to expect.

    In the terminal the exit code is that of `diagnose`: 0 healthy, 1 a fault, 2 could not tell.
    """
    at = scene(request, services, PLAN_FORM)
    verdict = _verdict(at)
    full = document(verdict)
    if verdict.outcome is Outcome.HEALTHY and not full.plan:
        return _reply(at, verdict, Document(Tone.INFO, f"There is nothing to do: {full.headline}"))
    unchecked = full.unchecked if verdict.outcome is Outcome.UNKNOWN else ()
    return _reply(at, verdict, Document(full.tone, full.headline, unchecked=unchecked, plan=full.plan))


def _verdict(at: Scene) -> Verdict:
    return at.about(partial(diagnose, target=at.target, rules=RULES))


def _reply(at: Scene, verdict: Verdict, shown: Document) -> Reply:
    return Reply(shown, str(at.target), at.target.namespace, verdict.outcome.value, data(verdict))
