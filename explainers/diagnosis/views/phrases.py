"""How a clause speaks of the pods of a target."""

from explainers import kinds
from explainers.diagnosis.case import Case


def its_pods(case: Case) -> str:
    """Before a verb that has no plural: a pod has no pods."""
    return "it" if case.target.kind == kinds.POD.name else "its pods"
