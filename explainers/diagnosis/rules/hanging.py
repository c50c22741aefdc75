"""Init containers that run on and on (class 71), and what they wait for in silence (74)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from explainers.diagnosis.case import Case, names
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.health import health
from explainers.diagnosis.logs.databases import said_by_database
from explainers.diagnosis.logs.lasting import not_overcome
from explainers.diagnosis.logs.lines import tail
from explainers.diagnosis.logs.progress import at_work
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import waiting as waiting_plans
from explainers.diagnosis.rules.dependencies import DEPTH
from explainers.diagnosis.rules.host_aliases import led_past
from explainers.diagnosis.rules.network import kept_from
from explainers.diagnosis.views.addresses import Address, renamed, service_of
from explainers.diagnosis.views.calls import Call
from explainers.diagnosis.views.endings import blame, in_trouble
from explainers.diagnosis.views.host_aliases import led_elsewhere
from explainers.diagnosis.views.pods import Container, Json, Pod, words
from explainers.diagnosis.views.ports import headless, service_ports
from explainers.diagnosis.views.waiting import Awaited, awaited
from explainers.diagnosis.when import ago, span
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

PATIENCE = timedelta(minutes=2)
"""So long an init container may work without anybody calling it hung."""
IN_LOOP = timedelta(seconds=10)
"""So long one may wait whose script does nothing but wait for a condition."""
_LOOP = pattern(r"\b(?:until|while)\b|\bsleep\s+(?:inf\w*|\d{4,})|\btail\s+-f|\bwait[-_]for")
_LOOKS_UP = pattern(r"(?<![-\w])(?:nslookup|dig|getent|host)\s")
"""Tools that only look a name up, and connect to nothing."""


def waits_in_loop(container: Container) -> bool:
    """Whether the command of a container is a loop that waits for something."""
    return any(_LOOP.search(word) for word in [*words(container.spec, "command"), *words(container.spec, "args")])


def rest_waits(pod: Pod) -> str:
    """What does not happen meanwhile: `container `web` never starts`."""
    waiting = [f"`{container.name}`" for container in pod.main_containers]
    return f"container {waiting[0]} never starts" if len(waiting) == 1 else "the main containers never start"


def init_hangs(case: Case) -> Iterable[Finding]:
    """71: an init container runs on and on; what it waits for is in its script or its log."""
    for pod in case.unready_pods[:1]:
        for container in pod.containers:
            ordinary = container.init and not container.sidecar
            if ordinary and container.running_since and not in_trouble(case, container):
                yield from _hanging(case, container)


def _hanging(case: Case, container: Container) -> Iterator[Finding]:
    since = container.running_since
    ran = case.now - since if since else timedelta()
    hosts = awaited(case, container)
    for host in hosts:
        if _absent(case, host):
            yield _waits_for_nothing(case, container, host, ran)
            return
        service = _service(case, host)
        offered = [port.port for port in service_ports(service)]
        if host.port and offered and host.port not in offered and not headless(service):
            yield _waits_on_port(case, container, host, offered, ran)
            return
    if not not_overcome(case.stamped_log(container), case.now):  # else rules/dependencies.py follows what the log names
        kept = [*_kept_from(case, container, hosts)]
        yield from kept
        if kept:
            return
        broken = [*_waits_for_broken(case, container, hosts)]
        yield from broken
        if broken and broken[0].benign:
            return
    if ran > PATIENCE and not waits_in_loop(container) and at_work(case.stamped_log(container), case.now):
        newest = tail(case.log(container).text, 1)[0]
        said = f"init container `{container.name}` is at work, for {span(ran)}; its newest line: {newest}"
        yield replace(_still_running(case, container, hosts, ran), clause=said, benign=True)
    elif ran > (IN_LOOP if waits_in_loop(container) else PATIENCE):
        yield _still_running(case, container, hosts, ran)
    else:
        said = f"init container `{container.name}` is still at work, for {span(ran)}"
        if any(pod.ready for pod in case.pods):
            said = f"{health(case).serving}, and a new pod starts: its {said}"
        yield replace(_still_running(case, container, hosts, ran), clause=said, benign=True)


def _kept_from(case: Case, container: Container, hosts: list[Awaited]) -> Iterator[Finding]:
    """What it waits for in silence is kept from it: by another address for its name, or by NetworkPolicies."""
    looks_up = any(
        _LOOKS_UP.search(word) for word in [*words(container.spec, "command"), *words(container.spec, "args")]
    )
    for host in hosts[:2]:
        name, namespace = service_of(host.host, case.namespace) or ("", "")
        call = Call(Address(host.host, host.port, "", container.name, ""), name, namespace)
        away = led_elsewhere(case, host.host)
        found = [led_past(case, host.host, away, ())] if away else []
        if not found and (host.port or not looks_up):
            found = [*kept_from(case, call)]
        for one in found:
            said = f"init container `{container.name}` waits for `{host}` in vain: {one.clause}"
            seen = (*_row(case, container), *one.evidence)
            yield replace(
                one, layer=Layer.DEPENDENCY, clause=said, evidence=seen, confidence=_sureness(case, container)
            )
        if found:
            return


def _sureness(case: Case, container: Container) -> Confidence:
    """Whether it has waited so long that it waits in vain, not only for its first answer."""
    since = container.running_since
    long = since is not None and case.now - since > (IN_LOOP if waits_in_loop(container) else PATIENCE)
    return Confidence.SURE if long else Confidence.LIKELY


def _waits_for_broken(case: Case, container: Container, hosts: list[Awaited]) -> Iterator[Finding]:
    """74 for one that waits in silence: what it waits for exists and has a fault of its own, or only starts."""
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine

    for host in hosts[:2]:
        name, namespace = service_of(host.host, case.namespace) or ("", "")
        ref = Ref("Service", namespace, name)
        if not name or ref in case.trail or len(case.trail) > DEPTH:
            continue
        inner = case.follow(ref)
        state = health(inner)
        found = findings_of(inner)
        cause = next(iter(told_causes(found)), None)
        if cause and not state.good:
            said = f"init container `{container.name}` waits for `{host}`; `{name}` {state.state}: {cause.clause}"
            evidence = (*_row(case, container), *cause.evidence)
            yield replace(cause, number=74, layer=Layer.DEPENDENCY, clause=said, evidence=evidence, benign=False)
        elif not state.good and (starts := next((one for one in found if one.benign), None)):
            waits = f"init container `{container.name}` waits for `{host}`, which is no fault yet"
            said = f"{waits}; of `{name}`: {starts.clause}"
            evidence = (*_row(case, container), *starts.evidence)
            yield replace(starts, layer=Layer.DEPENDENCY, clause=said, evidence=evidence)
            return


def _absent(case: Case, host: Awaited) -> bool:
    """Whether the host means a Service that is known not to exist."""
    meant = service_of(host.host, case.namespace)
    if meant is None:
        return False
    return case.service(*meant).absent


def _service(case: Case, host: Awaited) -> Json:
    """The Service that a host means; empty when there is none or it cannot be read."""
    meant = service_of(host.host, case.namespace)
    return case.service(*meant).object if meant else {}


def _waits_on_port(case: Case, container: Container, host: Awaited, offered: list[int], ran: timedelta) -> Finding:
    ref, ports = blame(case, container.pod), ", ".join(str(port) for port in offered)
    said = (
        f"init container `{container.name}` has waited for `{host}` for {span(ran)}, but service `{host.host}` offers "
        f"port {ports}; until it ends, {rest_waits(container.pod)}"
    )
    plan = waiting_plans.other_port(case, ref, container, host, offered[0])
    evidence = (*_row(case, container), Evidence(f"service {host.host}", f"spec.ports: {ports}"))
    name, namespace = service_of(host.host, case.namespace) or (host.host, case.namespace)
    reached = Ref("Service", namespace, name)
    return Finding(71, ref, Layer.DEPENDENCY, said, evidence, plan, since=container.running_since, leads_to=reached)


def _waits_for_nothing(case: Case, container: Container, host: Awaited, ran: timedelta) -> Finding:
    ref = blame(case, container.pod)
    name, namespace = service_of(host.host, case.namespace) or (host.host, case.namespace)
    near = nearest_one(name, names(case.namespace_services)) if namespace == case.namespace else ""
    instead = f" (nearest: `{near}`)" if near else ""
    said = (
        f"init container `{container.name}` has waited for `{host}` for {span(ran)}, and no service `{name}` exists in "
        f"namespace `{namespace}`{instead}; until it ends, {rest_waits(container.pod)}"
    )
    right = renamed(host.host, near) if near else ""
    plan = waiting_plans.other_host(case, ref, container, host, right)
    listed = ", ".join(sorted(names(case.namespace_services))) or "none"
    evidence = (*_row(case, container), Evidence(f"services in {case.namespace}", f"{listed}; no {name}"))
    reached = Ref("Service", namespace, near) if near else None
    return Finding(71, ref, Layer.DEPENDENCY, said, evidence, plan, since=container.running_since, leads_to=reached)


def _still_running(case: Case, container: Container, hosts: list[Awaited], ran: timedelta) -> Finding:
    waits = f" and waits for {', '.join(f'`{host}`' for host in hosts[:2])}" if hosts else ""
    answered = "" if hosts else said_by_database(case.log(container).text)
    if answered:
        waits = ", and its log shows that its database answers: it may wait there for a lock that another session holds"
    said = (
        f"init container `{container.name}` has run for {span(ran)}{waits}; until it ends, {rest_waits(container.pod)}"
    )
    look = waiting_plans.locks(container) if answered else waiting_plans.running_log(container)
    plan = Plan((look,))
    return Finding(
        71, blame(case, container.pod), Layer.CONTAINER, said, _row(case, container), plan, Confidence.LIKELY
    )


def _row(case: Case, container: Container) -> tuple[Evidence, ...]:
    pod = f"pod {container.pod.name}"
    row = Evidence(pod, f"init container {container.name} is running", ago(case.now, container.running_since))
    last = tail(case.log(container).text, 1)
    said = Evidence(f"log of {container.pod.name}/{container.name}", f"ends with: {last[0]}" if last else "is empty")
    return (row, said)
