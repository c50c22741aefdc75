"""A fault of pods whose template is corrected already: what is left to do is to let that template in."""

from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.after_correction import let_in
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.template import forbids


def mended(case: Case, found: Finding, pod: Pod, now: str) -> Finding:
    """The finding about a pod of an earlier template, with what the template does `now`. What keeps pods of that one
    away explains it."""
    plan = let_in(case, pod, found.plan)
    if pod.owner is None or pod.owner.kind != kinds.JOB.name:
        said = f"; {now}, but pods of it have not taken over yet"
        return replace(found, clause=found.clause + said, plan=plan, layer=Layer.POD)
    said = f"; {now}, but its run `{pod.owner.name}` is still of the one before"
    said += ", and by `concurrencyPolicy: Forbid` no other starts while it is there" if forbids(case) else ""
    return replace(found, clause=found.clause + said, plan=plan)
