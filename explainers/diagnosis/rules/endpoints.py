"""Services with pods, but the wrong ones or too few of them (classes 3, 5, 6)."""

import json
from collections.abc import Iterator
from datetime import timedelta

from explainers.diagnosis.case import WORKLOADS, Case, Rule, event_time
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import services as plans
from explainers.diagnosis.rules.new_pods import does_not_get_on, unproven_revision
from explainers.diagnosis.rules.probes import heard, passes_elsewhere
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, number, table, text
from explainers.diagnosis.views.ports import declared, probed, service_ports
from explainers.diagnosis.views.serving import exact, makers
from explainers.diagnosis.views.warming import early, warming_up
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.plan import Plan
from explainers.selectors import pairs, subset

IDENTITY = ("app.kubernetes.io/name", "app", "k8s-app", "name", "app.kubernetes.io/component", "component", "role")
PROBE = "tessera.dev/probe"
"""The label of one-time pods that stand in for a workload for a moment."""
STARTING = timedelta(seconds=60)


def selector_over_broad(case: Case) -> Iterator[Finding]:
    """Class 3: the Service sends part of its traffic to pods of another application."""
    for service in case.services:
        selector = table(service, "spec", "selector")
        ref = ref_of(service, "Service")
        if not selector or (exact(service, case.workload) and case.target != ref and not _of_several(case, service)):
            continue
        found = (case if case.target == ref else case.follow(ref)).all_pods
        pods = [pod for pod in found if not (pod.finished or pod.terminating or PROBE in pod.labels)]
        groups = _by_owner(pods)
        own = _own_group(case, service, groups)
        strangers = {
            name: group for name, group in groups.items()
            if own and _stranger(case, service, groups[own][0], own, group[0], name)
        }  # fmt: skip
        if own and strangers:
            yield _spilling(case, service, groups[own], strangers)


def _of_several(case: Case, service: Json) -> bool:
    """Whether the endpoints of a Service are known to be pods of several workloads."""
    return case.slices_of(service) in case.facts.answers and len(makers(case.slices(service), case.namespace)) > 1


def _by_owner(pods: list[Pod]) -> dict[str, list[Pod]]:
    """Pods by the name of what made them, the Deployment for those of a ReplicaSet; those of Jobs left out."""
    groups: dict[str, list[Pod]] = {}
    for pod in pods:
        if not (pod.owner and pod.owner.kind == "Job"):
            groups.setdefault(_owner(pod), []).append(pod)
    return groups


def _owner(pod: Pod) -> str:
    revision = text(pod.labels, "pod-template-hash")
    return pod.owner.name.removesuffix(f"-{revision}") if pod.owner else pod.name


def _own_group(case: Case, service: Json, groups: dict[str, list[Pod]]) -> str:
    """Whose Service it is: that of its own name, the target's, a near one's, else the one that listens."""
    name = text(service, "metadata", "name")
    wanted = [case.workload_ref.name] if case.workload_ref and case.target.kind != "Service" else []
    near = [one for one in sorted(groups) if name.startswith(one) or one.startswith(name)]
    listening = [one for one in sorted(groups) if _listens(service, groups[one][0])]
    return next((one for one in [name, *wanted, *near, *listening] if one in groups), "")


def _stranger(case: Case, service: Json, own: Pod, own_name: str, other: Pod, name: str) -> bool:
    """Another application, by two signals: another identity, and another Service, port or image for it."""
    if name == own_name:
        return False
    if not _other_identity(own, own_name, other, name):
        return _silent(service, own, own_name, other, name)
    own_service = any(
        table(one, "spec", "selector")
        and subset(table(one, "spec", "selector"), other.labels)
        and not subset(table(one, "spec", "selector"), own.labels)
        for one in case.namespace_services
    )
    return own_service or not _listens(service, other) or _images(own).isdisjoint(_images(other))


def _silent(service: Json, own: Pod, own_name: str, other: Pod, name: str) -> bool:
    """Whether the other pod runs another command of the same image and tells no port at all, while the own one tells
    that which the Service sends to."""
    if own_name.startswith(name) or name.startswith(own_name) or not _listens(service, own):
        return False
    tells = declared(other.spec) or probed(other.spec)
    return not tells and bool(_words(own)) and _words(own).isdisjoint(_words(other))


def _words(pod: Pod) -> set[str]:
    """What each container runs, as one text."""
    return {json.dumps([one.spec.get("command"), one.spec.get("args")]) for one in pod.main_containers}


def _other_identity(one: Pod, one_name: str, other: Pod, other_name: str) -> bool:
    """Whether names and labels speak of two applications, and not of two versions of one (a canary)."""
    if any(one.labels[key] != other.labels[key] for key in IDENTITY if key in one.labels and key in other.labels):
        return True
    if one_name.startswith(other_name) or other_name.startswith(one_name):
        return False
    return _images(one).isdisjoint(_images(other))


def _listens(service: Json, pod: Pod) -> bool:
    """Whether a pod declares or probes every TCP port that the Service sends to."""
    known = (
        {each.number for each in declared(pod.spec)}
        | {each.name for each in declared(pod.spec)}
        | set(probed(pod.spec))
    )
    return all(port.target in known for port in service_ports(service) if port.protocol == "TCP")


def _images(pod: Pod) -> set[str]:
    return {one.image.rsplit("@")[0].rsplit(":")[0] for one in pod.main_containers}


def _spilling(case: Case, service: Json, pods: list[Pod], strangers: dict[str, list[Pod]]) -> Finding:
    name, selector = text(service, "metadata", "name"), pairs(table(service, "spec", "selector"))
    others = " and ".join(f"`{one}`" for one in sorted(strangers))
    wrong = sum(len(group) for group in strangers.values())
    clause = (
        f"service `{name}` selects `{selector}`, which pods of {others} carry too, "
        f"so {wrong} of its {wrong + len(pods)} endpoints belong{'s' if wrong == 1 else ''} to another application"
    )
    evidence = [Evidence(f"service {name}", f"spec.selector {selector}")]
    for group in [pods, *(strangers[one] for one in sorted(strangers))]:
        shown = {key: value for key, value in group[0].labels.items() if key != "pod-template-hash"}
        ports = ", ".join(str(each.number) for each in declared(group[0].spec)) or "no declared port"
        evidence.append(Evidence(f"pod {group[0].name}", f"labels {pairs(shown)}; {ports}"))
    wanted = _distinguishing(table(service, "spec", "selector"), pods[0], strangers)
    plan = plans.narrow(service, wanted)
    if wanted == table(service, "spec", "selector"):
        plan = _told_apart(case, service, pods[0], strangers)
    alike = not any(_other_identity(pods[0], _owner(pods[0]), group[0], one) for one, group in strangers.items())
    sure = Confidence.LIKELY if alike and not case.refused else Confidence.SURE
    return Finding(3, Ref("Service", case.namespace, name), Layer.SERVICE, clause, tuple(evidence), plan, sure)


def _told_apart(case: Case, service: Json, own: Pod, strangers: dict[str, list[Pod]]) -> Plan:
    """No label is the own pods' alone: they get one under a key that the strangers use, or a usual one."""
    ref = case.top_owner(own.object)
    if ref is None or ref.type not in WORKLOADS:
        return Plan()
    used = {key for group in strangers.values() for key in group[0].labels if key not in _GENERATED}
    key = next(iter(sorted(used - own.labels.keys())), "app.kubernetes.io/component")
    return plans.mark(ref, service, key, ref.name)


def _distinguishing(selector: Json, own: Pod, strangers: dict[str, list[Pod]]) -> Json:
    """The selector with one more of the own pods' labels that no stranger carries; all labels where none is enough."""
    labels = {key: value for key, value in own.labels.items() if key not in _GENERATED}
    for key in (*IDENTITY, *sorted(labels)):
        others = [pod for group in strangers.values() for pod in group]
        if key in labels and not any(pod.labels.get(key) == labels[key] for pod in others):
            return {**selector, key: labels[key]}
    return labels


_GENERATED = frozenset(
    {"pod-template-hash", "controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name",
     "apps.kubernetes.io/pod-index"}
)  # fmt: skip


def not_ready(case: Case) -> Iterator[Finding]:
    """Classes 5 and 6: pods run, and their own readiness says no; a deeper cause, where one is found, comes first."""
    unready = [pod for pod in case.unready_pods if _runs(pod)]
    if not unready or len(unready) < len(case.unready_pods) or case.target.kind in ("Job", "CronJob"):
        return
    ready = [pod for pod in case.pods if pod.ready]
    worst, why = unready[0], None
    for pod in unready[:2]:
        why = why_unready(case, pod)
        if why:
            worst = pod
            break
    if why is None or (ready and not _dropped_out(case, worst)):
        return
    words, seen = why
    doubt, gate = early(case, worst), _unset_gate(worst)
    if ready and not gate and (newest := unproven_revision(case, worst)):
        found = does_not_get_on(case, worst, newest, words, seen, doubt)
        yield from (found,) if found else ()
        return
    owner = case.workload_ref or worst.ref
    count = sum(case.alike(pod) for pod in unready)
    who = f"`{worst.name}`" if count == 1 else f"{count} pods (newest `{worst.name}`)"
    total = len(case.pods)
    if ready:
        many, verb = ("is" if one == 1 else "are" for one in (len(ready), count))
        clause = f"only {len(ready)} of {total} pods {many} ready: {who} {verb} not, because {words}"
    else:
        none = "its only pod is not ready" if total == 1 else f"none of its {total} pods is ready"
        clause = words if case.target == worst.ref else f"{none}: in `{worst.name}` {words}"
    alike = passes_elsewhere(case, worst) and not doubt
    look = plans.look_at_gate(case, worst, gate) if gate else plans.look_at_unready(worst, alike)
    yield Finding(
        6 if ready else 5,
        owner,
        Layer.SERVICE,
        clause + doubt,
        tuple(seen),
        look,
        Confidence.LIKELY if doubt else Confidence.SURE,
        worst.ready_since,
    )


def _runs(pod: Pod) -> bool:
    """Started and never ended: everything that crashes or waits is told by what it crashes or waits of."""
    return pod.phase == "Running" and all(one.running_since and not one.restarts for one in pod.main_containers)


def why_unready(case: Case, pod: Pod) -> tuple[str, list[Evidence]] | None:
    """The readiness probe's own words, or the gate that nobody sets; None while it may be starting."""
    contained = moment(pod.condition("ContainersReady").get("lastTransitionTime"))
    if contained and (gate := _unset_gate(pod)):
        state = text(pod.condition(gate), "status") or "not set"
        told = f"condition {gate} is {state}; containers ready for {span(case.now - contained)}"
        return f"nothing sets its readiness gate `{gate}`", [Evidence(f"pod {pod.name}", told)]
    if all(warming_up(case, one) for one in pod.main_containers if not one.ready):
        return None
    for event in case.events(pod.ref):
        message = text(event, "message")
        if text(event, "reason") == "Unhealthy" and message.startswith("Readiness probe"):
            said = " ".join(message.split())
            age = ago(case.now, moment(event_time(event)))
            tells = _after_colon(said) and not said.endswith("connection refused")
            silent = [one for one in pod.main_containers if not one.ready] if not tells else []
            logged, own = next((words for one in silent if any(words := heard(case, one))), ("", ()))
            return f"the readiness probe fails ({_short(said)}){logged}", [
                Evidence("event Unhealthy", said, age),
                Evidence(f"pod {pod.name}", f"condition Ready is False; readiness asks {_asks(pod)}"),
                *own,
            ]
    return None


def _unset_gate(pod: Pod) -> str:
    """The readiness gate that a pod waits for whose containers are ready; empty when it waits for none."""
    waits = text(pod.condition("ContainersReady"), "status") == "True"
    return next(iter(pod.unset_gates), "") if waits else ""


def _after_colon(said: str) -> str:
    return said.split(":", 1)[-1].strip() if ":" in said else said


def _short(said: str) -> str:
    told = _after_colon(said)
    return f"`{told[:120]}`" if told else "it exits with an error and says nothing"


def _asks(pod: Pod) -> str:
    for one in pod.main_containers:
        command = dig(one.spec, "readinessProbe", "exec", "command")
        if isinstance(command, list):
            return f"`{' '.join(str(word) for word in command)}`"
    return "its probe"


def _dropped_out(case: Case, pod: Pod) -> bool:
    """Whether an unready pod beside ready ones is a fault and not part of a rollout that goes on."""
    workload = case.workload
    if text(workload, "kind") == "Deployment":
        progress = next((c for c in dicts(workload, "status", "conditions") if c.get("type") == "Progressing"), {})
        if progress.get("reason") == "NewReplicaSetAvailable":
            return True
    elif number(workload, "status", "updatedReplicas") == dig(workload, "spec", "replicas", default=1):
        return True
    return bool(pod.created and case.now - pod.created > STARTING)


RULES: tuple[Rule, ...] = (selector_over_broad, not_ready)
