"""Plans for files that are mounted one by one: another file of the volume, or what it lacks."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.config import STARTS, create, put_key
from explainers.diagnosis.plans.remedies import another_pod, back_step, change_container
from explainers.diagnosis.views.endings import blame
from explainers.diagnosis.views.pods import Container, Json, dicts, text
from explainers.diagnosis.views.references import Reference
from explainers.diagnosis.views.revisions import revisions
from explainers.kinds import Ref
from explainers.operations.rollouts import Restart
from explainers.operations.workloads import workload
from explainers.plan import Plan, Step


def for_subpath(case: Case, container: Container, mount: Json, one: Reference, near: str) -> Plan:
    """Mount the near file; else put the key into the ConfigMap or Secret, which only new pods see."""
    ref, at = blame(case, container.pod), text(mount, "mountPath")
    forth, now = ({"volumeMounts": [{"mountPath": at, "subPath": key}]} for key in (near, one.key))
    why = f"mount the file `{near}` at `{at}`, if that is what was meant"
    steps = change_container(case, ref, container, forth, why, STARTS, back=now) if near else ()
    put = (put_key(case, one), *renewed(case, ref), *another_pod(case, ref, container))
    before = two.container_before(container.name) if (two := revisions(case)) else {}
    same = any(text(each, "subPath") == text(mount, "subPath") for each in dicts(before, "volumeMounts"))
    undone = () if same else back_step(case, ref)
    return Plan(steps, (*put, *undone)) if steps else Plan(put, undone)


def for_absent_optional(case: Case, container: Container, one: Reference) -> Plan:
    """Create what an optional volume names, with the key that is mounted; only new pods see it."""
    ref = blame(case, container.pod)
    steps = (create(case, one, [one.key]), *renewed(case, ref), *another_pod(case, ref, container))
    return Plan(steps, back_step(case, ref))


def renewed(case: Case, ref: Ref) -> tuple[Step, ...]:
    """New pods for a workload; none where its pods are made in another way."""
    if not workload(ref.type):
        return ()
    again = Restart(ref.type, ref.namespace, ref.name, case.now)
    return (Step(again, "make new pods, which read it anew", "the new pods become ready one after another"),)
