"""Another value for a variable, written where the old one stands."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import Container
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.operations.patches import Patch
from explainers.operations.workloads import SetEnv
from explainers.plan import Step


def write(case: Case, container: Container, one: Variable, new: str, why: str, expect: str) -> tuple[Step, ...]:
    """Write it into the ConfigMap or the template that the variable has it from, and have it read. No steps where the
    template cannot be changed. What may be written out is for the caller to judge."""
    old = one.value or ""
    kind, _, name = one.origin.partition(" ")
    if kind == kinds.CONFIG_MAP.name:
        body, back = ({"data": {one.key: each}} for each in (new, old))
        change = Patch(kinds.CONFIG_MAP, case.namespace, name, body, "merge", back)
        again = read_anew(case, "let the pods read the changed value", expect)
        return (Step(change, why, "" if again else "the next start reads it"), *again)
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return ()
    values, was = (((one.name, each),) for each in (new, old))
    return steps_after(
        case, SetEnv(ref.type, ref.namespace, ref.name, container.name, values, (), was, container.init), why, expect
    )
