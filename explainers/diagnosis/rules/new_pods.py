"""A rollout whose new pods do not become ready, beside those of the revision before (class 112); called by
rules/endpoints.py.

That others of the workload are ready tells nothing of a template that no pod has proven yet: a fresh pod of it would be
as little ready, so the way is back, or a better template. Once the Deployment itself says so, rules/workloads.py tells.
"""

from collections.abc import Sequence

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import services as plans
from explainers.diagnosis.plans.remedies import another_pod
from explainers.diagnosis.rules.probes import passes_elsewhere
from explainers.diagnosis.views.pods import Pod, condition
from explainers.diagnosis.views.revisions import Held, Revisions, history, made_of, revisions, still_serves, told_change
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.rollouts import undo
from explainers.plan import Plan, Step


def unproven_revision(case: Case, pod: Pod) -> Held | None:
    """The newest revision, where this pod is of it, pods of others are ready, and none of its own is."""
    if case.workload_ref is None or passes_elsewhere(case, pod):
        return None
    newest = next(iter(history(case)), None)
    if newest is None or not made_of(pod, newest):
        return None
    return newest if any(one.ready for one in case.pods) else None


def does_not_get_on(
    case: Case, pod: Pod, newest: Held, words: str, seen: Sequence[Evidence], doubt: str
) -> Finding | None:
    """112: the new pod is not ready, for the reason that `words` tell; None where the Deployment has given it up."""
    ref = case.workload_ref
    if ref is None or condition(case.workload, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        return None
    found = revisions(case)
    serves = found is not None and still_serves(case, found)
    clause = f"the rollout of revision {newest.number} does not get on: its new pod `{pod.name}` is not ready, "
    clause += f"because {words}{doubt}"
    rows = [*seen]
    if found:
        rows.append(told_change(case, found))
        clause += f"; revision {found.previous} still serves" if serves else ""
    look = plans.look_at_unready(pod, others_ready=False)
    back = _back(case, ref, pod, found) if found and serves else ()
    plan = Plan(look.steps, back) if doubt else Plan((*back, *look.steps))
    sure = Confidence.LIKELY if doubt else Confidence.SURE
    return Finding(112, ref, Layer.WORKLOAD, clause, tuple(rows), plan, sure, pod.ready_since)


def _back(case: Case, ref: Ref, pod: Pod, found: Revisions) -> tuple[Step, ...]:
    why = f"go back to revision {found.previous}, which serves; correct the template in peace"
    step = Step(undo(ref.type, case.workload, found.holder_before, found.holder), why, "the new pods go")
    return (step, *another_pod(case, ref, pod.main_containers[0]))
