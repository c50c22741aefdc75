"""Plans for logins that are turned down: the side that is called."""

from dataclasses import replace

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.environment import Variable
from explainers.diagnosis.views.pods import dicts, table
from explainers.diagnosis.views.references import Reference, Renaming, references
from explainers.diagnosis.views.servers import MADE_ONCE
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.operations.pods import Delete
from explainers.operations.reads import GetMetadata
from explainers.operations.rollouts import Restart
from explainers.operations.workloads import workload
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_FIRST = pattern(rf"`(?:{'|'.join(sorted(MADE_ONCE))})`")


def server_again(called: Case, sent: Reference | None, plan: Plan) -> Plan:
    """The same plan behind new pods of what is called, where these read the same key each time that they start: not
    where a database takes its password only when it is made."""
    ref = called.workload_ref
    if sent is None or ref is None or not workload(ref.type):
        return plan
    same = [
        one for one in references(table(called.template, "spec"))
        if one.fixed and (one.kind, one.name) == (sent.kind, sent.name) and one.key in ("", sent.key)
    ]  # fmt: skip
    if called.namespace != called.trail[0].namespace or not same or any(_FIRST.search(one.place) for one in same):
        return plan
    why = f"make new pods of `{ref.name}`, which read the new password too; what it keeps only in memory is lost"
    again = Step(Restart(ref.type, ref.namespace, ref.name, called.now), why, "logins with the new password succeed")
    return Plan((again, *plan.steps), plan.alternatives)


def other_side(case: Case, plan: Plan, sent: Reference | None, own: Variable, namespace: str) -> Plan:
    """The same plan with a look at the Secret that what is called was made with; else to read that one, if it is the
    same user's."""
    kind, _, name = own.origin.partition(" ")
    if kind != kinds.SECRET.name:
        return plan
    steps = _with_look(
        plan.steps, GetMetadata(kinds.SECRET, namespace, name), f"`{own.name}` of what is called is there"
    )
    if sent is None or sent.kind != kind or not (sent.key and own.key) or namespace != case.namespace:
        return Plan(steps, plan.alternatives)
    renaming = Renaming(kind, sent.name, name, sent.key, own.key).patch(table(case.template, "spec"))
    change = template_patch(case, renaming)
    why = f"read the key `{own.key}` of the Secret `{name}`, if it logs in as the user that this is the password of"
    instead = steps_after(case, change, why, "new pods log in and become ready")
    return Plan(steps, (*plan.alternatives, *instead))


def _with_look(steps: tuple[Step, ...], look: GetMetadata, shows: str) -> tuple[Step, ...]:
    """The steps with one more look; one that looks at the same thing says that it shows this, too."""
    same = [one for one in steps if one.operation == look]
    if not same:
        return (*steps, Step(look, f"the other side: {shows}"))
    return tuple(replace(one, why=f"{one.why}; {shows}, too") if one in same else one for one in steps)


def run_again(case: Case, plan: Plan) -> Plan:
    """The same plan where a Job has failed for good: it has to be made again. A CronJob makes its next one itself."""
    ref = case.workload_ref
    failed = any(one.get("type") == "Failed" for one in dicts(case.workload, "status", "conditions"))
    if ref is None or ref.kind != kinds.JOB.name or not failed or case.top_owner(case.workload) is not None:
        return plan
    room = Step(Delete(kinds.JOB, ref.namespace, ref.name), "once the passwords agree: make room, then create it again")
    return Plan(plan.steps, (*plan.alternatives, room))
