"""Where a Service sends traffic against where its pods listen (classes 8, 9, 10).

A declared port is informational, so a port verdict needs a connection test or two signals that agree.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import services as plans
from explainers.diagnosis.rules.unread_files import unread_files
from explainers.diagnosis.views.binding import bound
from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.diagnosis.views.ports import ServicePort, declared, headless, listeners, probed, service_ports
from explainers.diagnosis.views.reached import coming, declares, reached
from explainers.diagnosis.views.serving import exact
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.probes import TcpConnect, seen
from explainers.patterns import pattern
from explainers.selectors import subset

STARTING = timedelta(seconds=10)
_SLIP = 0.75
"""So much alike is a name that was only mistyped."""
_LISTENS = pattern(r"\b(?:listen\w*|serving|started|running|bound)\b[^\n]{0,80}?(?::|\bport\W{1,3})(\d{2,5})\b", re.I)


def named_port_unknown(case: Case) -> Iterator[Finding]:
    """Class 9: `targetPort` is a name that no container declares of the pods that get the traffic. While one of those
    that are ready declares it the Service works: what newer pods call their port is only to be told."""
    for service, port, spec in pairs(case):
        if not isinstance(port.target, str):
            continue
        if not declares(spec, port.target) and not reached(case, port):
            yield _unknown_name(case, service, port, spec)
        yield from (_for_later(case, service, port, pod) for pod in coming(case, port.target)[:1])


def _for_later(case: Case, service: Json, port: ServicePort, pod: Pod) -> Finding:
    """That pods which are to come, or are there beside those that serve, have no port of the name."""
    name, right = text(service, "metadata", "name"), _name_meant(service, port, pod.spec)
    lead = f"has to send port {port.told} to {f'`{right}`' if right else 'a port that they have'}"
    clause = f"`{pod.name}` declares no port `{port.target}`: once such pods replace those that serve, "
    clause += f"service `{name}` {lead}"
    have = ", ".join(f"{each.name or each.number} ({each.number})" for each in declared(pod.spec)) or "none"
    seen = (
        Evidence(f"service {name}", f"spec.ports[{port.index}].targetPort is {port.target}"),
        Evidence(f"pod {pod.name}", f"declared ports: {have}"),
    )
    plan = plans.retarget_later(service, port, right) if right else plans.NOTHING
    return Finding(9, Ref("Service", case.namespace, name), Layer.SERVICE, clause, seen, plan, benign=True)


def _unknown_name(case: Case, service: Json, port: ServicePort, spec: Json) -> Finding:
    name, have = text(service, "metadata", "name"), declared(spec)
    whose = "its ready pods" if any(declares(pod.spec, str(port.target)) for pod in case.pods) else "its pods"
    right, plan = _name_meant(service, port, spec), plans.NOTHING
    if right:
        plan = plans.retarget(service, port, right)
    elif guess := next(iter(_left_over(service, port, spec)), 0):
        plan = plans.perhaps(plans.retarget(service, port, guess))
    told = ", ".join(f"`{each.name or each.number}` ({each.number})" for each in have) or "none"
    checked = ", ".join(f"{number} ({probe})" for number, probe in sorted(probed(spec).items()))
    clause = f"service `{name}` sends port {port.told} to the port name `{port.target}`, which {whose} do not declare"
    clause += f"; they declare {told}" if have else " (they declare no port at all)"
    evidence = [
        Evidence(f"service {name}", f"spec.ports[{port.index}].targetPort is {port.target}"),
        Evidence(f"pods of {name}", f"declared ports: {told}" + (f"; probed: {checked}" if checked else "")),
    ]
    return Finding(
        9, Ref("Service", case.namespace, name), Layer.SERVICE, clause, tuple(evidence), plan
    )  # fmt: skip


def _name_meant(service: Json, port: ServicePort, spec: Json) -> int | str:
    """The declared name that a slip of the pen explains, the port of the Service's own number, a name that is near,
    else the only port that no other entry of the Service leads to; 0 where several could be meant."""
    fitting = [each for each in declared(spec) if each.protocol == port.protocol]
    named = [each.name for each in fitting if each.name]
    if slip := nearest_one(str(port.target), named, _SLIP):
        return slip
    if same := next((each for each in fitting if each.number == port.port), None):
        return same.name or same.number
    if near := nearest_one(str(port.target), named, 0.5):
        return near
    left = _left_over(service, port, spec)
    return left[0] if len(left) == 1 else 0


def _left_over(service: Json, port: ServicePort, spec: Json) -> list[int | str]:
    """The ports of the pods to which no other entry of the Service leads, those first that a probe reaches."""
    taken: set[int | str] = {one.target for one in service_ports(service) if one.index != port.index}
    known = probed(spec)
    fitting = [each for each in declared(spec) if each.protocol == port.protocol]
    free = [each for each in fitting if not {each.name, each.number} & taken]
    free.sort(key=lambda each: each.number not in known)
    if fitting:
        return [each.name or each.number for each in free]
    return [number for number in known if number not in taken]


def protocol_mismatch(case: Case) -> Iterator[Finding]:
    """Class 10: the Service speaks UDP to a port that the pods declare for TCP, or the other way round."""
    for service, port, spec in pairs(case):
        same = [
            each for each in declared(spec) if port.target in (each.name, each.number) or each.number == port.target
        ]
        if not same or any(each.protocol == port.protocol for each in same):
            continue
        other, name = same[0], text(service, "metadata", "name")
        clause = (
            f"service `{name}` sends {port.protocol} to port {other.number}, "
            f"where container `{other.container}` takes {other.protocol}"
        )
        evidence = [
            Evidence(f"service {name}", f"spec.ports[{port.index}].protocol is {port.protocol}"),
            Evidence(f"container {other.container}", f"declares port {other.number} for {other.protocol}"),
        ]
        if other.protocol == "TCP" and other.number in probed(spec):
            evidence.append(
                Evidence(
                    f"container {other.container}", f"{probed(spec)[other.number]} reaches {other.number} over TCP"
                )
            )
        ref, plan = Ref("Service", case.namespace, name), plans.change_protocol(service, port, other.protocol)
        yield Finding(10, ref, Layer.SERVICE, clause, tuple(evidence), plan)


def target_port_wrong(case: Case) -> Iterator[Finding]:
    """Class 8: `targetPort` is a number where nothing listens."""
    for service, port, spec in pairs(case):
        if not isinstance(port.target, int) or port.protocol != "TCP" or port.target in probed(spec):
            continue
        ready = [pod for pod in case.pods if pod.ready and pod.ip]
        if not ready:
            continue
        have = {each.number for each in declared(spec) if each.protocol == "TCP"}
        doubted = case.refused or (not probed(spec).keys() & have and _spoken(case, ready[0], port.target))
        if port.target in have and not doubted:
            continue  # declared, and nothing speaks against it: no reason to start a probe
        yield from _judged(case, service, port, ready[0])


def _spoken(case: Case, pod: Pod, expected: int) -> int:
    """The other port on which the application says that it listens; 0 when it names the expected one, or none."""
    logged = [int(found) for one in pod.main_containers for found in _LISTENS.findall(case.log(one).text)]
    return 0 if expected in logged else next(reversed(logged), 0)


def _judged(case: Case, service: Json, port: ServicePort, pod: Pod) -> Iterator[Finding]:
    """A port that no probe of the pods vouches for: ask it, or compare what is declared, probed and logged."""
    if any(bound(case, container, int(port.target)) for container in listeners(pod, int(port.target))):
        return  # the port is right, see rules/loopback.py
    name, spec, target = text(service, "metadata", "name"), pod.spec, int(port.target)
    (answer,) = case.ask(TcpConnect(case.namespace, (), pod.ip, target, policed=case.policed))
    tested, free = seen(answer), _candidates(service, spec)
    right, signals = _port_meant(case, pod, port, free)
    if tested.worked or (not tested.refused and len(signals) < 2):
        return  # a dropped packet may be a policy's doing
    if not right and _young(case, pod):
        return  # it may open its port yet
    evidence = [Evidence(f"service {name}", f"spec.ports[{port.index}].targetPort is {target}"), *signals]
    if tested.asked:
        said = "refused" if tested.refused else "not answered"
        evidence.insert(
            1, Evidence(f"connection to pod {pod.name}", f"{pod.ip}:{target} {said} from inside {case.namespace}")
        )
    others = _other_pods(case, service, pod)
    where = f"and `{pod.name}` does not listen there" if others else "where nothing listens"
    clause = f"service `{name}` sends port {port.told} to port {target} of its pods, {where}"
    clause += f"; {'it listens' if others else 'they listen'} on {right}" if right else ""
    sure = Confidence.SURE if len(evidence) > 2 else Confidence.LIKELY
    plan = plans.retarget(service, port, right) if right else plans.look_who_listens(service, pod)
    mute = None if right else next(filter(None, (unread_files(case, one) for one in listeners(pod, target))), None)
    if mute:
        clause, plan = f"{clause}: {mute.clause}", mute.plan(case)
        evidence.append(mute.evidence)
    if any(_vouches(other.spec, target) for other in others):
        sure, plan = Confidence.LIKELY, plans.look_who_listens(service, pod)
    yield Finding(8, Ref("Service", case.namespace, name), Layer.SERVICE, clause, tuple(evidence), plan, sure)


def _other_pods(case: Case, service: Json, tested: Pod) -> list[Pod]:
    """A ready pod of each other maker to which the Service sends its traffic too: it may listen elsewhere."""
    ref = Ref("Service", case.namespace, text(service, "metadata", "name"))
    own = case.target == ref or exact(service, case.workload)
    every = (case if own else case.follow(ref)).pods
    makers = {pod.owner or pod.ref: pod for pod in every if pod.ready and pod.ip and not pod.finished}
    return [pod for maker, pod in makers.items() if maker != (tested.owner or tested.ref)]


def _vouches(spec: Json, target: int) -> bool:
    """Whether pods of this spec declare the port, or have a probe that reaches it."""
    return target in probed(spec) or any(each.number == target and each.protocol == "TCP" for each in declared(spec))


def _young(case: Case, pod: Pod) -> bool:
    started = max((one.running_since for one in pod.main_containers if one.running_since), default=pod.created)
    return not case.refused if started is None else case.now - started < STARTING


def _candidates(service: Json, spec: Json) -> dict[int, list[str]]:
    """Ports of the pods to which no port of the Service leads, each with what vouches for it."""
    used = {port.target for port in service_ports(service)}
    found: dict[int, list[str]] = {}
    for each in declared(spec):
        if each.protocol == "TCP" and each.number not in used and each.name not in used:
            found.setdefault(each.number, []).append(f"declared by container {each.container}")
    for number, probe in probed(spec).items():
        if number not in used:
            found.setdefault(number, []).append(f"{probe} succeeds there")
    return found


def _port_meant(case: Case, pod: Pod, port: ServicePort, free: dict[int, list[str]]) -> tuple[int, list[Evidence]]:
    """The port that is probably meant, with the signals for it."""
    names = {each.number: each.name for each in declared(pod.spec)}
    ranked = sorted(free, key=lambda one: (port.name == "" or names.get(one) != port.name, -len(free[one]), one))
    if ranked:
        best = ranked[0]
        told = [
            *free[best],
            *([f"named {port.name} like the service's port"] if names.get(best) == port.name != "" else []),
        ]
        signals = [Evidence(f"pod {pod.name}", f"port {best}: {one}") for one in told]
        if len(signals) > 1:
            return best, signals
    spoken = _spoken(case, pod, int(port.target))
    if spoken:
        extra = [Evidence(f"log of {pod.name}", f"the application says that it listens on {spoken}")]
        agreeing = [Evidence(f"pod {pod.name}", f"port {spoken}: {one}") for one in free.get(spoken, [])]
        return spoken, [*agreeing, *extra]
    return (ranked[0], signals) if ranked else (0, [])


def pairs(case: Case) -> Iterator[tuple[Json, ServicePort, Json]]:
    """Each port of each Service that selects the target's pods, with the pod spec behind it: that of a pod which is
    ready, as no other gets traffic, where there is one.

    Clients of a headless Service call the pods' own ports, so its ports decide nothing.
    """
    pods = [pod for pod in case.pods if not pod.finished]
    pods = [pod for pod in pods if pod.ready and pod.spec] or pods
    spec = pods[0].spec if pods else table(case.template, "spec")
    labels = pods[0].labels if pods else case.template_labels
    if not spec:
        return
    for service in case.services:
        selector = table(service, "spec", "selector")
        if selector and subset(selector, labels) and not headless(service):
            for port in service_ports(service):
                yield service, port, spec


RULES: tuple[Rule, ...] = (named_port_unknown, protocol_mismatch, target_port_wrong)
