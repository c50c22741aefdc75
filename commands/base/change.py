"""A change is shown first and runs after a yes: what was approved is what runs.

The yes carries the hash of the plan and the time it was made for. The command then works its plan out anew for that
time; only if the hash is still the same is it sent, step by step. So nothing that a plan holds is stored, and a plan
that the cluster has overtaken is shown again instead of being run. What was sent is noted, so that a job which is run
again after a crash goes on where it was.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from commands.base.errors import Denied, TesseraError, Unavailable
from commands.base.journal import Journal
from commands.base.ports import Services
from commands.base.request import Reply, Request
from explainers.diagnosis.access import grant
from explainers.document import Button, Document, Tone
from explainers.operations.access import AccessReview, WhoAmI, allowed, username
from explainers.operations.base import Answer, Operation
from explainers.plan import Plan, Step

BEGAN, SENT, DONE = "change-began", "change-sent", "change-done"


@dataclass(frozen=True)
class Change:
    """A proposal: `document` shows it (its plan is what would be sent), `verify` says what became of it afterwards.

    `target` (`kind/name`) and `namespace` are what it is about. `confirm` restates it for the one who presses.
    """

    document: Document
    target: str
    namespace: str
    verify: Callable[[], Reply]
    confirm: str

    @property
    def plan(self) -> Plan:
        return self.document.plan


def moment(request: Request, services: Services) -> datetime:
    """The time that a plan is made for: now, or the time of the plan that was approved."""
    return datetime.fromisoformat(request.approval.at) if request.approval else services.clock.now()


def under_way(request: Request, services: Services) -> bool:
    """Whether an earlier run of this approved request has begun to change things: a command then must not conclude
    from what it finds that there is nothing to do."""
    return bool(request.approval and Journal(services.state, request.id).noted(BEGAN))


def settle(change: Change, request: Request, services: Services) -> Reply:
    """The proposal for a yes, or, when this request is the yes to exactly this plan, the change made and verified.

    Raises Denied when the identity may not do a step, Unavailable when the cluster does not answer.
    """
    if not request.approval:
        refuse_forbidden(change.plan, services)
        return _proposal(change, request, services)
    journal = Journal(services.state, request.id)
    steps = sendable(change.plan)
    if request.approval.hash == change.plan.hash:
        journal.note(BEGAN, json.dumps([_mark(step) for step in steps]))
    elif journal.noted(BEGAN):  # an earlier run of this job sent a part of it
        steps = [step for step in steps if _mark(step) in json.loads(journal.noted(BEGAN))]
    else:
        return _proposal(change, request, services, "the cluster has changed since: this is the plan for now")
    if not journal.noted(DONE):
        _send(steps, services, journal)
        journal.note(DONE)
    return change.verify()


def sendable(plan: Plan) -> list[Step]:
    """The steps of a plan that are sent: those that change something. The others show how to look by hand."""
    return [step for step in plan.steps if step.changes and isinstance(step.operation, Operation)]


def _mark(step: Step) -> str:
    """A step as it was shown, told from others without keeping what it says."""
    return hashlib.sha256(step.operation.line().encode()).hexdigest()[:16]


def _proposal(change: Change, request: Request, services: Services, fact: str = "") -> Reply:
    at = moment(request, services)  # the very time that the plan was worked out for
    text = request.text if _names_namespace(request.text) else f"{request.text} -n {change.namespace}"
    yes = Button("Apply", request.command, text, "primary", change.plan.hash, at.isoformat(), change.confirm)
    facts = (fact, *change.document.facts) if fact else change.document.facts
    document = replace(change.document, facts=facts, buttons=(yes, *change.document.buttons))
    return Reply(document, change.target, change.namespace, "proposed", _data(change))


def _names_namespace(text: str) -> bool:
    return any(word.partition("=")[0] in ("-n", "--namespace") for word in text.split())


def _data(change: Change) -> dict[str, object]:
    return {"target": change.target, "namespace": change.namespace, "plan": _told(change.plan), "applied": False}


def _told(plan: Plan) -> list[dict[str, object]]:
    return [{"kubectl": step.operation.line(), "changes": step.changes} for step in plan.steps]


def refuse_forbidden(plan: Plan, services: Services) -> None:
    """Ask the API before anybody is asked: a button that cannot work is not shown. Unknown does not forbid here."""
    needed = [step.operation.permission() for step in sendable(plan) if isinstance(step.operation, Operation)]
    asked = list(dict.fromkeys(needed))
    answers = services.cluster.read([AccessReview(permission) for permission in asked])
    missing = [one for one, answer in zip(asked, answers, strict=True) if allowed(answer.object) is False]
    if not missing:
        return
    who = username(services.cluster.run(WhoAmI()).object) or "USER"
    grants = [change.line() for one in missing for change in grant(one, who)]
    told = f"an administrator can grant it: `{' && '.join(dict.fromkeys(grants))}`" if grants else ""
    raise Denied(f"You may not do that: it needs {', '.join(map(str, missing))}.", told)


def _send(steps: list[Step], services: Services, journal: Journal) -> None:
    """Every step in order, each noted once it is done.

    Raises at the first that fails, saying what was done before and how to take it back.
    """
    done: list[Step] = []
    for step in steps:
        if not isinstance(step.operation, Operation) or journal.noted(f"{SENT}:{_mark(step)}"):
            continue
        services.progress(step.operation.line())
        answer = services.cluster.run(step.operation)
        if not answer.ok:
            raise _failure(step, answer, done)
        journal.note(f"{SENT}:{_mark(step)}")
        done.append(step)


def _failure(step: Step, answer: Answer, done: list[Step]) -> TesseraError:
    line = step.operation.line()
    if answer.status in (0, 429) or answer.status >= 500:
        sent = f"The cluster did not answer `{line}`: {answer.reason}."
        return Unavailable(f"{sent} Whether it was done is not known.", "ask again: what was done is not done twice")
    said = ", ".join(f"`{one.operation.line()}`" for one in done)
    before = f" Done before it: {said}." if done else " Nothing was changed."
    undo = "; ".join(f"`{one.reversible}`" for one in reversed(done) if one.inverse)
    hint = f"to take that back: {undo}" if undo else ""
    return Denied(f"The cluster did not take `{line}`: {answer.reason}.{before}", hint)


def applied(headline: str, good: bool, target: str, namespace: str, plan: Plan, facts: tuple[str, ...] = ()) -> Reply:
    """What a change came to, in the words of its command."""
    tone = Tone.HEALTHY if good else Tone.UNKNOWN
    data: dict[str, object] = {"target": target, "namespace": namespace, "plan": _told(plan)}
    document = Document(tone, headline, facts=facts, plan=plan)
    return Reply(document, target, namespace, "healthy" if good else "unknown", data | {"applied": True, "good": good})
