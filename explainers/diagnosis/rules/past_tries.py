"""Pods of a Job that failed, where the Job has completed since (class 125)."""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.endings import Ending, coded
from explainers.diagnosis.views.given_up import was_evicted
from explainers.diagnosis.views.pods import Pod, number
from explainers.diagnosis.views.runs import completed
from explainers.document import Evidence


def overcome(case: Case) -> Iterator[Finding]:
    """A try that failed is history once its Job has done its work."""
    pod = Pod(case.object) if case.target.kind == "Pod" and case.object else None
    owner = pod.owner if pod else None
    if pod is None or owner is None or owner.kind != "Job" or pod.phase != "Failed" or was_evicted(pod):
        return
    if not completed(case.get(kinds.JOB, owner.name).object):
        return
    failed = next((one for one in pod.containers if number(one.terminated, "exitCode") != 0), None)
    how = "it failed"
    seen: tuple[Evidence, ...] = ()
    if failed:
        ending = Ending(case, failed, owner, 1)
        said = ending.last_word or (ending.told.line if ending.told else "")
        how = f"it ended with {coded(ending.code)}{f': {said}' if said else ''}"
        seen = (*ending.evidence, *ending.log_evidence)
    clause = f"it is a past try of job `{owner.name}`: {how}; the job has completed since, so there is nothing to do"
    rows = (*seen, Evidence(str(owner), "condition Complete"))
    yield Finding(125, case.target, Layer.POD, clause, rows, benign=True)


RULES: tuple[Rule, ...] = (overcome,)
