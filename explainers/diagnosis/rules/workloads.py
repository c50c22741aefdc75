"""Workloads (classes 111–113): rollouts that are paused, stuck or stalled, and those that are simply under way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.rules import autoscalers, endpoints, held, renewed
from explainers.diagnosis.rules.renewed import awaited, one_revision
from explainers.diagnosis.rules.young import still_starts
from explainers.diagnosis.standing import held_back
from explainers.diagnosis.views.downtime import unavailable_since
from explainers.diagnosis.views.pods import Json, Pod, condition, dicts, dig, number, table, text
from explainers.diagnosis.views.probe_specs import Probe, failed, probe_of
from explainers.diagnosis.views.progressing import left_over, ready_of
from explainers.diagnosis.views.provisioning import awaits_volume
from explainers.diagnosis.views.reached import cut_off
from explainers.diagnosis.views.revisions import revisions, still_serves
from explainers.diagnosis.views.template import ordered
from explainers.diagnosis.views.warming import coming_up, early, starts_in_time, unheard, warming_up
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List, Logs, events_of
from explainers.operations.rollouts import Resume, RolloutStatus, revision_of, undo
from explainers.plan import Plan, Step

STALLED = timedelta(seconds=10)
UNSEEN = timedelta(seconds=30)
"""A controller that has not taken up a change after this long does not work; usually it takes a moment."""
_PEERS = (
    "see what this pod waits for; if it waits for its peers, a StatefulSet made anew with"
    " `podManagementPolicy: Parallel` makes them all at once"
)
_SAID = 120
"""Characters that a headline shows of what a probe's command says."""
HASH = "controller-revision-hash"


def paused(case: Case) -> Iterator[Finding]:
    """111: a paused Deployment rolls nothing out, and says so nowhere but in its spec. What is well beside it, such as
    its Service, is no worse for that."""
    ref = case.workload_ref
    if ref is None or ref.kind != "Deployment" or dig(case.workload, "spec", "paused") is not True:
        return
    wanted, status = _wanted(case.workload), table(case.workload, "status")
    if number(status, "updatedReplicas") >= wanted:
        return
    if not number(status, "replicas"):
        none_has = "its pod has not" if wanted == 1 else f"none of its {wanted} pods has"
        clause = f"it is paused, so {none_has} been made"
    else:
        clause = f"it is paused: {_waiting_change(case)} waits, and its pods still run the older template"
        clause += ", which does not become ready" if _suffers(case) else ""
    aside = case.target != ref and not _suffers(case) and health(case).good
    since = moment(condition(case.workload, "Progressing").get("lastUpdateTime"))
    resume = Resume(ref.type, ref.namespace, ref.name)
    yield Finding(
        111,
        ref,
        Layer.DEPENDENCY if _suffers(case) else Layer.WORKLOAD,
        clause,
        (
            Evidence(str(ref), "spec.paused: true", ago(case.now, since)),
            Evidence(str(ref), f"{number(status, 'updatedReplicas')} of {wanted} pods run the newest template"),
        ),
        Plan((Step(resume, "let the rollout go on", "the pods are made or replaced within a minute"),)),
        since=since,
        benign=aside,
    )


def _suffers(case: Case) -> bool:
    """Whether the pods of the older template are not well while another spec waits: that may be what cures them, so
    the pause lies below what they suffer from."""
    newest = table(case.replica_sets[0], "spec", "template", "spec") if case.replica_sets else {}
    return bool(newest) and bool(case.unready_pods) and newest != table(case.template, "spec")


def _waiting_change(case: Case) -> str:
    """The images that the paused template would bring, else only that there is a change."""
    newest = table(case.replica_sets[0], "spec", "template") if case.replica_sets else {}
    before = {text(one, "name"): text(one, "image") for one in dicts(newest, "spec", "containers")}
    changed = [
        f"`{before[name]}` → `{text(one, 'image')}`"
        for one in dicts(case.template, "spec", "containers")
        if (name := text(one, "name")) in before and before[name] != text(one, "image")
    ]
    return f"the change of image {', '.join(changed)}" if changed else "a change of its template"


def stuck(case: Case) -> Iterator[Finding]:
    """112: the new revision does not become ready in time, and the old one goes on serving."""
    ref = case.workload_ref
    progress = condition(case.workload, "Progressing")
    if ref is None or progress.get("reason") != "ProgressDeadlineExceeded" or progress.get("status") != "False":
        return
    newest, *older = case.replica_sets or [{}]
    pods = _new_pods(case, newest)
    if pods and all(starts_in_time(case, pod) or awaits_volume(case, pod) for pod in pods):
        return  # rules/young.py tells how much of it is left, rules/storage.py that a volume is being made
    serving = [one for one in older if number(one, "status", "readyReplicas")]
    if not serving and next(iter(endpoints.not_ready(case)), None) and revisions(case) is None:
        return  # that tells what they lack, and there is nothing to go back to
    limit = number(case.workload, "spec", "progressDeadlineSeconds") or 600
    clause = f"the rollout of revision {revision_of(newest)} is stuck: {_unready(case, newest)} after {limit} s"
    known = bool(pods) and bool(pods[0].unset_gates or _first_probe(pods[0]))
    doubt = "" if known else next((young for pod in pods if (young := early(case, pod))), "")
    words, seen = next((said for pod in pods[:1] if (said := endpoints.why_unready(case, pod))), ("", []))
    clause += f", because {words}" if words and not known else ""
    silent = None if known or doubt or not pods else unheard(case, pods[0])
    clause += f": its readiness probe {silent.asks} and has not passed, and no event tells why" if silent else doubt
    if serving:
        shut = cut_off(case)
        kept = f"is ready, but service `{shut[0]}` sends nothing to it" if shut else "still serves"
        clause += f"; revision {revision_of(serving[0])} {kept}"
    late = moment(progress.get("lastUpdateTime"))
    evidence = [Evidence(f"{ref} condition Progressing", text(progress, "message"), ago(case.now, late))]
    times = (late, unavailable_since(case.workload), *(pod.created for pod in pods))
    since = min((time for time in times if time), default=None)
    for one in [newest, *serving]:
        told = f"{number(one, 'status', 'readyReplicas')} of {number(one, 'status', 'replicas')} pods ready"
        evidence.append(Evidence(f"revision {revision_of(one)}", told))
    evidence += seen
    plan = _back(case)
    if silent and not plan.steps:
        plan = _look_at_probe(silent)
    if doubt:
        why = f"see whether it still becomes ready: a start may take longer than the progress deadline of {limit} s"
        follow = Step(RolloutStatus(ref.type, ref.namespace, ref.name), why)
        plan = Plan((follow,), (*plan.steps, *plan.alternatives))
    sure = Confidence.LIKELY if doubt or silent else Confidence.SURE
    yield Finding(112, ref, Layer.WORKLOAD, clause, tuple(evidence), plan, sure, since)


def _look_at_probe(probe: Probe) -> Plan:
    """What an answer that comes too late, or not at all, may be read from."""
    pod, name = probe.container.pod, probe.container.name
    why = f"whether it answers what the probe asks, and within the {probe.timeout} s (timeoutSeconds) that it is given"
    told = Step(events_of("Pod", pod.namespace, pod.name), "see whether the kubelet tells by now what it hears")
    return Plan((Step(Logs(pod.namespace, pod.name, name, tail=100), why), told))


def _new_pods(case: Case, newest: Json) -> list[Pod]:
    """The pods of the newest revision that are not ready."""
    hashed = text(newest, "metadata", "labels", "pod-template-hash")
    return [pod for pod in case.unready_pods if pod.labels.get("pod-template-hash") == hashed]


def _unready(case: Case, newest: Json) -> str:
    """What the new pods lack: a readiness gate that nobody sets, or simply readiness."""
    pods = _new_pods(case, newest)
    if closed := pods[0].unset_gates if pods else []:
        return f"nothing sets the readiness gate `{closed[0]}` of its pods"
    if late := max((_first_probe(pod) for pod in pods[:1]), default=0):
        return f"the readiness probe of its pods first runs after {late} s, so none is ready"
    ready, every = number(newest, "status", "readyReplicas"), number(newest, "status", "replicas")
    if every == 1 and not ready:
        return "its new pod is not ready"
    are = "is" if ready == 1 else "are"
    return f"{ready} of its {every} new pods {are} ready" if every else "none of its pods could be made"


def _first_probe(pod: Pod) -> int:
    """The longest initial delay of a readiness probe that has not run yet, in seconds; 0 when none is awaited."""
    delays = [
        number(one.spec, "readinessProbe", "initialDelaySeconds")
        for one in pod.main_containers
        if one.running_since and not one.ready
    ]
    return max((delay for delay in delays if delay >= 60), default=0)


def _back(case: Case) -> Plan:
    found = revisions(case)
    if found is None:
        return Plan()
    step = undo(kinds.DEPLOYMENT, case.workload, found.holder_before, found.holder)
    serves = ", which serves" if still_serves(case, found) else ""
    why = f"go back to revision {found.previous}{serves}; correct the template in peace"
    return Plan((Step(step, why, "the new pods go, and the rollout is through within a minute"),))


def stalled(case: Case) -> Iterator[Finding]:
    """113: an ordered StatefulSet waits for one pod, and therefore neither makes nor repairs the others."""
    ref, status = case.workload_ref, table(case.workload, "status")
    if ref is None or not ordered(case):
        return
    unready = sorted((pod for pod in case.unready_pods if _old(case, pod)), key=_ordinal)
    if not unready:
        return
    wanted, update = _wanted(case.workload), text(status, "updateRevision")
    left = [pod for pod in unready if _replaced_by_order(case, pod) and pod.labels.get(HASH) not in (update, None)]
    if left and still_starts(case, left[-1]):
        return  # once it is ready, it is replaced like the others
    if left:
        yield _left_behind(case, ref, left[-1])
    elif number(status, "replicas") < wanted and not all(_may_start(case, one) for one in unready):
        yield _blocked(case, ref, unready[0], wanted)


def _old(case: Case, pod: Pod) -> bool:
    return pod.created is not None and case.now - pod.created >= STALLED


def _may_start(case: Case, pod: Pod) -> bool:
    """Whether the order waits for nothing but a start that may take its time; of that rules/young.py tells."""
    granted = not _first_probe(pod) and still_starts(case, pod)
    return granted or all(warming_up(case, one) for one in pod.main_containers if not one.ready)


def _ordinal(pod: Pod) -> int:
    last = pod.name.rpartition("-")[2]
    return int(last) if last.isdecimal() else 0


def _replaced_by_order(case: Case, pod: Pod) -> bool:
    """Whether the rolling update is to reach this pod: it has a revision to go to, and no partition below it."""
    strategy = table(case.workload, "spec", "updateStrategy")
    rolling = (text(strategy, "type") or "RollingUpdate") == "RollingUpdate"
    reached = _ordinal(pod) >= number(strategy, "rollingUpdate", "partition")
    return rolling and reached and bool(text(case.workload, "status", "updateRevision"))


def _left_behind(case: Case, ref: Ref, pod: Pod) -> Finding:
    """The template has been changed since, but the broken pod is waited for instead of replaced.

    What breaks the pod is a thing of the past template; so this lies deeper than the pod's own symptoms.
    """
    waiting = next((one.waiting for one in pod.containers if one.waiting), "") or "not ready"
    image = next((one.image for one in pod.containers if one.waiting), "")
    clause = (
        f"its pod `{pod.name}` still runs an older template and is {waiting}{f' (`{image}`)' if image else ''}; a"
        " StatefulSet waits for it to become ready instead of replacing it"
    )
    again = Delete(kinds.POD, pod.namespace, pod.name)
    return Finding(
        113,
        pod.ref,
        Layer.DEPENDENCY,
        clause,
        (
            Evidence(f"pod {pod.name}", f"revision {pod.labels.get(HASH)}, {waiting}", ago(case.now, pod.created)),
            Evidence(str(ref), f"updateRevision {text(case.workload, 'status', 'updateRevision')}"),
        ),
        Plan((Step(again, "delete it: it is made again from the newest template", "it is ready within a minute"),)),
        since=pod.created,
    )


def _blocked(case: Case, ref: Ref, pod: Pod, wanted: int) -> Finding:
    have = number(case.workload, "status", "replicas")
    exist = f"{have} of {wanted} pods exist{'s' if have == 1 else ''}"
    following = f"{ref.name}-{_ordinal(pod) + 1}"
    clause = (
        f"`{pod.name}` is not ready{_probed(case, pod)}, and a StatefulSet makes `{following}` only after it: {exist}"
    )
    if late := _first_probe(pod):
        clause += f"; its readiness probe first runs after {late} s"
    doubt = early(case, pod)
    look = Get(kinds.POD, pod.namespace, pod.name)
    told = Evidence(f"pod {pod.name}", f"phase {pod.phase}, not ready", ago(case.now, pod.created))
    return Finding(
        113,
        pod.ref,
        Layer.WORKLOAD,
        clause + doubt,
        (told, Evidence(str(ref), f"podManagementPolicy OrderedReady, {exist}")),
        Plan((Step(look, _PEERS),)),
        Confidence.LIKELY if doubt else Confidence.SURE,
        pod.created,
    )


def _probed(case: Case, pod: Pod) -> str:
    """What its readiness probe asks, where that is what keeps it from being ready."""
    for container in pod.main_containers:
        probe = probe_of(container, "readiness") if not container.ready and container.running_since else None
        if probe and (fails := failed(case, probe)):
            said = f": `{fails.said[:_SAID]}`" if probe.handler == "exec" and fails.said else ""
            return f" (its readiness probe {probe.asks} and fails{said})"
    return ""


def not_taken_up(case: Case) -> Iterator[Finding]:
    """112: the controller has not seen the newest spec. For a moment that is usual (125); later nobody acts on it."""
    ref, workload = case.workload_ref, case.workload
    if ref is None or ref.kind not in ("Deployment", "StatefulSet", "DaemonSet"):
        return
    newest, seen = number(workload, "metadata", "generation"), number(workload, "status", "observedGeneration")
    if seen >= newest:
        return
    since = _written(workload)
    usual = since is None or case.now - since < UNSEEN
    of_seen = f"it has seen generation {seen} of {newest}" if seen else "it has seen none of it"
    clause = "its newest change has not been taken up yet by its controller"
    if since and not usual:
        clause = f"its newest change has not been taken up for {span(case.now - since)}: no controller acts on it"
    told = Evidence(str(ref), of_seen, ago(case.now, since))
    again = Step(RolloutStatus(ref.type, ref.namespace, ref.name), "follow what becomes of it")
    look = "see whether `kube-controller-manager` runs; while it does not, no change of any workload is acted on"
    managers = Step(List(kinds.POD, "kube-system"), look)
    plan = Plan((again,) if usual else (managers,))
    layer, sure = (Layer.WORKLOAD, Confidence.SURE) if usual else (Layer.CLUSTER, Confidence.LIKELY)
    number_of = 125 if usual else 112
    yield Finding(number_of, ref, layer, clause, (told,), plan, since=since, benign=usual, confidence=sure)


def _written(workload: Json) -> datetime | None:
    """When somebody last wrote the spec; None when that is not recorded."""
    entries = (one for one in dicts(workload, "metadata", "managedFields") if not one.get("subresource"))
    times = [time for one in entries if "f:spec" in table(one, "fieldsV1") and (time := moment(one.get("time")))]
    return max(times, default=None)


def under_way(case: Case) -> Iterator[Finding]:
    """125: a rollout in progress whose older pods serve is no fault."""
    ref = case.workload_ref
    if ref is None or ref.kind not in ("Deployment", "StatefulSet", "DaemonSet"):
        return
    wanted, ready, updated = _rollout(case.workload)
    ready, left, broken = ready_of(case, ready), left_over(case.workload), _replaced(case)
    have = ready + awaited(case)
    lacks = not have or have < wanted - _may_lack(case.workload, wanted)
    if not wanted or (updated >= wanted and not left) or (lacks and not broken):
        return
    if (
        held_back(case.workload, wanted - updated)
        or not _moving(case.workload)
        or one_revision(case.workload)
        or not all(coming_up(case, pod) for pod in case.unready_pods)
    ):
        return
    run, are = ("runs" if updated == 1 else "run"), ("1 pod is" if ready == 1 else f"{ready} pods are")
    are = are if ready else "none is"
    clause = f"a rollout is under way: {updated} of {wanted} pods {run} the newest template, and {are} ready"
    if broken:
        clause += f"; `{broken[0].name}` is of the template before, and goes once enough new ones are ready"
    if have > ready:
        clause += (
            f"; {have - ready} that {'was deleted has' if have - ready == 1 else 'were deleted have'} still to end"
        )
    if settle := number(case.workload, "spec", "minReadySeconds"):
        clause += f"; a new pod counts once it has been ready for {settle} s (minReadySeconds)"
    status = RolloutStatus(ref.type, ref.namespace, ref.name)
    plan = Plan((Step(status, "follow the rollout"),))
    told = Evidence(str(ref), f"{updated} of {wanted} pods updated, {ready} ready")
    seen = (told, *(_of_before(case, pod) for pod in broken[:2]))
    yield Finding(125, ref, Layer.POD if broken else Layer.WORKLOAD, clause, seen, plan, benign=True)


def _replaced(case: Case) -> list[Pod]:
    """The pods of the Deployment that are not ready, and that the newest revision replaces."""
    if text(case.workload, "kind") != "Deployment":
        return []
    unready = {pod.name for pod in case.unready_pods}
    return [pod for pod in case.pods if pod.whole and not pod.ready and pod.name not in unready]


def _of_before(case: Case, pod: Pod) -> Evidence:
    waits = next((f"{one.name} waits: {one.waiting}" for one in pod.containers if one.waiting), "not ready")
    return Evidence(f"pod {pod.name}", f"of the template before; {waits}", ago(case.now, pod.ready_since))


def _moving(workload: Json) -> bool:
    halted = dig(workload, "spec", "paused") is True or condition(workload, "Progressing").get("status") == "False"
    return not halted and dig(workload, "spec", "updateStrategy", "type") != "OnDelete"


def _rollout(workload: Json) -> tuple[int, int, int]:
    """Wanted, ready and updated pods."""
    status = table(workload, "status")
    if text(workload, "kind") == "DaemonSet":
        ready, updated = number(status, "numberReady"), number(status, "updatedNumberScheduled")
        return number(status, "desiredNumberScheduled"), ready, updated
    return _wanted(workload), number(status, "readyReplicas"), number(status, "updatedReplicas")


def _may_lack(workload: Json, wanted: int) -> int:
    """How many pods may be missing during the rollout: `maxUnavailable`, as a number or a share, one by default."""
    key = "strategy" if text(workload, "kind") == "Deployment" else "updateStrategy"
    found = dig(workload, "spec", key, "rollingUpdate", "maxUnavailable")
    if isinstance(found, str) and found.rstrip("%").isdecimal():
        return wanted * int(found.rstrip("%")) // 100 if found.endswith("%") else int(found)
    return found if isinstance(found, int) else 1


def _wanted(workload: Json) -> int:
    found = dig(workload, "spec", "replicas")
    return found if isinstance(found, int) else 1


_BESIDE = (*held.RULES, *renewed.RULES, *autoscalers.RULES)

RULES: tuple[Rule, ...] = (paused, not_taken_up, stuck, stalled, under_way, *_BESIDE)
