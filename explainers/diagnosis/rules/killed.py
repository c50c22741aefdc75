"""Containers that the kubelet ends because a liveness or startup probe of theirs fails (classes 62 and 63)."""

from collections.abc import Iterable
from dataclasses import replace

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.plans import probes as plans
from explainers.diagnosis.plans.binding import for_everybody
from explainers.diagnosis.plans.moved_ports import to_port_asked
from explainers.diagnosis.rules import probed_files, told_ports
from explainers.diagnosis.rules.probes import OF_NODE, lacks_shell, named_port, probe_fault, seen_failing
from explainers.diagnosis.rules.unreached import while_unreached
from explainers.diagnosis.views.binding import told_to_bind
from explainers.diagnosis.views.endings import (
    Ending,
    blame,
    endings,
    killed_for,
    last_log,
    last_run,
    log_source,
    restarts,
)
from explainers.diagnosis.views.listening import better_port
from explainers.diagnosis.views.moved_ports import moved
from explainers.diagnosis.views.probe_kills import at_work, begins, ending_probe, ends_now, told_of_kill, too_early
from explainers.diagnosis.views.probe_specs import Failed, Failure, Probe, failed
from explainers.diagnosis.views.probe_words import kills, not_since, often, past
from explainers.diagnosis.views.revisions import told_change
from explainers.diagnosis.when import span
from explainers.document import Evidence
from explainers.plan import Plan


def killed(case: Case) -> Iterable[Finding]:
    """62, 63: containers that the kubelet ends because a liveness or startup probe fails."""
    for ending in endings(case, init=False):
        finding = ended_by_probe(ending)
        if finding:
            yield finding


def being_ended(case: Case) -> Iterable[Finding]:
    """62: a first run that the kubelet has just begun to end for a probe."""
    for pod in case.unready_pods[:2]:
        for container in pod.main_containers:
            probe = None if container.restarts else ends_now(case, container)
            fails = failed(case, probe) if probe else None
            if probe and fails:
                ending = Ending(case, container, blame(case, pod), 1)
                said = f"{kills(ending, probe, fails)} and starts it again"
                rows = (*told_of_kill(case, container), *seen_failing(case, probe, fails))
                if vain := while_unreached(ending, probe, fails, rows):
                    yield vain
                    return
                plan = _repair(ending, probe, fails)
                yield probe_fault(62, case, ending.blame, said, rows, plan, Confidence.SURE)
                return


def ended_by_probe(ending: Ending) -> Finding | None:
    """62, 63: the kubelet ended it because a probe failed, as it says, or as is likely where its events are old."""
    probe = ending_probe(ending)
    if probe is None:
        return None
    fails = failed(ending.case, probe)
    if fails and killed_for(ending.case, ending.container):
        found = _without_change(ending, _killed(ending, probe, fails))
        return _once(ending, found, fails) if ending.container.ready and past(ending, fails) else found
    fails = fails or failed(ending.case, probe, ever=True)
    return replace(_without_change(ending, _killed(ending, probe, fails)), confidence=Confidence.LIKELY)


def _once(ending: Ending, found: Finding, fails: Failed) -> Finding:
    """What ended once and serves again, or has not failed for long: whether that was all is not known yet."""
    clause = f"{found.clause}; it is ready again, and {not_since(ending, fails)}"
    return replace(found, clause=clause, confidence=Confidence.LIKELY)


def _without_change(ending: Ending, found: Finding) -> Finding:
    """The finding without the last change, where the container worked before it was ended first."""
    if not ending.worked or ending.change is None:
        return found
    change = told_change(ending.case, ending.change)
    return replace(found, evidence=tuple(row for row in found.evidence if row != change), since=None)


def _killed(ending: Ending, probe: Probe, fails: Failed | None) -> Finding:
    """62 or 63: is the check wrong, or only too early?"""
    case, container = ending.case, ending.container
    refused = fails is not None and fails.failure in (Failure.REFUSED, Failure.GARBLED)
    inner = probe.inner_port if fails and fails.unheard else 0
    asked = inner or (probe.port if refused else 0)
    port, signs = better_port(case, container, asked, probe.kind, inside=bool(inner)) if asked else (0, [])
    rows = (*ending.evidence, *(seen_failing(case, probe, fails) if fails else told_of_kill(case, container)))
    if fails and probe.asks_node:
        said = f"{kills(ending, probe, fails)}; it asks the port {OF_NODE.format(host=probe.host)}"
        plan = plans.without_host(case, ending.blame, probe)
        return probe_fault(62, case, ending.blame, said, rows, plan, Confidence.SURE)
    if fails and (fault := lacks_shell(case, ending.blame, probe, fails)):
        said = f"{fault.clause}; so the kubelet kills the container{often(container)}"
        return replace(fault, number=62, clause=said, evidence=(*rows, *fault.evidence))
    says_no = fails is not None and fails.failure is Failure.COMMAND and not fails.said
    if fails and says_no and (sought := probed_files.sought(case, ending.blame, probe)):
        said = kills(ending, probe, fails) + sought.clause
        return probe_fault(62, case, ending.blame, said, (*rows, *sought.evidence), sought.plan, Confidence.SURE)
    closed = fails is not None and fails.failure is Failure.REFUSED
    itself = told_to_bind(container) if closed and not port else None
    if itself:
        said = f"{kills(ending, probe, fails)}; the container listens only for itself, on {itself.address}"
        plan = for_everybody(case, ending.blame, container, itself, "the restarts stop")
        sure = Confidence.LIKELY if itself.doubtful else Confidence.SURE
        return probe_fault(62, case, ending.blame, said, (*rows, itself.evidence), plan, sure)
    if port and (inner or sum(sign.weight for sign in signs) > 1):  # its own command says that nobody listens there
        said = f"{kills(ending, probe, fails)}; the container listens on {named_port(probe, port)}"
        change = plans.other_inner_port if inner else plans.other_port
        plan = change(case, ending.blame, probe, port)
        return probe_fault(
            62, case, ending.blame, said, (*rows, *(s.evidence for s in signs[:2])), plan, Confidence.SURE
        )
    file = told_ports.in_file(case, ending.blame, probe) if closed else None
    if file:
        said = f"{kills(ending, probe, fails)}{file.clause}"
        return probe_fault(62, case, ending.blame, said, (*rows, *file.evidence), file.plan, Confidence.SURE)
    if vain := while_unreached(ending, probe, fails, rows):
        return vain
    log = last_log(case, container)
    shut = closed and probe.handler != "grpc"
    other = moved(case, container, probe.port, log.text, log_source(container)) if shut else None
    if other:
        said = f"{kills(ending, probe, fails)}; nothing listens there: {other.clause}"
        plan = to_port_asked(case, ending.blame, probe, other, told_ports.sent_to(case, probe))
        sure = Confidence.SURE if other.sure else Confidence.LIKELY
        return probe_fault(62, case, ending.blame, said, (*rows, *other.evidence), plan, sure)
    begun = begins(log.text) if closed else ""
    if too_early(ending, probe, fails) and not begun:
        slow = not shut or bool(plans.throttled(container)) or at_work(log)
        return _too_early(ending, probe, rows) if slow else _never_listens(ending, probe, fails, rows)
    said, sure = kills(ending, probe, fails), Confidence.SURE if fails else Confidence.LIKELY
    if begun:
        said += f"; its log says that it has started: {begun}"
        rows = (*rows, *ending.saying(begun))
    return probe_fault(62, case, ending.blame, said, rows, _repair(ending, probe, fails), sure)


def _too_early(ending: Ending, probe: Probe, rows: tuple[Evidence, ...]) -> Finding:
    """63: it is still at work on its start when it is ended."""
    case, container, ran = ending.case, ending.container, last_run(ending.container)
    after = f" after {span(ran)}" if ran else ""
    said = (
        f"container `{container.name}` needs longer to start than its {probe.kind} probe allows: it is killed"
        f"{after}, before it answers{f' on port {probe.port}' if probe.port else ''} ({restarts(container)})"
    )
    if limit := plans.throttled(container):
        said += f"; it starts slowly, with at most `{limit}` of a CPU"
    plan = plans.time_to_start(case, ending.blame, probe)
    return probe_fault(63, case, ending.blame, said, (*rows, *ending.log_evidence), plan, Confidence.LIKELY)


def _never_listens(ending: Ending, probe: Probe, fails: Failed | None, rows: tuple[Evidence, ...]) -> Finding:
    """62: it has listened nowhere that is known of, and its log tells of no work on a start that takes long."""
    told = ending.told
    logged = f"its log says no more than: {told.line}" if told else "its log is empty"
    said = f"{kills(ending, probe, fails)}; nothing has listened there so far, and {logged}"
    plan = plans.maybe_slow(ending.case, ending.blame, probe)
    rows = (*rows, *ending.log_evidence)
    return probe_fault(62, ending.case, ending.blame, said, rows, plan, Confidence.LIKELY)


def _repair(ending: Ending, probe: Probe, fails: Failed | None) -> Plan:
    case, ref = ending.case, ending.blame
    if fails and plans.other_scheme(probe, fails):
        return plans.right_path(case, ref, probe, fails)
    action, why = plans.alive(probe) if ending.container.ready else ({}, "")
    if action:
        return plans.other_action(case, ref, probe, action, why)
    if fails and fails.failure is Failure.STATUS:
        return plans.right_path(case, ref, probe, fails)
    if fails and fails.failure is Failure.TIMEOUT:
        return plans.more_time(case, ref, probe)
    if fails and fails.failure is Failure.REFUSED and probe.handler == "grpc":
        return plans.only_open(case, ref, probe)
    return plans.without_probe(case, ref, probe)


RULES: tuple[Rule, ...] = (killed, being_ended)
