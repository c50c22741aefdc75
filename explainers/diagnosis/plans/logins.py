"""Plans for logins that are turned down: the side that is called."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import table
from explainers.diagnosis.views.references import Reference, Renaming
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.operations.reads import GetMetadata
from explainers.plan import Plan, Step


def other_side(case: Case, plan: Plan, sent: Reference | None, own: Variable, namespace: str) -> Plan:
    """The same plan with a look at the Secret that what is called was made with; else to read that one, if it is the
    same user's."""
    kind, _, name = own.origin.partition(" ")
    if kind != kinds.SECRET.name:
        return plan
    look = Step(GetMetadata(kinds.SECRET, namespace, name), f"the other side: `{own.name}` of what is called is there")
    if sent is None or sent.kind != kind or not (sent.key and own.key) or namespace != case.namespace:
        return Plan((*plan.steps, look), plan.alternatives)
    renaming = Renaming(kind, sent.name, name, sent.key, own.key).patch(table(case.template, "spec"))
    change = template_patch(case, renaming)
    why = f"read the key `{own.key}` of the Secret `{name}`, if it logs in as the user that this is the password of"
    instead = steps_after(case, change, why, "new pods log in and become ready")
    return Plan((*plan.steps, look), (*plan.alternatives, *instead))
