"""Pods of earlier revisions, in a rollout: those that serve are known by less than a read of each.

A rollout under way has pods of several templates. What is wrong with it shows in the newest, which are read. The others
stand in the endpoints of the Service, or are read as rows; their template is the revision's, which is read anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainers import kinds
from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.logs.lines import ERROR_LEVEL, telling
from explainers.diagnosis.views.given_up import NOT_GIVEN_UP
from explainers.diagnosis.views.outdated import tells
from explainers.diagnosis.views.pods import Json, Pod, number, text
from explainers.diagnosis.views.replicas import MOST, ready_of
from explainers.diagnosis.views.revisions import Held, history
from explainers.diagnosis.views.rows import OF_A_SET, OF_ONE, OLDEST, Row, known_by, rows_of
from explainers.diagnosis.views.serving import ready_endpoints, sends
from explainers.diagnosis.views.uniform import CONTROLLER_HASH, counts, modelled
from explainers.operations.reads import Get, Rows
from explainers.operations.rollouts import HASH_LABEL

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case


@dataclass(frozen=True)
class Rollout:
    """A workload (`case`) whose pods are of several templates: the `past` revisions that still have pods, how many pods
    there are and how many are of the newest (`updated`).

    `ready` is how many of the newest are ready if all earlier ones are. `services` are those that select its pods.
    """

    case: Case
    services: Sequence[Json]
    past: Sequence[Held]
    made: int
    updated: int
    ready: int

    def of_newest(self, labels: str) -> str:
        """A selector narrowed to what is not of the past."""
        return self._narrowed(labels, "notin")

    def serving(self, labels: str, newest: Sequence[Pod]) -> list[Pod] | None:
        """The pods of earlier revisions: those that serve, and what others suffer from is history once the newest have
        trouble of their own; else those others are read. None where that does not tell them all."""
        told = self._by_endpoints({pod.name for pod in newest})
        earlier = self.made - sum(not pod.finished and not pod.terminating for pod in newest)
        if len(told) == earlier:
            return told
        whole = [] if any(pod.ready for pod in newest) else [pod for pod in newest if pod.whole]
        past = any(tells(pod, self.case.now) for pod in whole) or any(map(self._complains, whole))
        labels = self._narrowed(labels, "in")
        if not past and earlier <= MOST and not ready_of(self.case.object):
            found = self.case.find(kinds.POD, labels, NOT_GIVEN_UP).items
            return [Pod(one) for one in found] if len(found) == earlier else None
        if past and not told and (counted := self._counted(earlier)):
            return counted
        (answer,) = self.case.ask(Rows(kinds.POD, self.case.namespace, labels, NOT_GIVEN_UP))
        rows = rows_of(answer) or []
        read = [] if past else [row.name for row in rows if not row.serves]
        if len(rows) != earlier or len(read) > MOST or any(row.status == "Terminating" for row in rows):
            return None
        answers = self.case.ask(*(Get(kinds.POD, self.case.namespace, name) for name in read))
        known = [pod for row in rows if row.name not in read and (pod := self._pod(row))]
        ill = [Pod(one.object) for one in answers if one.ok]
        return [*ill, *known] if len(ill) + len(known) == len(rows) else None

    def _complains(self, pod: Pod) -> bool:
        """Whether a pod that has only just begun says in its log what is wrong."""
        logs = [self.case.log(one).text for one in pod.main_containers if one.running_since]
        return any(told.weight >= ERROR_LEVEL for log in logs if (told := telling(log))) or any(
            map(failed_connections, logs)
        )

    @property
    def _key(self) -> str:
        return HASH_LABEL if self.case.object.get("kind") == "Deployment" else CONTROLLER_HASH

    def _narrowed(self, labels: str, operator: str) -> str:
        return f"{labels},{self._key} {operator} ({','.join(self._tag(one) for one in self.past)})"

    def _tag(self, held: Held) -> str:
        """The value of the label that the pods of a revision carry."""
        return text(held.holder, "metadata", "labels", self._key) or text(held.holder, "metadata", "name")

    def _by_endpoints(self, newest: set[str]) -> list[Pod]:
        """Those that the Services send their traffic to."""
        rows = [row for service in self.services for row in ready_endpoints(self.case.slices(service))]
        found = {row.name: pod for row in rows if row.name not in newest and (pod := self._pod(row))}
        return list(found.values())

    def _counted(self, earlier: int) -> list[Pod]:
        """So many pods where the ReplicaSets of these revisions count no others, and all that are ready: each by the
        name of what made it and whether it is ready, as more is not known. Else none."""
        found = [
            (held, index < number(held.holder, "status", "readyReplicas"))
            for held in self.past
            for index in range(number(held.holder, "status", "replicas"))
        ]
        ready = sum(serves for _, serves in found)
        if self._key != HASH_LABEL or len(found) != earlier or ready != ready_of(self.case.object):
            return []
        named = [(held, serves, text(held.holder, "metadata", "name")) for held, serves in found]
        return [
            self._of(held, Row(name, serves, "Running", None, OLDEST, None, None, "", ""), name)
            for held, serves, name in named
        ]

    def _of(self, held: Held, row: Row, maker: str) -> Pod:
        """A pod of a revision that a ReplicaSet, or the workload itself, of this name made."""
        kind = text(held.holder if self._key == HASH_LABEL else self.case.object, "kind")
        model = modelled(self.case.namespace, (kind, maker), held.template, (self._key, self._tag(held)))
        return Pod(known_by(row, model, self.case.now), whole=False)

    def _pod(self, row: Row) -> Pod | None:
        """A pod of one of these revisions; None where its name does not say which."""
        workload = self.case.object
        made = (OF_ONE.get(text(workload, "kind")) or OF_A_SET).match(row.name)
        for held in self.past if made else ():
            owner = held.holder if self._key == HASH_LABEL else workload
            if made and made.group(1) == text(owner, "metadata", "name"):
                return self._of(held, row, made.group(1))
        return None


def rollout(case: Case, services: Sequence[Json]) -> Rollout | None:
    """How the pods of a workload, the target of `case`, divide in its rollout; None where they are all of one template,
    or where that cannot be told. `services` are those among which its own are looked for."""
    counted = counts(case.object)
    if counted is None or counted[1] >= counted[0] or _went_back(case.object):
        return None
    made, updated, ready = counted
    own = [service for service in services if sends(service, case.template_labels)]
    case.facts.want(*(case.slices_of(service) for service in own))
    past = _with_pods(case, updated)
    return Rollout(case, own, past, made, updated, ready - (made - updated)) if past else None


def _went_back(workload: Json) -> bool:
    """Whether a StatefulSet is back at the template it came from: it does not say of which the odd pods are."""
    current, update = (text(workload, "status", field) for field in ("currentRevision", "updateRevision"))
    return text(workload, "kind") == "StatefulSet" and current == update


def _with_pods(case: Case, updated: int) -> list[Held]:
    """The earlier revisions that may still have pods. While there is none of the newest template, as in a Deployment
    that is paused, even the newest that is kept is an earlier one."""
    kept = history(case)
    earlier = kept[1:]
    match case.object.get("kind"):
        case "Deployment":
            return [one for one in (earlier if updated else kept) if number(one.holder, "status", "replicas")]
        case "StatefulSet":
            current = text(case.object, "status", "currentRevision")
            return [one for one in earlier if text(one.holder, "metadata", "name") == current]
    return earlier[:1]
