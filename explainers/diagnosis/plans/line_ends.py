"""Plans for a value that ends in a line break or a blank."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.addresses import has_password
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import Container
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.operations.patches import Patch
from explainers.operations.workloads import SetEnv
from explainers.plan import Step
from explainers.redaction import is_credential


def secret(one: Variable) -> bool:
    """Whether the value of a variable must not be written out."""
    return is_credential(one.name, one.value or "") or has_password(one.value or "")


def trimmed(case: Case, container: Container, one: Variable) -> tuple[Step, ...]:
    """Write the value without its end where it stands; none where it is a credential or cannot be changed."""
    value = one.value or ""
    if not value or secret(one):
        return ()
    why, expect = "the same value without what stands at its end", "new pods read it and find what they look for"
    kind, _, name = one.origin.partition(" ")
    if kind == "ConfigMap":
        body, back = ({"data": {one.key: each}} for each in (value.rstrip(), value))
        change = Patch(kinds.CONFIG_MAP, case.namespace, name, body, "merge", back)
        again = read_anew(case, "let the pods read the changed value", expect)
        return (Step(change, why, "" if again else "the next start reads it"), *again)
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return ()
    values, was = (((one.name, each),) for each in (value.rstrip(), value))
    return steps_after(
        case, SetEnv(ref.type, ref.namespace, ref.name, container.name, values, (), was, container.init), why, expect
    )
