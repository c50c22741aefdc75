"""Plans for a value that ends in a line break or a blank."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.addresses import has_password
from explainers.diagnosis.plans.values import write
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import Container
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
    return write(case, container, one, value.rstrip(), why, expect)
