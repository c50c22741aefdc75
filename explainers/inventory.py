"""What runs in a namespace, one row a workload, from lists alone: how it is, image, commit, the services in front."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from explainers import kinds
from explainers.builds.binding import COMMIT
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.standing import paused, wanted_pods
from explainers.diagnosis.views.pods import Json, Pod, dicts, number, table, text
from explainers.diagnosis.views.ports import service_ports
from explainers.kinds import Ref, ref_of
from explainers.operations.reads import everything
from explainers.operations.rollouts import rolled_out
from explainers.selectors import matches, subset

WORKLOADS = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET, kinds.CRON_JOB)
REVISION = "org.opencontainers.image.revision"
"""https://github.com/opencontainers/image-spec/blob/main/annotations.md"""
_DIGITS = re.compile(r"[0-9a-f]{40}")


class State(IntEnum):
    """How a workload is, the worst first."""

    DOWN = 0
    STUCK = 1
    DEGRADED = 2
    FAILED = 3
    ROLLING = 4
    PAUSED = 5
    SUSPENDED = 6
    ZERO = 7
    HEALTHY = 8

    @property
    def word(self) -> str:
        words = ("down", "stuck", "degraded", "last run failed", "rolling out", "paused", "suspended", "scaled to 0")
        return (*words, "healthy")[self]

    @property
    def broken(self) -> bool:
        return self <= State.FAILED


@dataclass(frozen=True)
class Row:
    """One workload. `reason` is what its pods wait for; `images` are short; `services` are `name:port`; `commit` is
    empty where nothing tells it. Of a CronJob `ready` and `wanted` count the Jobs that run now."""

    ref: Ref
    object: Json
    state: State
    ready: int
    wanted: int
    reason: str = ""
    images: tuple[str, ...] = ()
    commit: str = ""
    services: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """`down: CrashLoopBackOff · 0/2 · web:1.4 · commit 1a2b3c4 · service web:80`"""
        state = f"{self.state.word}: {self.reason}" if self.reason else self.state.word
        count = [f"{self.ready}/{self.wanted}"] if self.ref.kind != "CronJob" else []
        image = [self.images[0] + (f" +{len(self.images) - 1}" if self.images[1:] else "")] if self.images else []
        commit = [f"commit {self.commit}"] if self.commit else []
        front = [f"service {', '.join(self.services)}"] if self.services else []
        return " · ".join([state, *count, *image, *commit, *front])


def inventory(facts: Facts, namespace: str) -> list[Row]:
    """Every workload of a namespace, the broken first. Raises Missing until the seven lists are read."""
    listed = (*WORKLOADS, kinds.SERVICE, kinds.POD, kinds.JOB)
    answers = dict(zip(listed, facts.ask(*(everything(kind, namespace) for kind in listed)), strict=True))
    services, jobs = answers[kinds.SERVICE].items, answers[kinds.JOB].items
    pods = [Pod(one) for one in answers[kinds.POD].items]
    rows = []
    for kind in WORKLOADS:
        for thing in answers[kind].items:
            whole = {**thing, "kind": kind.name}
            rows.append(_cron_job(whole, jobs) if kind == kinds.CRON_JOB else _workload(whole, services, pods))
    return sorted(rows, key=lambda row: (row.state, row.ref.name, row.ref.kind))


def _workload(thing: Json, services: Sequence[Json], pods: Sequence[Pod]) -> Row:
    template = table(thing, "spec", "template")
    labels = table(template, "metadata", "labels")
    mine = [pod for pod in pods if matches(table(thing, "spec", "selector"), pod.labels) and not pod.finished]
    wanted, ready = wanted_pods(thing), number(thing, "status", _READY.get(text(thing, "kind"), "readyReplicas"))
    reason = _reason(mine)
    front = [
        one for one in services if table(one, "spec", "selector") and subset(table(one, "spec", "selector"), labels)
    ]
    return Row(
        ref_of(thing),
        thing,
        _state(thing, wanted, ready, reason),
        ready,
        wanted,
        reason if wanted else "",
        _images(template),
        _commit(thing, template),
        tuple(f"{text(one, 'metadata', 'name')}:{_port(one)}" for one in front),
    )


_READY = {"DaemonSet": "numberReady"}


def _state(thing: Json, wanted: int, ready: int, reason: str) -> State:
    if wanted == 0:
        return State.ZERO
    if ready == 0:
        return State.DOWN
    if ready < wanted:
        return State.DEGRADED
    if rolled_out(thing):
        return State.HEALTHY
    if paused(thing):
        return State.PAUSED
    return State.STUCK if reason else State.ROLLING


def _reason(pods: Sequence[Pod]) -> str:
    """What the first pod that is not ready waits for."""
    for pod in pods:
        if pod.ready or pod.terminating:
            continue
        if text(pod.condition("PodScheduled"), "reason") == "Unschedulable":
            return "fits on no node"
        for container in pod.containers:
            if container.waiting not in ("", "ContainerCreating", "PodInitializing"):
                return container.waiting
            if not container.ready and text(container.last_end, "reason") in ("OOMKilled", "Error"):
                return text(container.last_end, "reason")
    return ""


def _cron_job(thing: Json, jobs: Sequence[Json]) -> Row:
    uid, template = text(thing, "metadata", "uid"), table(thing, "spec", "jobTemplate", "spec", "template")
    made = [one for one in jobs if any(owner.get("uid") == uid for owner in dicts(one, "metadata", "ownerReferences"))]
    newest = max(made, key=lambda one: text(one, "metadata", "creationTimestamp"), default={})
    failed = next((one for one in dicts(newest, "status", "conditions") if one.get("type") == "Failed"), {})
    running = len(dicts(thing, "status", "active"))
    state = State.HEALTHY
    if failed.get("status") == "True":
        state = State.FAILED
    elif table(thing, "spec").get("suspend") is True:
        state = State.SUSPENDED
    reason = text(failed, "reason") if state is State.FAILED else ""
    return Row(ref_of(thing), thing, state, running, running, reason, _images(template), _commit(thing, template))


def _images(template: Json) -> tuple[str, ...]:
    return tuple(short_image(text(one, "image")) for one in dicts(template, "spec", "containers"))


def short_image(image: str) -> str:
    """`web:1.4` of `ghcr.io/team/web:1.4`; of a digest the first twelve digits."""
    name, _, digest = image.partition("@")
    last = name.rpartition("/")[2]
    return f"{last}@{digest.removeprefix('sha256:')[:12]}" if digest else last


def _commit(thing: Json, template: Json) -> str:
    """The commit that annotations name, seven digits of it; the labels of an image are not in the cluster."""
    for where in (table(thing, "metadata"), table(template, "metadata")):
        for key in (COMMIT, REVISION):
            if found := text(where, "annotations", key):
                return found[:7] if _DIGITS.fullmatch(found) else found[:40]
    return ""


def _port(service: Json) -> str:
    return ",".join(str(one.port) for one in service_ports(service))
