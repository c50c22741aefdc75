"""Pods that have only just begun (class 125): what they still may take is no fault, and nobody has to guess.

Only where nothing speaks against it: no restart, no waiting reason but the making of containers, and a probe that
the kubelet still grants time. A fault that another rule finds wins.
"""

from collections.abc import Iterator
from datetime import timedelta

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.pods import Container, Pod, dicts, number, table
from explainers.diagnosis.views.probe_specs import Failure, Probe, failed, probe_of
from explainers.diagnosis.views.template import ordered
from explainers.diagnosis.views.warming import EARLY, age, unasked, warming_up
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence

CREATION = timedelta(seconds=30)
"""So long the making of containers may take without a word of the kubelet about trouble."""
PLACING = timedelta(seconds=5)
"""So long the scheduler may take; with volumes to be made, as long as containers."""
UNSEEN = timedelta(seconds=60)
"""So long a node may take to begin with a pod that it was given: until then the pod has no container status."""
_MAKING = ("", "ContainerCreating", "PodInitializing")


def starting(case: Case) -> Iterator[Finding]:
    """125: every pod that is not ready is within the time that it is given to start."""
    pods = case.unready_pods
    if not pods or any(_ill(pod) for pod in pods):
        return
    told = [_told(case, pod) for pod in pods]
    if all(told) and _heard(case, pods[0]):
        seen = Evidence(f"pod {pods[0].name}", f"phase {pods[0].phase}, no restarts", ago(case.now, pods[0].created))
        clause = f"it is starting; {told[0]}{_following(case, pods)}"
        yield Finding(125, case.target, Layer.POD, clause, (seen,), benign=True)


def still_starts(case: Case, pod: Pod) -> bool:
    """Whether a pod that is not ready is within the time that it is given to start, and nothing speaks against it."""
    return not _ill(pod) and bool(_told(case, pod))


def _following(case: Case, pods: list[Pod]) -> str:
    """The pod that an ordered StatefulSet makes once the last of these is ready; empty where none is to follow."""
    last = max((pod.name for pod in pods), key=lambda name: (len(name), name))
    base, _, ordinal = last.rpartition("-")
    lacks = number(case.workload, "status", "replicas") < wanted_pods(case.workload)
    if not ordered(case) or not lacks or not ordinal.isdecimal() or case.target.kind == "Pod":
        return ""
    return f"; `{base}-{int(ordinal) + 1}` is made once `{last}` is ready"


def _heard(case: Case, pod: Pod) -> bool:
    """Whether the kubelet's words about the pod could be read: trouble would stand there."""
    return case.ask(case.events_of(pod.ref))[0].ok


def _ill(pod: Pod) -> bool:
    return pod.phase not in ("Pending", "Running") or any(
        one.restarts or one.last_end or one.waiting not in _MAKING for one in pod.containers
    )


def _told(case: Case, pod: Pod) -> str:
    """What the pod is waiting for while that is normal; empty when it is not."""
    unready = [one for one in pod.main_containers if not one.ready]
    age = case.now - pod.created if pod.created else CREATION
    if pod.condition("PodScheduled").get("status") != "True":
        volumes = dicts(pod.spec, "volumes")
        claims = any(table(one, "persistentVolumeClaim") or table(one, "ephemeral") for one in volumes)
        placing = age < (CREATION if claims else PLACING)
        return f"its pod was made {span(age)} ago and has no node yet" if placing else ""
    if not unready:
        return ""
    if holding := next((one for one in pod.containers if one.sidecar and _on_trial(one)), None):
        return _granted(case, holding)
    given = moment(pod.condition("PodScheduled").get("lastTransitionTime"))
    age = min(age, case.now - given) if given else age
    if not any(one.status for one in pod.containers):
        return f"its pod was given to its node {span(age)} ago, which has not begun with it yet" if age < UNSEEN else ""
    if any(one.waiting for one in unready):
        return f"its containers are being made, for {span(age)}" if age < CREATION else ""
    said = [_granted(case, one) for one in unready]
    return said[0] if all(said) else ""


def _on_trial(container: Container) -> bool:
    """Whether it runs and its startup probe has not passed yet."""
    asked = probe_of(container, "startup") is not None
    return asked and container.running_since is not None and container.status.get("started") is not True


def _granted(case: Case, container: Container) -> str:
    """The time that a container's startup probe, or the delay of its readiness probe, still grants; else that its first
    moments are no time to judge it."""
    if not container.running_since:
        return ""
    ran = age(case, container)
    startup, readiness = probe_of(container, "startup"), probe_of(container, "readiness")
    if startup and container.status.get("started") is not True and ran < timedelta(seconds=startup.allows):
        most = span(timedelta(seconds=startup.allows))
        given = f"the startup probe of container `{container.name}` gives it up to {most}, and {span(ran)} have passed"
        return given + _unheard(case, startup, ran)
    if not startup and readiness and ran < timedelta(seconds=readiness.delay):
        first = span(timedelta(seconds=readiness.delay))
        return f"the readiness probe of container `{container.name}` first asks after {first}"
    if not startup and readiness and unasked(case, readiness):
        first = f" after {span(timedelta(seconds=readiness.delay))}" if readiness.delay else ""
        each = f"the readiness probe of container `{container.name}` asks every {readiness.period} s{first}"
        return f"{each}, and no answer is in yet; it has run for {span(ran)}"
    begun = not startup or container.status.get("started") is True
    return _so_far(case, readiness) if begun and readiness and warming_up(case, container) else ""


def _unheard(case: Case, startup: Probe, ran: timedelta) -> str:
    """That nobody listens yet, where that is worth a word."""
    fails = failed(case, startup) if ran >= EARLY and startup.handler in ("httpGet", "tcpSocket") else None
    refused = fails is not None and fails.failure is Failure.REFUSED and startup.port
    return f"; nothing has listened on port {startup.port} so far" if refused else ""


def _so_far(case: Case, readiness: Probe) -> str:
    fails, ran = failed(case, readiness), span(age(case, readiness.container))
    said = f" ({fails.said})" if fails and fails.said else ""
    return f"container `{readiness.container.name}` has run for {ran}, and its readiness probe does not pass yet{said}"


RULES: tuple[Rule, ...] = (starting,)
