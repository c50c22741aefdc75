"""Probes (classes 62–66): containers that run but do not pass, or that the kubelet ends because they do not."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lasting import telling_now
from explainers.diagnosis.logs.lines import clean
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import probes as plans
from explainers.diagnosis.plans.binding import for_everybody
from explainers.diagnosis.plans.moved_ports import to_port_asked
from explainers.diagnosis.rules import probed_files, told_ports
from explainers.diagnosis.rules.port_names import names_no_port, unknown_port
from explainers.diagnosis.rules.probed_pages import served_elsewhere
from explainers.diagnosis.views.binding import bound
from explainers.diagnosis.views.endings import (
    blame,
    crashes,
    in_trouble,
)
from explainers.diagnosis.views.host_names import REFUSED
from explainers.diagnosis.views.listening import Sign, better_port, listened
from explainers.diagnosis.views.moved_ports import Moved, moved
from explainers.diagnosis.views.pods import Container, Pod, dicts, text, words
from explainers.diagnosis.views.probe_kills import ends_now
from explainers.diagnosis.views.probe_specs import Failed, Failure, Probe, failed, probe_of
from explainers.diagnosis.views.probe_words import status
from explainers.diagnosis.views.revisions import recent_change, told_change
from explainers.diagnosis.views.unshelled import unshelled
from explainers.diagnosis.views.warming import SLACK, age, early, granted, warming_up
from explainers.diagnosis.when import ago, span
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.plan import Plan

STARTING = timedelta(seconds=60)
"""So long a program that does not listen yet may simply be starting."""
FIRST_TRIES = timedelta(seconds=4)
FEW_TRIES = 3
"""So often a probe may be refused before its program's own word that it listens elsewhere counts."""
OF_NODE = "of host `{host}`: the kubelet asks from the node, so that is the node itself, not the pod"


def not_ready(case: Case) -> Iterable[Finding]:
    """64–66: containers that run and do not pass their readiness probe, or never passed their startup probe."""
    seen: set[str] = set()
    for pod in case.unready_pods[:2]:
        for container in pod.main_containers:
            probe = _watching(container)
            if probe is None or container.name in seen:
                continue
            if probe.kind == "readiness" and (passes_elsewhere(case, pod) or crashes(case, container)):
                continue
            if not container.restarts and ends_now(case, container):
                continue  # rules/killed.py tells that
            finding = unproven(case, probe)
            if finding:
                seen.add(container.name)
                yield finding


def passes_elsewhere(case: Case, pod: Pod) -> bool:
    """Whether a pod of the same template is ready: the probe is right then, the fault is in this pod (class 6)."""
    mine = [(key, pod.labels[key]) for key in ("pod-template-hash", "controller-revision-hash") if key in pod.labels]
    return any(one.ready and all(one.labels.get(key) == value for key, value in mine) for one in case.pods if mine)


def _watching(container: Container) -> Probe | None:
    """The probe that keeps a running container from being ready."""
    if not container.running_since or container.ready:
        return None
    if container.status.get("started") is False and probe_of(container, "startup"):
        return probe_of(container, "startup") if not container.restarts else None
    return probe_of(container, "readiness")


def unproven(case: Case, probe: Probe) -> Finding | None:
    """Why a probe of a running container does not pass; None where nothing tells, or it may simply be starting."""
    fails = failed(case, probe)
    if fails is None:
        return _silently_wrong_port(case, probe)
    ref, young = blame(case, probe.container.pod), age(case, probe.container) < STARTING or granted(case, probe)
    if probe.asks_node:
        return _asks_node(case, ref, probe, fails)
    if names_no_port(probe):
        return _unknown_port(case, ref, probe, fails)
    if fault := lacks_shell(case, ref, probe, fails):
        return fault
    match fails.failure:
        case Failure.REFUSED | Failure.GARBLED:
            return _wrong_port(case, ref, probe, fails, young)
        case Failure.STATUS | Failure.SCHEME:
            later = fails.status >= 500 and ((fails.count < 3 and young) or _warming(case, probe))
            return None if later else _wrong_answer(case, ref, probe, fails)
        case Failure.TIMEOUT:
            return None if _warming(case, probe) else _too_slow(case, ref, probe, fails)
        case Failure.NO_COMMAND:
            return _no_command(case, ref, probe, fails)
        case Failure.COMMAND if elsewhere := _asks_elsewhere(case, ref, probe, fails):
            return elsewhere
        case Failure.COMMAND if probe.kind != "readiness":  # a readiness command that says no: rules/endpoints.py
            return None if _warming(case, probe) else _says_no(case, ref, probe, fails)
    return None


def _warming(case: Case, probe: Probe) -> bool:
    return warming_up(case, probe.container, probe if probe.kind == "startup" else None)


def _silently_wrong_port(case: Case, probe: Probe) -> Finding | None:
    """64 without an event to say so, because events expire and may be out of reach: where two signs agree."""
    if not probe.port or age(case, probe.container) < FIRST_TRIES:
        return None
    port, signs = better_port(case, probe.container, probe.port, probe.kind)
    ref = blame(case, probe.container.pod)
    name = f"the {probe.kind} probe of container `{probe.container.name}`"
    if sum(sign.weight for sign in signs) < 2:
        return _refused_before(case, ref, probe, name)
    said = f"{name} {probe.asks}, but the container listens on {named_port(probe, port)}"
    evidence = tuple(sign.evidence for sign in signs[:3])
    return probe_fault(64, case, ref, said, evidence, plans.other_port(case, ref, probe, port), Confidence.LIKELY)


def _refused_before(case: Case, ref: Ref, probe: Probe, name: str) -> Finding | None:
    """64 where the run before was refused, and a mounted file tells why: the kubelet tells of the same thing seldom."""
    again = probe.container.restarts and not in_trouble(case, probe.container)
    fails = failed(case, probe, ever=True) if again else None
    closed = fails is not None and fails.failure is Failure.REFUSED
    file = told_ports.in_file(case, ref, probe) if closed else None
    if fails is None or file is None:
        return None
    said = f"{name} {probe.asks} and is refused{file.clause}"
    return probe_fault(
        64, case, ref, said, (*seen_failing(case, probe, fails), *file.evidence), file.plan, Confidence.LIKELY
    )


def _wrong_port(case: Case, ref: Ref, probe: Probe, fails: Failed, young: bool) -> Finding | None:
    """64: nobody listens where the probe asks."""
    port, signs = better_port(case, probe.container, probe.port, probe.kind)
    name = f"the {probe.kind} probe of container `{probe.container.name}`"
    refused = not port and fails.failure is Failure.REFUSED
    itself = bound(case, probe.container, probe.port) if refused else None
    if port:
        said = f"{name} {probe.asks}, but the container listens on {named_port(probe, port)}"
        plan = plans.other_port(case, ref, probe, port)
    elif itself:
        said = f"{name} {probe.asks}, but the container listens there only for itself, on {itself.address}"
        signs = [Sign(probe.port, 1 if itself.doubtful else 2, itself.evidence)]
        plan = for_everybody(case, ref, probe.container, itself, "the probe passes once the pods are new")
    elif refused and (fails.count >= FEW_TRIES or not young) and (other := _moved(case, probe)):
        said = f"{name} {probe.asks}, and nothing listens there: {other.clause}"
        plan = to_port_asked(case, ref, probe, other, told_ports.sent_to(case, probe))
        signs = [Sign(other.port, 1, one) for one in other.evidence]
    elif young:
        return None  # it may simply be starting
    elif probe.handler == "grpc":
        said, signs = _no_grpc(case, probe)
        plan = plans.only_open(case, ref, probe)
    else:
        logged, rows = heard(case, probe.container)
        said = f"{name} {probe.asks}, and {_unheard_for(case, probe, fails)}{logged}"
        files = told_ports.told(case, ref, probe)
        said, plan = said + files.clause, files.plan
        signs = [Sign(probe.port, 0, one) for one in (*files.evidence, *rows)]
    strong = sum(sign.weight for sign in signs) > 1 and not granted(case, probe)
    evidence = (*seen_failing(case, probe, fails), *(sign.evidence for sign in signs[:3]))
    return probe_fault(64, case, ref, said, evidence, plan, Confidence.SURE if strong else Confidence.LIKELY)


def _moved(case: Case, probe: Probe) -> Moved | None:
    """What tells of another port than the one that is asked and refused."""
    container = probe.container
    if probe.handler == "grpc" or not container.running_since:
        return None
    source = f"log of {container.pod.name}/{container.name}"
    return moved(case, container, probe.port, case.log(container).text, source)


def _unheard_for(case: Case, probe: Probe, fails: Failed) -> str:
    """Since when nothing listens there: since the container's start, unless it has been ready after that."""
    container, lost = probe.container, probe.container.pod.ready_since
    if fails.failure is Failure.GARBLED:
        return "gets no answer in HTTP"
    if container.running_since and lost and lost - container.running_since > SLACK:
        return f"nothing listens there any more: the pod was ready until {span(case.now - lost)} ago"
    return f"nothing has listened there for {span(age(case, container))}"


def _asks_node(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding:
    """64: the probe names the loopback address, which the kubelet takes for the node's."""
    name = f"the {probe.kind} probe of container `{probe.container.name}`"
    said = f"{name} {probe.asks} {OF_NODE.format(host=probe.host)}"
    written = Evidence(f"container {probe.container.name}", f"{probe.field}.{probe.handler}.host {probe.host}")
    evidence = (*seen_failing(case, probe, fails), written)
    return probe_fault(64, case, ref, said, evidence, plans.without_host(case, ref, probe), Confidence.SURE)


def _no_grpc(case: Case, probe: Probe) -> tuple[str, list[Sign]]:
    """64: the kubelet's gRPC client tells a closed port and one that speaks something else in the same words."""
    name = f"the {probe.kind} probe of container `{probe.container.name}`"
    line = listened(case.log(probe.container).text).get(probe.port, "")
    if line:
        sign = Sign(probe.port, 2, Evidence(f"log of {probe.container.pod.name}/{probe.container.name}", clean(line)))
        return f"{name} {probe.asks}, and what listens there answers no gRPC", [sign]
    logged, rows = heard(case, probe.container)
    said = f"{name} {probe.asks}, and nothing has answered gRPC there for {span(age(case, probe.container))}{logged}"
    return said, [Sign(probe.port, 0, one) for one in rows]


def _unknown_port(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding:
    """64: the port is given by a name that the container does not declare."""
    said, plan = unknown_port(case, ref, probe)
    return probe_fault(64, case, ref, said, seen_failing(case, probe, fails), plan, Confidence.SURE)


def named_port(probe: Probe, port: int) -> str:
    """The port with the name that the container gives it."""
    declared = dicts(probe.container.spec, "ports")
    names = [text(one, "name") for one in declared if one.get("containerPort") == port]
    return f"port {port} (`{names[0]}`)" if names and names[0] else f"port {port}"


def _wrong_answer(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding:
    """65: the server answers, but not with success."""
    name = f"the {probe.kind} probe of container `{probe.container.name}`"
    said = f"{name} {probe.asks} and gets {status(fails)}"
    own = own_words(case, probe.container) if fails.status >= 500 or fails.status in REFUSED else ()
    evidence = (*seen_failing(case, probe, fails), *own)
    sure = Confidence.SURE if age(case, probe.container) > STARTING or fails.status < 500 else Confidence.LIKELY
    if own:
        said += f"; its log says: {own[0].text}"
    if fails.status >= 500:
        said += early(case, probe.container.pod)
    if page := served_elsewhere(case, ref, probe, fails):
        return probe_fault(65, case, ref, said + page.clause, (*evidence, *page.evidence), page.plan, sure)
    return probe_fault(65, case, ref, said, evidence, plans.right_path(case, ref, probe, fails), sure)


def own_words(case: Case, container: Container) -> tuple[Evidence, ...]:
    """What the running program's log says about its trouble, if anything."""
    told = telling_now(case.log(container).text)
    return (Evidence(f"log of {container.pod.name}/{container.name}", told.line),) if told and told.weight else ()


def heard(case: Case, container: Container) -> tuple[str, tuple[Evidence, ...]]:
    """How a clause goes on with what the running program's log says about its trouble, else with the log's last line;
    and the evidence. Nothing for an empty log."""
    told = telling_now(case.log(container).text)
    if told is None:
        return "", ()
    verb = "says" if told.weight else "ends with"
    return f"; its log {verb}: {told.line}", (Evidence(f"log of {container.pod.name}/{container.name}", told.line),)


def _too_slow(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding:
    """66: no answer within the probe's timeout."""
    said = (
        f"the {probe.kind} probe of container `{probe.container.name}` {probe.asks} and gets no answer within its "
        f"timeout of {probe.timeout} s"
    )
    doubt = early(case, probe.container.pod) if probe.kind != "liveness" else ""
    sure = Confidence.LIKELY if doubt else Confidence.SURE
    return probe_fault(
        66, case, ref, said + doubt, seen_failing(case, probe, fails), plans.more_time(case, ref, probe), sure
    )


def _no_command(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding:
    """66: the probe's command does not exist in the container."""
    said = (
        f"the {probe.kind} probe of container `{probe.container.name}` {probe.asks}, "
        "a command that the container does not have"
    )
    plan = plans.other_command(case, ref, probe)
    return probe_fault(66, case, ref, said, seen_failing(case, probe, fails), plan, Confidence.SURE)


def lacks_shell(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding | None:
    """66: the probe's command is written for a shell, and runs without one."""
    of_command = fails.failure in (Failure.NO_COMMAND, Failure.COMMAND) and probe.handler == "exec"
    found = unshelled(case, probe.container, words(probe.action, "command")) if of_command else None
    if found is None:
        return None
    said = f"the {probe.kind} probe of container `{probe.container.name}` {probe.asks}, which {found.why}"
    said += f"; it says: {fails.said}" if found.variables and fails.said else ""
    plan = plans.by_a_shell(case, ref, probe, found.command)
    fault = probe_fault(66, case, ref, said, seen_failing(case, probe, fails), plan, Confidence.SURE)
    return replace(fault, about=cases.NO_SHELL)


def _asks_elsewhere(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding | None:
    """64: the probe's command calls a port of its own container where nobody listens."""
    asked = probe.inner_port if fails.unheard or not fails.said else 0
    port, signs = better_port(case, probe.container, asked, probe.kind, inside=True) if asked else (0, [])
    strong = sum(sign.weight for sign in signs) > 1
    if not port or asked in listened(case.log(probe.container).text) or not (strong or fails.unheard):
        return None
    said = (
        f"the {probe.kind} probe of container `{probe.container.name}` {probe.asks}, and nothing listens on {asked}; "
        f"the container listens on {named_port(probe, port)}"
    )
    evidence = (*seen_failing(case, probe, fails), *(sign.evidence for sign in signs[:3]))
    plan = plans.other_inner_port(case, ref, probe, port)
    return probe_fault(64, case, ref, said, evidence, plan, Confidence.SURE if strong else Confidence.LIKELY)


def _says_no(case: Case, ref: Ref, probe: Probe, fails: Failed) -> Finding:
    """66: the probe's own command fails."""
    told = f": {fails.said}" if fails.said else " and says nothing"
    doubt = early(case, probe.container.pod) if probe.kind == "startup" else ""
    said = f"the {probe.kind} probe of container `{probe.container.name}` {probe.asks}, which fails{told}{doubt}"
    plan, rows = plans.without_probe(case, ref, probe), seen_failing(case, probe, fails)
    if not fails.said and (file := probed_files.sought(case, ref, probe)):
        said, plan, rows = said + file.clause, file.plan, (*rows, *file.evidence)
    sure = Confidence.LIKELY if doubt else Confidence.SURE
    return probe_fault(66, case, ref, said, rows, plan, sure)


def seen_failing(case: Case, probe: Probe, fails: Failed) -> tuple[Evidence, ...]:
    rows = [
        Evidence(
            f"event Unhealthy of pod {probe.container.pod.name}",
            f"{probe.kind} probe failed {'once' if fails.count == 1 else f'{fails.count} times'}: {fails.said}",
            ago(case.now, fails.last),
        )
    ]
    change = recent_change(case)
    return (*rows, told_change(case, change)) if change else tuple(rows)


def probe_fault(
    number_: int, case: Case, ref: Ref, said: str, evidence: tuple[Evidence, ...], plan: Plan, confidence: Confidence
) -> Finding:
    change = recent_change(case)
    return Finding(
        number_, ref, Layer.CONTAINER, said, tuple(dict.fromkeys(evidence)), plan, confidence,
        change.made if change else None,
    )  # fmt: skip


RULES: tuple[Rule, ...] = (not_ready,)
