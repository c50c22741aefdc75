"""The dozen command lines that matter for a workload, by how often people need them, with its real names."""

from collections.abc import Iterator
from datetime import datetime

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.standing import wanted_pods
from explainers.diagnosis.views.pods import Container, Json, dicts, table, text
from explainers.diagnosis.views.revisions import history
from explainers.forwarding import doors, near_end
from explainers.kinds import Ref
from explainers.operations.byhand import Describe, EventsFor, FollowLogs, PortForward, Shell, Show, Usage
from explainers.operations.reads import Logs
from explainers.operations.rollouts import Restart, undo
from explainers.operations.workloads import Scale, SetImage
from explainers.plan import Step
from explainers.selectors import query

ROLLING = ("Deployment", "StatefulSet", "DaemonSet")
TAIL = 100


def lines(case: Case, now: datetime) -> list[Step]:
    """The lines for the case's workload, at most twelve, those that are used most first.

    Lines that set something name what is set now, to be changed before they are run. Raises Missing.
    """
    ref = case.workload_ref
    return [*_look(case, ref), *_change(case, ref, now)] if ref else []


def _look(case: Case, ref: Ref) -> Iterator[Step]:
    where, labels = (ref.type, ref.namespace, ref.name), _labels(case)
    container = _first_container(case)
    if labels:
        yield Step(Show(kinds.POD, ref.namespace, labels=labels), "its pods: ready, restarts, age, node")
    else:
        yield Step(Show(*where), "what it is set to and when it ran last")
    if ref.kind != "CronJob":
        yield Step(FollowLogs(*where, container), "its log as it grows; Ctrl-C ends it")
    if crashed := _crashed(case):
        pod = crashed.pod
        read = Logs(pod.namespace, pod.name, crashed.name, previous=True, tail=TAIL)
        yield Step(read, "the log of the run before the last restart: why it crashed")
    yield Step(EventsFor(*where), "what the cluster said about it in the last hour")
    yield Step(Describe(*where), "everything about it in words")
    if ref.kind != "CronJob":
        yield Step(Shell(*where, container), "a shell in one of its pods, where the image has one")
    if ports := [one.port for one in doors(Case(case.facts, ref)) if one.transport == "TCP"]:
        yield Step(PortForward(*where, ((near_end(ports[0], set()), ports[0]),)), "your own machine led to its port")
    if labels:
        yield Step(Usage(ref.namespace, labels), "CPU and memory that it uses now")


def _change(case: Case, ref: Ref, now: datetime) -> Iterator[Step]:
    where, workload = (ref.type, ref.namespace, ref.name), case.workload
    if ref.kind in ("Deployment", "StatefulSet"):
        pods = wanted_pods(workload)
        yield Step(Scale(*where, pods, pods), "how many pods; write the number that you want")
    if ref.kind in ROLLING:
        yield Step(Restart(*where, now), "new pods, one after another")
        kept = history(case)
        if len(kept) > 1:
            back = undo(ref.type, workload, kept[1].holder, kept[0].holder)
            yield Step(back, f"back to revision {kept[1].number}, the one before")
    main = dicts(case.template, "spec", "containers")
    if main and ref.kind != "Job":
        image = text(main[0], "image")
        yield Step(SetImage(*where, text(main[0], "name"), image, image), "another image; write the tag that you want")


def _labels(case: Case) -> str:
    """The selector of its pods; a CronJob has none of its own."""
    selector: Json = table(case.workload, "spec", "selector")
    return query(selector) if selector else ""


def _first_container(case: Case) -> str:
    """Its name, where there are several to choose from."""
    every = dicts(case.template, "spec", "containers")
    return text(every[0], "name") if len(every) > 1 else ""


def _crashed(case: Case) -> Container | None:
    """The container that restarted most and so has a log of a run before."""
    found = [one for pod in case.all_pods for one in pod.containers if one.restarts]
    return max(found, key=lambda one: one.restarts, default=None)
