"""Follow a rollout to its end: new pods that serve, or the diagnosis of why they do not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from commands.base.change import applied
from commands.base.errors import Unavailable
from commands.base.investigate import investigate
from commands.base.ports import Services, Stop
from commands.base.request import Reply
from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.engine import diagnose
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.model import Outcome, Verdict
from explainers.diagnosis.report import document
from explainers.diagnosis.rules import RULES
from explainers.diagnosis.standing import PROVING, Standing, old_pods, on_delete, standing
from explainers.diagnosis.views.pods import Pod
from explainers.document import Button, Tone
from explainers.kinds import Ref
from explainers.operations.base import Json
from explainers.operations.pods import Delete
from explainers.operations.rollouts import Resume, RolloutStatus
from explainers.plan import Plan, Step, plan

LOOK_EVERY = 0.5
"""Seconds between two looks."""
HOPE = timedelta(seconds=6)
"""How long a stuck pod is given: a first pull that failed is tried again by the kubelet."""
PATIENCE = timedelta(minutes=10)
"""How long a rollout may take; a Deployment's own progress deadline is the same by default."""
AWAY = timedelta(seconds=45)
"""How long the cluster may stay silent while it is watched."""


@dataclass(frozen=True)
class Ended:
    """How a rollout ended. `standing` is the last look; `stopped` when somebody cancelled the waiting."""

    standing: Standing
    stopped: bool = False

    @property
    def good(self) -> bool:
        return self.standing.done


def never() -> bool:
    return False


def watch_step(target: Ref) -> Step:
    """How to follow the rollout by hand."""
    return Step(RolloutStatus(target.type, target.namespace, target.name), "See it through", "successfully rolled out")


def watch_steps(target: Ref, workload: Json) -> tuple[Step, ...]:
    """The same where kubectl can follow it: not where pods are replaced only once they are deleted."""
    return () if on_delete(workload) else (watch_step(target),)


def follow(services: Services, target: Ref, patience: timedelta = PATIENCE, stop: Stop = never) -> Ended:
    """Wait until the workload's newest pods all serve, or until it is clear that they will not.

    Where no readiness probe says that they do, they are watched for a few seconds more.
    Raises Unavailable when the cluster does not answer for long.
    """
    began = stuck_since = good_since = services.clock.now()
    said = ""
    while True:
        seen = _look(services, target)
        now = services.clock.now()
        stuck_since, good_since = stuck_since if seen.stuck else now, good_since if seen.done else now
        proven = seen.done and not (seen.young and now - good_since < PROVING)
        told = seen.said if proven or not seen.done else f"{seen.said}; no readiness probe, so I watch for a moment"
        if told != said:
            said = told
            services.progress(said)
        if proven or now - stuck_since > HOPE or now - began > patience or stop():
            return Ended(seen, stop())
        services.clock.wait(LOOK_EVERY)


def _look(services: Services, target: Ref) -> Standing:
    began: datetime | None = None
    while True:
        now = services.clock.now()
        began = began or now
        try:
            return investigate(lambda facts: standing(Case(facts, target)), Facts(now), services.cluster, services.ask)
        except Unavailable as error:
            if now - began > AWAY:
                told = "The change is made; the cluster stopped answering while I watched what comes of it."
                raise Unavailable(told, error.hint) from error
        services.clock.wait(LOOK_EVERY)


def verified(
    services: Services, target: Ref, steps: Plan, good: str, bad: str, held: str = "", back: Button | None = None
) -> Reply:
    """What a change of a workload came to: `good` as the headline when its pods serve, otherwise the diagnosis of why
    not after `bad`, with the way `back` as a button. `held` is the headline instead when pods of the earlier revision
    stay on purpose; by default that is as good."""
    ended = follow(services, target)
    if not ended.good:
        return unserved(services, target, ended, bad, back)
    seen = ended.standing
    facts = (seen.said if seen.wanted else "no pods are wanted", *([seen.held] if seen.held else []))
    further = _by_hand(services, target) if seen.held else ()
    shown = plan(*steps.steps, *further)
    if seen.held and held:
        return applied(held, False, str(target), target.namespace, shown, facts)
    return applied(good, True, str(target), target.namespace, shown, facts)


def _by_hand(services: Services, target: Ref) -> tuple[Step, ...]:
    """What brings the pods that are held back to the newest revision."""

    def question(facts: Facts) -> tuple[Json, list[Pod]]:
        case = Case(facts, target)
        return case.workload, old_pods(case) if on_delete(case.workload) else []

    workload, old = investigate(question, Facts(services.clock.now()), services.cluster, services.ask)
    if on_delete(workload):
        why = "deleted, it is made again from the new template"
        return tuple(Step(Delete(kinds.POD, pod.namespace, pod.name), why) for pod in old)
    if target.kind == "Deployment":
        return (Step(Resume(target.type, target.namespace, target.name), "let it roll out"),)
    return ()


def unserved(services: Services, target: Ref, ended: Ended, bad: str, back: Button | None = None) -> Reply:
    """The diagnosis of pods that do not come to serve, under the headline `bad`; the way `back`, by default to the
    revision before, is a button."""
    verdict = examined(services, target)
    told = document(verdict)
    where = f"{target} -n {target.namespace}"
    back = back or Button("Roll back", "rollback", where, "danger")
    facts = (ended.standing.said, *([ended.standing.stuck] if ended.standing.stuck else []), *told.facts)
    if verdict.outcome is not Outcome.FAULT:
        told = replace(told, tone=Tone.UNKNOWN, headline="it is not clear yet why.")
    told = replace(
        told, headline=f"{bad}: {told.headline}", facts=tuple(dict.fromkeys(facts)), buttons=(back, *told.buttons)
    )
    outcome = "fault" if verdict.outcome is Outcome.FAULT else "unknown"
    return Reply(told, str(target), target.namespace, outcome, {"applied": True, "good": False, "why": told.headline})


def examined(services: Services, target: Ref) -> Verdict:
    """The verdict about the target now."""
    facts = Facts(services.clock.now())
    return investigate(partial(diagnose, target=target, rules=RULES), facts, services.cluster, services.ask)
