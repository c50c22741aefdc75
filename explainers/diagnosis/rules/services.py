"""Services without pods: nobody selected, nobody wanted, nobody left (classes 2, 4, 7, 12)."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, event_time, names
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest
from explainers.diagnosis.plans import services as plans
from explainers.diagnosis.views.labels import Meant, meant_by
from explainers.diagnosis.views.listed import may_select
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, number, table, text
from explainers.diagnosis.views.ports import declared, number_of, service_ports
from explainers.diagnosis.views.read_pods import first_pods
from explainers.diagnosis.views.serving import selects
from explainers.diagnosis.views.spoken_for import calls, longer_word, lost_its_pods, spoken_for
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.patterns import pattern
from explainers.selectors import pairs, query

_ON_PURPOSE = pattern(
    r"keda|downscal|scale-?to-?zero|idle|sleep|hibernat|suspend|parked|maintenance|on.purpose|paused|standby", re.I
)
LATE = timedelta(seconds=5)
_RELEASES = frozenset({"version", "release", "revision", "track", "color", "slot", "chart", "pod-template-hash"})
"""Labels, without their domain, that tell releases of one program apart: another value is still that program."""
SLIP = 0.65
"""From this likeness on a word by itself is a slip for the other."""
_TO_ZERO = pattern(r"from (\d+) to 0\b")


def selector_matches_nothing(case: Case) -> Iterator[Finding]:
    """Class 2: a Service whose selector no pod and no workload's template carries."""
    for service in _suspects(case):
        selector = table(service, "spec", "selector")
        if not selector or case.selects(case.workload) or not _nobody_behind(case, service) or not case.workloads_read:
            continue
        every = [case.whole(each) if may_select(service, each) else each for each in case.workloads]
        if not any(may_select(service, each) for each in every):
            yield _nothing_selected(case, case.whole(service), _meant(case, service, every))


def _meant(case: Case, service: Json, workloads: Iterable[Json]) -> Meant | None:
    """The workload that the Service probably means; none where the nearest is plainly another program."""
    templates = {ref_of(each): table(each, "spec", "template") for each in workloads}
    labels = {ref: table(template, "metadata", "labels") for ref, template in templates.items()}
    listening = {ref for ref, template in templates.items() if _listens(service, table(template, "spec"))}
    near = {ref: have for ref, have in labels.items() if _plausible(case, service, ref, have, ref in listening)}
    found = meant_by(case, service, near)
    plausible = found and _plausible(case, service, found.workload, found.labels, found.workload in listening)
    return found if plausible else None


def _listens(service: Json, spec: Json) -> bool:
    """Whether these pods declare a port that the Service sends to."""
    return any(number_of(port, spec) in {one.number for one in declared(spec)} for port in service_ports(service))


def _plausible(case: Case, service: Json, ref: Ref, labels: Json, listening: bool) -> bool:
    """Whether the Service may mean these pods: it has the name of their workload, or where their labels have another
    value that is a near one (`app=billing-ui` is not for `app=billing-api`). What shares no label with the selector and
    is not `listening` on its port has to be nearly the same word: many short words are alike. What calls it
    is not meant for a likeness, and what has a Service of its own only for a slip."""
    selector = table(service, "spec", "selector")
    differing = {key: str(value) for key, value in selector.items() if key in labels and labels[key] != value}
    known = len(differing) < len(selector)
    least = 0.5 if known or listening else SLIP
    if ref.name == text(service, "metadata", "name"):
        return True
    alike = {key: value for key, value in differing.items() if value not in labels.values()}
    if alike and not known and calls(case, ref):
        return False
    if alike and not known and spoken_for(case, service, labels):
        if text(service, "metadata", "name") in alike.values():
            return False  # it selects what it is called: rather are its own pods gone
        least = SLIP
    return all((known and _of_release(key)) or _a_slip(value, str(labels[key]), least) for key, value in alike.items())


def _a_slip(value: str, instead: str, least: float) -> bool:
    """Whether one word is written for another: two letters in the wrong order are no less likely in a short word."""
    if sorted(value) == sorted(instead):
        return True
    return bool(nearest(value, [instead], least)) and not longer_word(value, instead)


def _of_release(key: str) -> bool:
    return key.rpartition("/")[2] in _RELEASES


def _suspects(case: Case) -> list[Json]:
    """The target Service; for a workload, the Service of its name that does not select it, or of a near one when none
    selects it."""
    if case.target.kind == "Service":
        return case.services
    if not case.template_labels:
        return []
    name = case.workload_ref.name if case.workload_ref else case.target.name
    same = [one for one in _not_selecting(case, case.services) if text(one, "metadata", "name") == name]
    if same or any(_selects(case, one) for one in case.services):
        return same
    others = _not_selecting(case, case.namespace_services)
    return [one for one in others if _same_or_near(name, text(one, "metadata", "name"))][:2]


def _not_selecting(case: Case, services: Iterable[Json]) -> list[Json]:
    return [one for one in services if table(one, "spec", "selector") and not _selects(case, one)]


def _selects(case: Case, service: Json) -> bool:
    return selects(service, case.template_labels)


def _same_or_near(name: str, other: str) -> bool:
    return name == other or bool(nearest(name, [other], 0.75))


def _nobody_behind(case: Case, service: Json) -> bool:
    """Whether no pod is selected by a Service, those left out that have ended and were made by something, as a Job's:
    what may not be seen is not absent."""
    if ref_of(service, "Service") == case.target:
        there = [pod for pod in case.all_pods if not (pod.finished and pod.owner)]
        return not there and case.ask(first_pods(case, query({"matchLabels": case.selector_of_service})))[0].ok
    if any(dicts(piece, "endpoints") for piece in case.slices(service)):
        return False
    found = case.find(kinds.POD, query({"matchLabels": table(service, "spec", "selector")}))
    return found.ok and all(Pod(pod).finished for pod in found.items)


def _nothing_selected(case: Case, service: Json, meant: Meant | None) -> Finding:
    name, wanted = text(service, "metadata", "name"), pairs(table(service, "spec", "selector"))
    evidence = [Evidence(f"service {name}", f"spec.selector {wanted}; 0 endpoints")]
    clause = f"service `{name}` selects pods with `{wanted}`, and no pod carries that"
    gone = None if meant else lost_its_pods(case, service)
    if gone:
        evidence.append(Evidence(f"endpointslices of {name}", "its last endpoint went", ago(case.now, gone)))
        clause = f"service `{name}` has no pods: no workload carries `{wanted}`; it was probably deleted"
    if meant:
        evidence.append(Evidence(str(meant.workload), f"its pods carry {pairs(meant.labels)}"))
        clause = (
            f"service `{name}` selects `{pairs(meant.wanted)}`, which no pod carries; "
            f"the pods of {meant.workload.kind} `{meant.workload.name}` carry {meant.instead}"
        )
    return Finding(
        2, Ref("Service", case.namespace, name), Layer.SERVICE, clause, tuple(evidence),
        plans.make_again(service, wanted) if gone else plans.reselect(service, meant),
        Confidence.SURE if meant else Confidence.LIKELY, gone,
    )  # fmt: skip


def scaled_to_zero(case: Case) -> Iterator[Finding]:
    """Class 4: nobody is wanted although a Service sends traffic there; benign where no Service does."""
    workload, ref = case.workload, case.workload_ref
    if ref is None or ref.kind not in ("Deployment", "StatefulSet") or dig(workload, "spec", "replicas") != 0:
        return
    if not case.services_read:
        return  # whether traffic is sent there is not known
    routed = names(service for service in case.services if _selects(case, service))
    purpose = _purpose(workload)
    born = number(workload, "metadata", "generation") == 1  # the generation that it was created with
    evidence = [Evidence(str(ref), f"spec.replicas is 0{', as it was created' if born else ''}")]
    if purpose or not routed:
        reason = f"marked so by `{purpose}`" if purpose else "no service sends traffic to it"
        clause = f"{ref.kind} `{ref.name}` is scaled to 0 replicas, which looks intended ({reason})"
        yield Finding(4, ref, Layer.WORKLOAD, clause, tuple(evidence), benign=True)
        return
    before, why, event = _replicas_before(case, workload, ref)
    if event:
        evidence.append(
            Evidence("event ScalingReplicaSet", text(event, "message"), ago(case.now, moment(event_time(event))))
        )
    evidence.append(Evidence(f"service {routed[0]}", "0 endpoints: it selects these pods and none are wanted"))
    clause = f"{ref.kind} `{ref.name}` is scaled to 0 replicas, so service `{routed[0]}` has nobody behind it"
    yield Finding(
        4, ref, Layer.WORKLOAD, clause, tuple(evidence), plans.scale_up(ref, before, why),
        since=moment(event_time(event)) if event else None,
    )  # fmt: skip


def _purpose(workload: Json) -> str:
    """The label or annotation that says that zero is meant."""
    marks = {**table(workload, "metadata", "labels"), **table(workload, "metadata", "annotations")}
    marks = {key: value for key, value in marks.items() if not key.startswith("kubectl.kubernetes.io/")}
    return next((key for key, value in sorted(marks.items()) if _ON_PURPOSE.search(f"{key}={value}")), "")


def _replicas_before(case: Case, workload: Json, ref: Ref) -> tuple[int, str, Json | None]:
    """How many replicas to start and why so many: what there were by the event that tells, else what the last apply
    asked for, else 1."""
    for event in case.events(ref):
        told = _TO_ZERO.search(text(event, "message"))
        if told:
            return int(told[1]), "start its pods again, as many as there were", event
    applied = text(workload, "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
    asked = re.search(r'"replicas":(\d+)', applied)
    if asked and int(asked[1]):
        return int(asked[1]), "start as many pods as the manifest asks for that was applied last", None
    return 1, "start one pod; how many are wanted is not known, so scale on if one is too few", None


def only_ended_pods(case: Case) -> Iterator[Finding]:
    """Class 7: every pod has ended or hangs in its deletion, and nothing makes new ones."""
    if case.target.kind not in ("Service", "StatefulSet") or not case.all_pods or case.pods:
        return
    owner, ended = case.workload_ref, case.all_pods
    if owner and owner.kind not in ("Job", "CronJob") and not all(_overdue(case, pod) for pod in ended):
        return
    if any(pod.owner and pod.terminating and dig(pod.object, "metadata", "finalizers") for pod in ended):
        return  # a new one is made once that is gone: rules/leaving.py
    going = any(pod.terminating and not _overdue(case, pod) for pod in ended)
    told = "; ".join(f"`{pod.name}` {_how_ended(case, pod)}" for pod in ended[:3])
    have = "is on its way out" if going else "has ended"
    clause = f"every pod behind `{case.target.name}` {have} and nothing starts a new one: {told}"
    evidence = [Evidence(f"pod {pod.name}", _how_ended(case, pod), ago(case.now, _ended_at(pod))) for pod in ended[:3]]
    policy, made_by = text(ended[0].spec, "restartPolicy"), str(ended[0].owner or "no controller")
    evidence.append(Evidence(f"pod {ended[0].name}", f"restartPolicy {policy}, made by {made_by}"))
    plan = plans.look_at_left_behind(ended[0]) if _left_behind(ended[0]) else plans.look_at_ended(ended[0])
    yield Finding(7, ended[0].ref, Layer.POD, clause, tuple(evidence), plan, since=_ended_at(ended[0]))


def _left_behind(pod: Pod) -> bool:
    """Whether a pod is deleted that a ReplicaSet had made: as it is with what made both."""
    return pod.terminating and pod.owner is not None and pod.owner.kind == kinds.REPLICA_SET.name


def _overdue(case: Case, pod: Pod) -> bool:
    """Whether its deletion should be over: the time that the API writes includes the grace period."""
    due = moment(dig(pod.object, "metadata", "deletionTimestamp"))
    return bool(due and case.now - due > LATE)


def _how_ended(case: Case, pod: Pod) -> str:
    if pod.terminating and not _overdue(case, pod):
        last = moment(dig(pod.object, "metadata", "deletionTimestamp"))
        return "was deleted and is about to go" if not last or last <= case.now else (
            f"was deleted and has until {last:%H:%M:%S} UTC to end"
        )  # fmt: skip
    if pod.terminating:
        held = ", ".join(str(one) for one in dig(pod.object, "metadata", "finalizers", default=[]))
        return "hangs in its deletion" + (f" (finalizers {held})" if held else "")
    ends = [one.terminated for one in pod.main_containers if one.terminated]
    codes = ", ".join(str(number(end, "exitCode")) for end in ends)
    reason = text(pod.object, "status", "reason") or next((text(end, "reason") for end in ends), "")
    return f"{pod.phase.lower()}" + (f" ({reason}, exit code {codes})" if codes else f" ({reason})" if reason else "")


def _ended_at(pod: Pod) -> datetime | None:
    times = [moment(one.terminated.get("finishedAt")) for one in pod.main_containers]
    return max((time for time in times if time), default=None)


def no_selector_no_endpoints(case: Case) -> Iterator[Finding]:
    """Class 12: a Service without a selector for which nobody wrote endpoints."""
    if case.target.kind != "Service" or not case.object or table(case.object, "spec", "selector"):
        return
    if text(case.object, "spec", "type") == "ExternalName":
        return
    (answer,) = case.ask(case.slices_of(case.object))
    if not answer.ok or any(dicts(piece, "endpoints") for piece in answer.items):
        return
    name = case.target.name
    clause = f"service `{name}` has no selector and nobody wrote endpoints for it, so it leads nowhere"
    evidence = (Evidence(f"service {name}", "spec.selector is empty; it has no EndpointSlice with an address"),)
    yield Finding(12, case.target, Layer.SERVICE, clause, evidence)


RULES: tuple[Rule, ...] = (selector_matches_nothing, scaled_to_zero, only_ended_pods, no_selector_no_endpoints)
