"""The fixes of name resolution."""

from collections.abc import Sequence
from datetime import datetime

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, table, text
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.kinds import Ref
from explainers.operations.objects import in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.operations.rollouts import Restart
from explainers.operations.workloads import Scale
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_TO_ZERO = pattern(r"from (\d+) to 0\b")


def bring_up(dns: Ref, at_zero: bool, events: Sequence[Json], now: datetime) -> Plan:
    """Scale DNS up to what it was, or restart it when pods are wanted and none is ready."""
    look = Step(Get(dns.type, dns.namespace, dns.name), "see how many DNS pods are ready")
    if not at_zero:
        change = Restart(dns.type, dns.namespace, dns.name, now)
        return Plan((Step(change, "start the DNS pods anew", "they are ready within a minute"), look))
    told = [found for event in events if (found := _TO_ZERO.search(text(event, "message")))]
    replicas = int(told[0][1]) if told else 2
    scale = Scale(dns.type, dns.namespace, dns.name, replicas, 0)
    many = "as many as there were" if told else "two, as is usual: how many there were is not known"
    return Plan((Step(scale, f"start the DNS pods again, {many}", "names resolve in a minute"), look))


def set_policy(case: Case, workload: Ref, before: str, right: str) -> Plan:
    """Let the pods use the cluster's DNS; settings of their own go, because they stand in the way."""
    if workload.kind not in CHANGEABLE:
        return Plan()
    config = table(case.template, "spec", "dnsConfig")
    spec: Json = {"dnsPolicy": right} | ({"dnsConfig": None} if config else {})
    back: Json = {"dnsPolicy": before} | ({"dnsConfig": config} if config else {})
    body, undo = (in_pod_spec(workload.type, each) for each in (spec, back))
    change = Patch(workload.type, workload.namespace, workload.name, body, "merge", undo)
    why, expect = "ask the cluster's DNS, with its search domains", "service names resolve in the new pods"
    return Plan(steps_after(case, change, why, expect))


def perhaps_policy(case: Case, workload: Ref, before: str, right: str) -> Plan:
    """Look at the settings first: names outside the cluster may be known to that name server alone."""
    look = Step(Get(workload.type, workload.namespace, workload.name), "see why its pods ask another name server")
    return Plan((look,), set_policy(case, workload, before, right).steps)


def without_alias(case: Case, alias: Json) -> Plan:
    """Leave the names of this entry to DNS. Entries are told apart by their address."""
    ref = case.workload_ref
    if ref is None or ref.kind not in CHANGEABLE:
        return Plan()
    entry = {"ip": text(alias, "ip")}
    gone, back = (
        in_pod_spec(ref.type, {"hostAliases": [one]})
        for one in (entry | {"$patch": "delete"}, entry | {"hostnames": alias["hostnames"]})
    )
    change = Patch(ref.type, ref.namespace, ref.name, gone, back=back)
    why = "leave the name to DNS, which knows the service"
    return Plan(steps_after(case, change, why, "the new pods reach the service by its name"))
