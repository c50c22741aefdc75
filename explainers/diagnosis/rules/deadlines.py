"""Pods that the kubelet ended because their time was over (class 61): `activeDeadlineSeconds` of the pod itself.

What their containers ended with is the kubelet's doing then: SIGTERM, and SIGKILL after the grace period.
Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#lifecycle
"""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.pods import Pod, number, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get, Logs
from explainers.plan import Plan, Step


def past_deadline(case: Case) -> Iterator[Finding]:
    """61: the target is a pod, or has one, that ran longer than it may."""
    for pod in case.pods:
        if out_of_time(pod) and not (pod.owner and pod.owner.kind == kinds.JOB.name):
            yield ended_late(case, pod, pod.owner or pod.ref)
            return


def out_of_time(pod: Pod) -> bool:
    return text(pod.object, "status", "reason") == "DeadlineExceeded"


def ended_late(case: Case, pod: Pod, blame: Ref) -> Finding:
    """The deadline, and how the containers ended by it."""
    limit = number(pod.spec, "activeDeadlineSeconds")
    since = moment(pod.condition("Ready").get("lastTransitionTime"))
    codes = [str(number(one.terminated, "exitCode")) for one in pod.main_containers if one.terminated]
    said = f"pod `{pod.name}` was ended because it ran longer than its deadline of {limit} s (activeDeadlineSeconds)"
    seen = [
        Evidence(f"pod {pod.name}", f"status.reason DeadlineExceeded, spec.activeDeadlineSeconds {limit}",
                 ago(case.now, since))
    ]  # fmt: skip
    if codes:
        by = f"exit code {', '.join(codes)}: the kubelet told it to end, and kills what takes too long for that"
        seen.append(Evidence(f"containers of {pod.name}", by))
    why = "its spec: to run the work again, make it anew with more time, best as a Job"
    look = Step(Get(kinds.POD, pod.namespace, pod.name), why)
    logs = [
        Step(Logs(pod.namespace, pod.name, one.name, tail=100), f"how far `{one.name}` came")
        for one in pod.main_containers[:1]
        if one.terminated
    ]
    return Finding(61, blame, Layer.CONTAINER, said, tuple(seen), Plan((*logs, look)), since=since)


RULES: tuple[Rule, ...] = (past_deadline,)
