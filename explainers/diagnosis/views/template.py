"""Changes of the pod template behind a target, as operations; None where the API refuses such a change."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import number, text
from explainers.diagnosis.views.undone import undone
from explainers.kinds import Ref, ref_of
from explainers.operations.base import Change, Json
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.plan import Step

CHANGEABLE = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet")


def template_patch(case: Case, spec: Json) -> Change | None:
    """A strategic merge patch of the workload's pod spec. The templates of Jobs and bare pods cannot be changed."""
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return None
    body = in_pod_spec(ref.type, spec)
    return Patch(ref.type, ref.namespace, ref.name, body, back=undone(body, case.workload))


def steps_after(case: Case, change: Change | None, why: str, expect: str) -> tuple[Step, ...]:
    """The change of a template, and what must follow it.

    A template that is so already is not changed again.
    """
    if change is None:
        return ()
    after = must_follow(case, expect)
    return after if change.idle else (Step(change, why, "" if after else expect), *after)


def must_follow(case: Case, expect: str) -> tuple[Step, ...]:
    """What must be done by hand before a changed template counts.

    An ordered StatefulSet waits for its broken pod to become ready before it replaces it, and a CronJob that forbids
    two runs at once for the end of one that cannot even begin.
    Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    """
    if ordered(case) and case.unready_pods:
        pod = min(case.unready_pods, key=lambda one: one.name)
        again = Delete(kinds.POD, pod.namespace, pod.name)
        stuck = (
            "a StatefulSet does not replace an unready pod by itself; deleted, it is made again from the new template"
        )
        return (Step(again, stuck, expect),)
    run = _run_in_the_way(case)
    if run is None:
        return ()
    why = (
        f"end the run `{run.name}`, which never began and keeps the template that it has: by "
        "`concurrencyPolicy: Forbid` no other starts while it is there"
    )
    return (Step(Delete(kinds.JOB, run.namespace, run.name), why, f"the next run starts when it is due: {expect}"),)


def forbids(case: Case) -> bool:
    """Whether the workload is a CronJob that lets no run begin while another one goes on."""
    return text(case.workload, "kind") == "CronJob" and text(case.workload, "spec", "concurrencyPolicy") == "Forbid"


def _run_in_the_way(case: Case) -> Ref | None:
    """The run of such a CronJob that has a pod, of which no container was ever started."""
    if not forbids(case):
        return None
    for job in case.jobs if any(pod.phase == "Pending" for pod in case.unready_pods) else ():
        mine = [pod for pod in case.all_pods if pod.owner == ref_of(job)]
        began = any(one.ran for pod in mine for one in pod.containers)
        if number(job, "status", "active") and mine and not began:
            return ref_of(job)
    return None


def ordered(case: Case) -> bool:
    """Whether the workload is a StatefulSet that makes and replaces its pods one after another."""
    policy = text(case.workload, "spec", "podManagementPolicy") or "OrderedReady"
    return text(case.workload, "kind") == "StatefulSet" and policy == "OrderedReady"
