"""What was wrong with a pod and is corrected in the template since, while the pod is of the template before."""

from collections.abc import Callable

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.diagnosis.views.revisions import template_of
from explainers.kinds import ref_of


def corrected(case: Case, pod: Pod, wrong: Callable[[Json], bool]) -> bool:
    """Whether the template that a pod was made of is `wrong`, and that of now is not. What was given to the pod beside
    its template, by a webhook perhaps, nobody corrects there."""
    return case.workload_ref is not None and not wrong(case.template) and wrong(_made_of(case, pod))


def _made_of(case: Case, pod: Pod) -> Json:
    if text(case.workload, "kind") != "CronJob":
        return template_of(case, pod)
    return next((table(job, "spec", "template") for job in case.jobs if pod.owner == ref_of(job)), {})
