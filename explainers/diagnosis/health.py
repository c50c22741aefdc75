"""How the target stands, from its own status: what must be seen before anything is called healthy."""

from collections.abc import Callable
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Health
from explainers.diagnosis.views.availability import not_counted
from explainers.diagnosis.views.downtime import down_since, unavailable_since
from explainers.diagnosis.views.endings import unsettled
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, dig, number, table, text
from explainers.diagnosis.views.ports import declared
from explainers.diagnosis.views.progressing import counted_and_going, ready_of
from explainers.diagnosis.views.schedules import next_due
from explainers.diagnosis.views.uniform import counted_last
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence

A_MOMENT = timedelta(seconds=5)
UNKNOWN = ""
"""The state of a target that may not be seen well enough to say."""


def health(case: Case) -> Health:
    """The state of the target. Raises Missing while facts are to be read."""
    return _BY_KIND.get(case.target.kind, _existing)(case)


def endpoints(case: Case, service: Json) -> tuple[int, int]:
    """Ready and all endpoints of a Service, from its EndpointSlices. They follow the pods a moment later: one whose pod
    has finished is about to go, and one whose pod has just become ready counts."""
    gone = {pod.name for pod in (*case.all_pods, *case.given_up) if pod.finished or pod.terminating}
    just = {pod.name for pod in case.all_pods if pod.ready and _just_ready(case, pod)}
    found = [endpoint for piece in case.slices(service) for endpoint in dicts(piece, "endpoints")]
    every = [(text(one, "targetRef", "name"), dig(one, "conditions", "ready") is not False) for one in found]
    there = [(name, ready) for name, ready in every if name not in gone]
    return sum(1 for name, ready in there if ready or name in just), len(there)


def _just_ready(case: Case, pod: Pod) -> bool:
    """Whether a pod has become ready a moment ago, or may have, where it was not read whole."""
    since = pod.ready_since if pod.whole else counted_last(case.workload)
    return since is not None and case.now - since < A_MOMENT


def _workload(case: Case) -> Health:
    desired, ready, updated, observed = _counts(case.object)
    ready = ready_of(case, ready)
    serving = f"{ready} of {desired} pods ready"
    if desired == 0:
        state = "wants no pods" if case.target.kind == "DaemonSet" else "is scaled to 0"
        return Health(state, "0 pods wanted", True)
    restless = [pod for pod in case.pods if _restless(case, pod)]
    complete = observed and ready == updated == desired
    runs = complete and not restless
    good = runs and not _without_endpoints(case)
    shut = runs and not good and _all_without(case)
    none = ready == 0 or shut
    state = "is healthy" if good else "is down" if none else "is degraded" if ready < desired else "is not well"
    serving += ", and its service leads to none" if shut else ""
    return Health(
        state,
        serving,
        good,
        tuple(_fine(case, desired, ready, runs)),
        (*_seen(case, serving), *((*not_counted(case, ready), *_unserved(case), *_unnamed(case)) if good else ())),
        _unready_since(case),
    )


def _counts(workload: Json) -> tuple[int, int, int, bool]:
    """Desired, ready and updated pods, and whether the controller has seen the latest spec. A ReplicaSet rolls
    nothing out: each of its pods counts as updated."""
    status = table(workload, "status")
    observed = number(status, "observedGeneration") >= number(workload, "metadata", "generation")
    if "desiredNumberScheduled" in status:
        desired = number(status, "desiredNumberScheduled")
        return desired, number(status, "numberReady"), number(status, "updatedNumberScheduled"), observed
    wanted = dig(workload, "spec", "replicas")
    desired = wanted if isinstance(wanted, int) else 1
    updated = "replicas" if text(workload, "kind") == "ReplicaSet" else "updatedReplicas"
    return desired, number(status, "readyReplicas"), number(status, updated), observed


def _restless(case: Case, pod: Pod) -> bool:
    return any(unsettled(case, container) for container in pod.main_containers)


def _without_endpoints(case: Case) -> bool:
    return any(
        table(service, "spec", "selector") and not _hidden(case, service) and endpoints(case, service)[0] == 0
        for service in case.services
        if text(service, "spec", "type") != "ExternalName"
    )


def _all_without(case: Case) -> bool:
    """Whether no Service of it has an endpoint, so that nobody reaches it by one; those may be seen."""
    named = [one for one in case.services if text(one, "spec", "type") != "ExternalName"]
    return bool(named) and all(not _hidden(case, one) and endpoints(case, one)[0] == 0 for one in named)


def _hidden(case: Case, service: Json) -> bool:
    """Whether the endpoints of the Service could not be read."""
    (answer,) = case.ask(case.slices_of(service))
    return not answer.ok


def _fine(case: Case, desired: int, ready: int, well: bool) -> list[str]:
    """What is in order. Of a workload that is not well the endpoints are not read just to say that they are."""
    fine = []
    if ready == desired:
        fine.append(f"{ready} of {desired} pods ready")
    for service in case.services if ready else ():
        if not well and case.slices_of(service) not in case.facts.answers:
            continue
        good, every = endpoints(case, service)
        if every and good == every:
            fine.append(
                f"service `{text(service, 'metadata', 'name')}` has {good} ready endpoint{'s' if good != 1 else ''}"
            )
    if case.pods and not any(_may_have_restarted(one) for pod in case.pods for one in pod.containers):
        fine.append("no restarts")
    if case.pods and not case.policies and case.find(kinds.NETWORK_POLICY).ok:
        fine.append("no NetworkPolicy selects the pods")
    return fine


def _may_have_restarted(container: Container) -> bool:
    """Whether it restarted, or runs in a pod of which no more is known than that it serves."""
    return container.restarts > 0 or (container.ready and "restartCount" not in container.status)


def _unready_since(case: Case) -> datetime | None:
    """Since when not enough pods are well: the oldest trouble of one, where that is known of each."""
    ailing = [*case.unready_pods, *(pod for pod in case.pods if pod.ready and _restless(case, pod))]
    times = [down_since(case, pod) for pod in ailing if pod.ready_since]
    known = [time for time in times if time]
    short = unavailable_since(case.workload)
    return min([*known, *([short] if short else [])]) if known and len(known) == len(times) else None


def _seen(case: Case, serving: str) -> list[Evidence]:
    times = [pod.ready_since for pod in case.pods if pod.ready and pod.ready_since]
    counted = None if all(pod.whole for pod in case.pods) else counted_last(case.object)
    last = max((*times, *([counted] if counted else [])), default=None) if not counted_and_going(case) else None
    least = "at least " if last and last == counted else ""
    age = f"for {least}{span(case.now - last)}" if last and case.now - last >= timedelta(seconds=1) else ""
    return [Evidence(str(case.target), serving, age)]


def _unserved(case: Case) -> list[Evidence]:
    """That no Service leads to a port of the pods, which is no fault but where others call them by name."""
    if not declared(table(case.template, "spec")) or not case.services_read or case.services:
        return []
    return [Evidence(f"services in {case.namespace}", "none selects its pods")]


def _unnamed(case: Case) -> list[Evidence]:
    """That the Service which would give the pods of a StatefulSet their names does not exist: no fault but where
    somebody calls them so."""
    name = text(case.object, "spec", "serviceName") if case.target.kind == "StatefulSet" else ""
    if not name or not case.service(name).absent:
        return []
    return [Evidence(str(case.target), f"spec.serviceName {name}: no service has that name, so its pods have none")]


def _service(case: Case) -> Health:
    service = case.object
    if text(service, "spec", "type") == "ExternalName":
        host = text(service, "spec", "externalName")
        return Health("is healthy", f"an alias for `{host}`", True)
    if _hidden(case, service):
        return Health(UNKNOWN, "its endpoints could not be read", False)
    good, every = endpoints(case, service)
    serving = f"{good} of {every} endpoints ready"
    well = good > 0 and good == every and not any(_restless(case, pod) for pod in case.pods)
    lacking = good < every and not _all_wanted_serve(case)
    state = "is healthy" if well else "is down" if good == 0 else "is degraded" if lacking else "is not well"
    return Health(state, serving, well, (serving,) if well else (), (Evidence(str(case.target), serving),))


def _all_wanted_serve(case: Case) -> bool:
    """Whether only pods that a rollout makes beside all that are wanted are not ready."""
    desired, ready, *_ = _counts(case.workload)
    ready = ready_of(case, ready)
    unready = [pod for pod in case.pods if not pod.ready]
    return 0 < desired <= ready and all(case.top_owner(pod.object) == case.workload_ref for pod in unready)


def only_new_ones_fail(case: Case) -> bool:
    """Whether the pods of a Service that are wanted all serve, and those that do not are new ones of a rollout, which
    have never been sent a request: what keeps them from being ready is not why a call fails."""
    unready = [pod for pod in case.pods if not pod.ready]
    untried = all(not one.ran or table(one.spec, "readinessProbe") for pod in unready for one in pod.main_containers)
    settled = not any(_restless(case, pod) for pod in case.pods if pod.ready)
    return bool(unready) and untried and settled and _all_wanted_serve(case)


def _pod(case: Case) -> Health:
    pod = Pod(case.object)
    if pod.phase == "Succeeded":
        return Health("has completed", "it ended with exit code 0", True, ("completed",))
    good = pod.ready and not _restless(case, pod)
    serving = (
        f"phase {pod.phase or 'unknown'}, {'ready' if pod.ready else 'terminating' if pod.terminating else 'not ready'}"
    )
    since = None if pod.terminating and text(pod.condition("Ready"), "status") == "True" else pod.ready_since
    seen = (Evidence(str(case.target), serving, ago(case.now, since)),)
    return Health("is healthy" if good else "is not ready" if not pod.ready else "is not well", serving, good, (), seen)


def _job(case: Case) -> Health:
    status = table(case.object, "status")
    conditions = {text(one, "type"): one for one in dicts(status, "conditions") if one.get("status") == "True"}
    if "Complete" in conditions or "SuccessCriteriaMet" in conditions:
        done = moment(status.get("completionTime"))
        seen = (Evidence(str(case.target), "condition Complete", ago(case.now, done)),)
        return Health("has completed", f"{number(status, 'succeeded')} succeeded", True, ("completed",), seen)
    if over := conditions.get("Failed") or conditions.get("FailureTarget"):
        return Health("has failed", text(over, "reason"), False)
    if dig(case.object, "spec", "suspend") is True:
        return Health("is suspended", "no pods run while it is suspended", False)
    running = [pod for pod in case.pods if pod.phase == "Running"]
    told = f"{len(running)} pod{'' if len(running) == 1 else 's'} running"
    tried = number(status, "failed") or any(one.ran for pod in case.pods for one in pod.containers)
    state = "is running" if running else "does not get through" if tried else "has not started"
    return Health(state, told, bool(running) and not number(status, "failed"))


def _cron_job(case: Case) -> Health:
    last = moment(dig(case.object, "status", "lastScheduleTime"))
    won = moment(dig(case.object, "status", "lastSuccessfulTime"))
    failed = any(
        text(condition, "type") == "Failed" and condition.get("status") == "True"
        for job in case.jobs[:1]
        for condition in dicts(job, "status", "conditions")
    )
    begun = f"last scheduled {ago(case.now, last)}" if last else _never_run(case)
    ended = f", last success {ago(case.now, won)}" if won else ", no success yet" if last else ""
    at_once = len(dicts(case.object, "status", "active"))
    told = begun + ended + (f", {at_once} runs at once" if at_once > 1 else "")
    idle = any(_without_pods(job) for job in case.jobs[:1])
    good = dig(case.object, "spec", "suspend") is not True and not failed and not idle
    return Health("is healthy" if good else "is not well", told, good, (), (Evidence(str(case.target), told),))


def _never_run(case: Case) -> str:
    """Why a CronJob has not run by its schedule: it was not due since it was made; and when it will be, by UTC."""
    schedule, said = text(case.object, "spec", "schedule"), "no scheduled run yet"
    made = moment(dig(case.object, "metadata", "creationTimestamp"))
    elsewhere = text(case.object, "spec", "timeZone") not in ("", "UTC", "Etc/UTC")
    due = None if elsewhere or dig(case.object, "spec", "suspend") is True else next_due(schedule, case.now)
    if due is None:
        return said
    if made and next_due(schedule, made) == due:
        said = "not due yet since it was made"
    at = f"{due:%H:%M} UTC" if due.date() == case.now.date() else f"{due:%H:%M} UTC on {due.day} {due:%B}"
    return f"{said}, next at {at} (in {span(due - case.now)}) by its schedule `{schedule}`"


def _without_pods(job: Json) -> bool:
    """A Job that has begun, has not ended, and yet has no pod: its pods are refused, or only about to be made."""
    status = table(job, "status")
    begun = bool(text(status, "startTime")) and not dicts(status, "conditions")
    return begun and not any(number(status, key) for key in ("active", "succeeded", "failed"))


def _claim(case: Case) -> Health:
    phase = text(case.object, "status", "phase") or "unknown"
    return Health(
        "is bound" if phase == "Bound" else "is not bound",
        f"phase {phase}",
        phase == "Bound",
        evidence=(Evidence(str(case.target), f"phase {phase}"),),
    )


def _node(case: Case) -> Health:
    conditions = {text(one, "type"): one for one in dicts(case.object, "status", "conditions")}
    ready = text(conditions.get("Ready", {}), "status") == "True"
    open_ = dig(case.object, "spec", "unschedulable") is not True
    state = "is ready" if ready and open_ else "is cordoned" if ready else "is not ready"
    seen = (Evidence(str(case.target), f"condition Ready is {text(conditions.get('Ready', {}), 'status')}"),)
    return Health(state, "accepts pods" if ready and open_ else "accepts no pods", ready and open_, (), seen)


def _autoscaler(case: Case) -> Health:
    conditions = {text(one, "type"): one for one in dicts(case.object, "status", "conditions")}
    able = text(conditions.get("AbleToScale", {}), "status") == "True"
    active = text(conditions.get("ScalingActive", {}), "status") == "True"
    now = number(case.object, "status", "currentReplicas")
    least, most = number(case.object, "spec", "minReplicas") or 1, number(case.object, "spec", "maxReplicas")
    told = (
        f"{now} replica{'' if now == 1 else 's'}"
        + (", its minimum" if now == least else "")
        + f" ({least} to {most} allowed)"
    )
    seen = (Evidence(str(case.target), told),)
    return Health("scales" if able and active else "does not scale", told, able and active, (), seen)


def _ingress(case: Case) -> Health:
    paths = [path for rule in dicts(case.object, "spec", "rules") for path in dicts(rule, "http", "paths")]
    found = [table(case.object, "spec", "defaultBackend"), *(table(path, "backend") for path in paths)]
    names = sorted({text(backend, "service", "name") for backend in found} - {""})
    answers = [case.get(kinds.SERVICE, name) for name in names]
    if not all(one.ok or one.absent for one in answers):
        return Health(UNKNOWN, "the services behind it could not be read", False)
    case.ask(*(case.slices_of(one.object) for one in answers if one.ok))
    if any(one.ok and _hidden(case, one.object) for one in answers):
        return Health(UNKNOWN, "the endpoints of the services behind it could not be read", False)
    ready = [name for name, one in zip(names, answers, strict=True) if one.ok and endpoints(case, one.object)[0]]
    told = f"{len(ready)} of {len(names)} backend service{'s have' if len(names) != 1 else ' has'} ready endpoints"
    good = bool(names) and len(ready) == len(names)
    return Health("is healthy" if good else "is not well", told, good, (), (Evidence(str(case.target), told),))


def _existing(case: Case) -> Health:
    return Health("exists", "nothing more to check", bool(case.object), (), (Evidence(str(case.target), "exists"),))


_BY_KIND: dict[str, Callable[[Case], Health]] = {
    "Deployment": _workload, "StatefulSet": _workload, "DaemonSet": _workload, "ReplicaSet": _workload,
    "Service": _service, "Pod": _pod, "Job": _job, "CronJob": _cron_job, "PersistentVolumeClaim": _claim,
    "Node": _node, "HorizontalPodAutoscaler": _autoscaler, "Ingress": _ingress,
}  # fmt: skip
