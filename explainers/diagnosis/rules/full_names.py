"""Names that are not found though the Service is there: those of single pods, and of another domain (class 38).

Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from collections.abc import Iterator, Sequence

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.near import nearest
from explainers.diagnosis.plans import services as service_plans
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.plans.governed import governed_by
from explainers.diagnosis.rules.addresses import pointing, writer, written
from explainers.diagnosis.rules.old_names import otherwise_named
from explainers.diagnosis.views.addresses import renamed
from explainers.diagnosis.views.calls import NAMES, Call, suspected_calls
from explainers.diagnosis.views.governing import meant_to_govern
from explainers.diagnosis.views.pods import Json, dicts, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.plan import Plan

DOMAIN = "cluster.local"
"""Of nearly all clusters. Another one is not nearly this."""
LIKE = 0.75


def names_no_pod(case: Case) -> Iterator[Finding]:
    """Class 38: the client calls one pod behind a Service by a name, and the pods there have no names of their own.

    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-hostname-and-subdomain-fields
    """
    for call in suspected_calls(case):
        pod, _, rest = call.address.host.partition(".")
        of_pod = bool(call.name) and pod != call.name and rest.partition(".")[0] == call.name
        if not of_pod or call.complaint is None or call.complaint.failure not in NAMES:
            continue
        owner = _owner(case, call, pod)
        governing = text(owner, "spec", "serviceName")
        if governing == call.name and (renamed_since := otherwise_named(case, call, owner, pod)):
            yield renamed_since
            continue
        if governing and governing != call.name:
            yield _named_under(case, call, owner)
        if governing and (governing != call.name or owner is case.workload):
            continue
        service = case.service(call.name, call.namespace).object
        slices = case.slices(service) if service else []
        behind = [one for piece in slices for one in dicts(piece, "endpoints")]
        named = sorted({text(one, "hostname") for one in behind} - {""})
        if behind and pod not in named:
            yield _nobody_of_the_name(case, call, len(behind), named)


def _nobody_of_the_name(case: Case, call: Call, behind: int, named: Sequence[str]) -> Finding:
    """None of the pods behind the Service has this name: it has no names, or there are fewer replicas."""
    _, _, rest = call.address.host.partition(".")
    have = f"its pods are {', '.join(f'`{one}`' for one in named[:4])}" if named else "none has a name of its own"
    like = "" if named else ", as those of a StatefulSet would"
    clause = (
        f"{pointing(call)} `{call.address.host}`, the name of one pod, and no pod behind service `{call.name}` has "
        f"that name: {have}{like}"
    )
    told = Evidence(f"endpoints of {call.name}", f"{behind}, hostnames: {', '.join(named) or 'none'}")
    plan = correct(case, call.address, f"{named[0]}.{rest}" if named else rest)
    return Finding(38, writer(case, call), Layer.NEEDS, clause, (*written(case, call), told), plan)


def _owner(case: Case, call: Call, pod: str) -> Json:
    """The StatefulSet whose pods have names like this; empty where there is none."""
    name, _, ordinal = pod.rpartition("-")
    if not name or not ordinal.isdecimal():
        return {}
    if case.workload_ref == Ref(kinds.STATEFUL_SET.name, call.namespace, name):
        return case.workload
    return case.get(kinds.STATEFUL_SET, name, call.namespace).object


def _named_under(case: Case, call: Call, owner: Json) -> Finding:
    """The pods of a StatefulSet have their names under its `serviceName` alone, which cannot be changed."""
    governing, own, name = text(owner, "spec", "serviceName"), owner is case.workload, text(owner, "metadata", "name")
    absent = case.service(governing, call.namespace).absent
    clause = (
        f"{pointing(call)} `{call.address.host}`, and {'its StatefulSet' if own else f'StatefulSet `{name}`'} gives "
        f"its pods names under `{governing}` (its `serviceName`){', a service that does not exist' if absent else ''}, "
        f"not under `{call.name}`"
    )
    ref = Ref(kinds.STATEFUL_SET.name, call.namespace, name)
    told = Evidence(str(ref), f"spec.serviceName {governing}" + ("; no service has that name" if absent else ""))
    made = service_plans.governing_service(owner, governing, early=own).steps if absent else ()
    right = correct(case, call.address, renamed(call.address.host, governing))
    plan = Plan((*made, *right.steps), right.alternatives)
    if absent and meant_to_govern(case, owner) == call.name:
        clause += f"; `{call.name}` selects its pods and is probably meant there"
        plan = Plan(governed_by(case, owner, call.name), plan.steps)
    seen, reached = (*written(case, call), told), None if own else ref
    return Finding(38, writer(case, call), Layer.NEEDS, clause, seen, plan, leads_to=reached)


def domain_misspelt(case: Case) -> Iterator[Finding]:
    """Class 38: the Service is there, and its name goes on with what is only nearly the cluster's domain."""
    for call in suspected_calls(case):
        start, mark, domain = call.address.host.rstrip(".").partition(".svc.")
        slip = bool(mark) and call.complaint is not None and call.complaint.failure in NAMES
        if not slip or not nearest(domain, [DOMAIN], LIKE) or not case.service(call.name, call.namespace).object:
            continue
        clause = f"{pointing(call)} `{call.address.host}`, and the cluster's domain is `{DOMAIN}`, not `{domain}`"
        told = Evidence(f"service {call.name}", f"it is there, as {start}.svc.{DOMAIN}")
        plan = correct(case, call.address, f"{start}.svc.{DOMAIN}")
        yield Finding(38, writer(case, call), Layer.NEEDS, clause, (*written(case, call), told), plan)


RULES: tuple[Rule, ...] = (names_no_pod, domain_misspelt)
