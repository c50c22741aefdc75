"""What a workload calls is down itself (class 74): the cause is told where it is.

A log that complains about a host, or a pod that waits in silence, only says where to look. The service that is called
is diagnosed like any target, over the same facts, and its own best cause becomes the cause here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, names
from explainers.diagnosis.classes import cases
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.health import health, only_new_ones_fail
from explainers.diagnosis.logs.connections import Failure
from explainers.diagnosis.logs.lasting import LATEST
from explainers.diagnosis.model import Confidence, Finding, Health, Layer
from explainers.diagnosis.rules.young import starting
from explainers.diagnosis.views.addresses import Address, addresses, service_of
from explainers.diagnosis.views.calls import (
    NAMES,
    REACHED,
    Call,
    answered,
    answering_badly,
    complaints_of_probes,
    more_telling,
    sureness,
    suspected_calls,
)
from explainers.diagnosis.views.host_aliases import led_elsewhere
from explainers.diagnosis.views.pods import Json, text
from explainers.diagnosis.views.ports import service_ports
from explainers.diagnosis.views.serving import always_ready, changed_since
from explainers.diagnosis.views.spoken_for import leads_back
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.shut import Shut, shut
from explainers.operations.reads import Logs
from explainers.operations.rollouts import RolloutStatus
from explainers.operations.workloads import workload
from explainers.patterns import pattern
from explainers.plan import Plan, Step
from explainers.selectors import pairs

DEPTH = 3
"""How far a chain of dependencies is followed: web → api → database."""
MOST = 3
"""Calls of one workload that are followed, at most."""
_REFUSED = pattern(r"refused|\b111\b", re.IGNORECASE)
"""The words of a connection that nobody takes, beside those that only say that there is none."""
_DIALS = pattern(r"\bdial|connect|\burlopen error timed out|\bETIMEDOUT\b|\b110\b", re.IGNORECASE)
_READS = pattern(r"\bread\b|\breading\b|\bawaiting\b|\bresponse\b|\bbytes received\b", re.IGNORECASE)
"""The words of a time-out of a connection that was not made, and of one that was and brought no answer."""
_FOLLOW = "see whether it becomes ready by itself, once what it calls is"
API = ("kubernetes", "default")
"""The API server's own Service, which has no pods: it answers, or nobody would be reading this."""


def lower_dependency(case: Case) -> Iterable[Finding]:
    """74: the service that is called has a fault of its own."""
    if len(case.trail) > DEPTH:
        return []
    return at_once(partial(judged, case, call) for call in _followed(case))


def _followed(case: Case) -> Sequence[Call]:
    """The calls to Services that exist and are not the target's own, each Service once.

    A name that does not resolve counts too: that of a headless Service only exists while a pod behind it is ready.
    """
    if not case.template or not _suspicious(case):
        return []
    own = {*names(case.services), *(ref.name for ref in case.trail if ref.kind == "Service")}
    chosen: dict[tuple[str, str], Call] = {}
    for call in [*suspected_calls(case), *answering_badly(case), *_of_probes(case)]:
        if call.name and call.name not in own and (call.name, call.namespace) != API:
            key = (call.name, call.namespace)
            chosen[key] = _latest(chosen.get(key, call), call)
    return [one for one in chosen.values() if one.namespace != case.namespace or case.service(one.name).ok][:MOST]


def _latest(first: Call, other: Call) -> Call:
    """The call with the later complaint, where both times are known: what is wrong may have changed meanwhile; just
    before one that says nothing of how, the one that does."""
    times = [one.complaint.at for one in (first, other) if one.complaint and one.complaint.at]
    later, earlier = (other, first) if len(times) == 2 and times[1] > times[0] else (first, other)
    return more_telling(later, earlier)


def _of_probes(case: Case) -> Iterator[Call]:
    """Calls that a probe command makes, as its complaints tell."""
    for line in complaints_of_probes(case):
        name, namespace = service_of(line.host, case.namespace) or ("", "")
        yield Call(Address(line.host, line.port, "", "", line.line), name, namespace, line, "event Unhealthy")


def _suspicious(case: Case) -> bool:
    """Whether there are pods whose logs may complain; a workload without any has another fault."""
    return bool(case.pods)


def judged(case: Case, call: Call) -> Iterator[Finding]:
    """What is wrong with the Service that a call means."""
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine

    refused = call.complaint is not None and _REFUSED.search(call.complaint.line) is not None
    inner = case.follow(Ref("Service", call.namespace, call.name), refused)
    behind = _alias_of(inner)
    if behind and behind not in case.trail:
        inner = case.follow(behind, refused)
    if not inner.object or _ends_before(call, inner.object) or _led_away(case, call):
        return
    if _nothing_since(call, inner.slices(inner.object)):
        return
    if call.complaint and leads_back(case, inner.object):
        yield _circle(case, call, inner)
        return
    if (way := shut(case, call)) and way.serves:
        return  # what serves others is not why it cannot be reached
    found, state = findings_of(inner), health(inner)  # in this order: both ask at once
    causes = told_causes(found)
    if causes and _harmless(causes[0]) and health(case).good and only_new_ones_fail(inner):
        return
    if causes and not (state.good and call.complaint is None):
        yield _because(case, call, inner.target, state, causes[0])
    elif state.state and not state.good and call.complaint:
        only_starts = next((one for one in found if one.benign), None)
        yield _starts(case, call, only_starts) if only_starts else _unexplained(call, state, inner.target)
    elif state.good and (old := _old_configuration(call, state, found)):
        yield _because(case, call, inner.target, state, old)
    elif _late(case, call, way) and state.good:
        yield _answers_late(case, call, state, inner)


def _harmless(cause: Finding) -> bool:
    """Whether a fault is one of pods or of their rollout, which keeps nobody from others that serve."""
    return Layer.POLICY < cause.layer < Layer.DEPENDENCY


def _old_configuration(call: Call, state: Health, found: Sequence[Finding]) -> Finding | None:
    """That what answers with errors still runs with a configuration that was changed since, which alone is no fault."""
    answers = call.complaint is not None and call.complaint.failure is Failure.ANSWERED
    note = next((one for one in found if one.benign and one.layer is Layer.NEEDS and one.since), None)
    if note is None or not answers:
        return None
    told = note.clause.removeprefix(f"{state.serving}; ")
    said = f"`{call.name}` is ready, and most likely its configuration is why: {told}"
    return replace(note, clause=said, confidence=Confidence.LIKELY)


def _late(case: Case, call: Call, way: Shut | None) -> bool:
    """Whether a caller that is not well waits in vain for an answer of the only thing that it can mean, and neither a
    policy nor a connection that is not made is why."""
    said = call.complaint
    if said is None or said.failure is not Failure.TIMEOUT or way or not case.unready_pods:
        return False
    if _DIALS.search(said.line) and not _READS.search(said.line):
        return False
    login = answered(case, Failure.AUTH)
    if login and (login.service, login.namespace) == (call.name, call.namespace):
        return False  # it answers, and says what is wrong
    return bool(said.host) or len({one.host for one in addresses(case)}) == 1


def _answers_late(case: Case, call: Call, state: Health, inner: Case) -> Finding:
    """What is called is well and takes connections: what comes back comes too late for the caller, or never."""
    open_way = all(one.find(kinds.NETWORK_POLICY).ok for one in (case, inner))
    free = " and no NetworkPolicy is in the way" if open_way else ""
    clause = (
        f"its calls to `{call.name}` time out: `{call.name}` is ready{free}, so it most likely accepts them and does "
        "not answer in time"
    )
    pod = next((one for one in inner.pods if one.ready and one.main_containers), None)
    look = Logs(pod.namespace, pod.name, pod.main_containers[0].name, tail=LATEST) if pod else None
    why = "what it does while it is called: what it waits for itself, or how long an answer takes it"
    return Finding(
        74,
        inner.target,
        Layer.DEPENDENCY,
        clause,
        (*call.evidence, Evidence(str(inner.target), state.serving)),
        Plan((Step(look, why),) if look else ()),
        Confidence.LIKELY,
        about=cases.ANSWERS_LATE,
    )


def _nothing_since(call: Call, slices: Sequence[Json]) -> bool:
    """Whether what is called has served without a break, and nobody complains, or was last not let in before that."""
    said = call.complaint
    early = said is None or (said.at is not None and said.failure not in REACHED and changed_since(slices, said.at))
    return early and always_ready(slices)


def _ends_before(call: Call, service: Json) -> bool:
    """Whether a call cannot fail for what is behind a Service that has an address of its own: its name was not found,
    or its port is not offered. The name of one pod is found only while that is ready, whatever the Service."""
    if text(service, "spec", "clusterIP") in ("", "None") or call.address.host.partition(".")[0] != call.name:
        return False
    unresolved = call.complaint is not None and call.complaint.failure in NAMES
    offered = {port.port for port in service_ports(service)}
    return unresolved or (bool(offered) and call.address.port not in (0, *offered))


def _led_away(case: Case, call: Call) -> bool:
    """Whether the pods are told another address for the name than the Service's, and a call to it fails."""
    return call.complaint is not None and led_elsewhere(case, call.address.host) is not None


def _alias_of(inner: Case) -> Ref | None:
    """The Service in the cluster that an ExternalName leads to."""
    host = text(inner.object, "spec", "externalName") if text(inner.object, "spec", "type") == "ExternalName" else ""
    meant = service_of(host, inner.namespace) if ".svc" in host else None
    return Ref("Service", meant[1], meant[0]) if meant else None


def _because(case: Case, call: Call, reached: Ref, state: Health, cause: Finding) -> Finding:
    """The cause below, with the chain that leads there."""
    alias = "" if reached.name == call.name else f", an alias of `{reached.name}`"
    how = f"`{reached.name}` {state.state}: " if not state.good else ""
    said = cause.clause if how or not cause.clause.startswith("it ") else f"`{reached.name}`{cause.clause[2:]}"
    sure = cause.confidence if call.complaint else sureness(case, call)
    return Finding(
        74,
        cause.subject,
        Layer.DEPENDENCY,
        f"{_calls(call)}{alias}; {how}{said}",
        (*call.evidence, *cause.evidence),
        cause.plan,
        sure,
        cause.since,
    )


def _circle(case: Case, call: Call, inner: Case) -> Finding:
    """The Service that is called leads back to the caller, whose own fault is then no cause."""
    wanted = pairs(inner.selector_of_service)
    clause = f"{_calls(call)}, and service `{call.name}` selects `{wanted}`, its own pods: it calls itself"
    seen = Evidence(f"service {call.name}", f"spec.selector {wanted}, which the pods of {case.target.name} carry")
    return Finding(74, inner.target, Layer.DEPENDENCY, clause, (*call.evidence, seen), confidence=Confidence.LIKELY)


def _starts(case: Case, call: Call, why: Finding) -> Finding:
    """What is called only comes up, which is no fault of it; nor of what waits for it, while that starts too."""
    evidence = (*call.evidence, *why.evidence)
    if any(True for _ in starting(case)) or not case.unready_pods:
        clause = f"{_calls(call)}, and that is no fault yet: {why.clause}"
        return replace(why, clause=clause, evidence=evidence, layer=Layer.DEPENDENCY)
    clause = f"{_calls(call)}, which has no fault yet: {why.clause}"
    ref = case.workload_ref
    follows = ref is not None and workload(ref.type) is not None
    steps = (Step(RolloutStatus(ref.type, ref.namespace, ref.name), _FOLLOW),) if ref and follows else ()
    plan, sure = Plan((*why.plan.steps, *steps)), Confidence.LIKELY
    return Finding(74, why.subject, Layer.DEPENDENCY, clause, evidence, plan, sure, why.since)


def _calls(call: Call) -> str:
    where = f"`{call.name}:{call.address.port}`" if call.address.port else f"`{call.name}`"
    if call.complaint and call.complaint.failure is Failure.ANSWERED:
        return f"it gets errors from {where}"
    if call.optional:
        return f"its log says that it goes on without {where}"
    return f"it cannot reach {where}" if call.complaint else f"it depends on {where}"


def _unexplained(call: Call, state: Health, target: Ref) -> Finding:
    row = Evidence(str(target), state.serving)
    return Finding(
        74,
        target,
        Layer.DEPENDENCY,
        f"{_calls(call)}; `{call.name}` {state.state} ({state.serving}), and no rule says why",
        (*call.evidence, row),
        confidence=Confidence.LIKELY,
    )


RULES: tuple[Rule, ...] = (lower_dependency,)
