"""`why` and `plan` in a thread: the reasoning behind a verdict, and what to do, each alone."""

from dataclasses import replace
from functools import partial

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import Scene, scene
from explainers.diagnosis.engine import diagnose
from explainers.diagnosis.report import document
from explainers.diagnosis.rules import RULES
from explainers.document import Document, Tone
from explainers.plan import Plan

WHY_FORM = "why TARGET [-n NAMESPACE]; in a thread about something, just `why`"
PLAN_FORM = "plan TARGET [-n NAMESPACE]; in a thread about something, just `plan`"


@command("why", "TARGET [-n NAMESPACE]", "@tessera why", follow_up=True)
def why(request: Request, services: Services) -> Reply:
    """Explain a verdict: the evidence, what was found fine, and how the fault works."""
    at = scene(request, services, WHY_FORM)
    return _reply(at, replace(_document(at), plan=Plan(), buttons=()))


@command("plan", "TARGET [-n NAMESPACE]", "@tessera plan", follow_up=True)
def plan(request: Request, services: Services) -> Reply:
    """Show the game plan alone: each step with its command, what it does and what to expect."""
    at = scene(request, services, PLAN_FORM)
    full = _document(at)
    if not full.plan:
        return _reply(at, Document(Tone.INFO, f"There is nothing to do: {full.headline}"))
    return _reply(at, Document(full.tone, full.headline, plan=full.plan))


def _document(at: Scene) -> Document:
    return document(at.about(partial(diagnose, target=at.target, rules=RULES)))


def _reply(at: Scene, shown: Document) -> Reply:
    return Reply(shown, str(at.target), at.target.namespace)
