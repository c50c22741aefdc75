"""Pods that were given up for good: evicted, turned down by a node, or ended with it. Their phase is Failed.

A Deployment leaves them there, each beside the one that was made instead, thousands in the end. They are told apart by
their phase, as the row of one shows a reason, or how its containers ended. They are looked for where a pod that lives
may have been made instead of one: the newest is read, and the rows count the others.
Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from explainers import kinds
from explainers.diagnosis.views.pods import Json, Pod, condition, number, table, text
from explainers.diagnosis.views.replicas import MOST
from explainers.diagnosis.views.rows import LATELY, OF_A_SET, Row, known_by, rows_of
from explainers.diagnosis.when import moment
from explainers.operations.reads import PAGE, Get, List, Rows, continued
from explainers.operations.rollouts import HASH_LABEL, revision_of
from explainers.selectors import query

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

LEAVERS = ("Deployment", "ReplicaSet")
"""Kinds that leave such pods behind. Others make theirs anew under the same name, or delete them."""
NOT_GIVEN_UP = "status.phase!=Failed"
_GIVEN_UP = "status.phase=Failed"
SEEN = 8
"""Of so many the rows are read: where there are more, these tell enough, and the others are not counted."""
AT_ONCE = timedelta(seconds=3)
"""So soon after a workload its first pods are made, and others later instead."""
_GOING = "Terminating"


def living(owner: Json) -> str:
    """The field selector of the pods of a workload, or behind a Service, without those to be looked for apart."""
    return NOT_GIVEN_UP if owner.get("kind") in LEAVERS else ""


def was_evicted(pod: Pod) -> bool:
    """Whether the kubelet ended it for want of something: how its containers ended says nothing then."""
    return pod.phase == "Failed" and text(pod.object, "status", "reason") == "Evicted"


def of_today(case: Case, pods: Sequence[Pod]) -> list[Pod]:
    """Those of these pods that are of a template of today: what others suffered from went with theirs."""
    today = {str(pod.labels.get(HASH_LABEL)) for pod in case.pods}
    return [pod for pod in pods if not today or str(pod.labels.get(HASH_LABEL)) in today]


def look_early(case: Case, labels: str) -> None:
    """Have it read beside the pods that live whether any was given up, where that will be asked in any case."""
    if case.target.kind not in LEAVERS:
        return
    if _all_gone(case.object):
        case.facts.want(_dead(case, labels))
    elif not number(case.object, "status", "replicas") or _first_made(case.object) is None:
        case.facts.want(_any(case, labels))


def _all_gone(owner: Json) -> bool:
    """Whether none is left of the pods that a workload wants and may make: then some were most likely given up."""
    wants, has = (number(owner, part, "replicas") for part in ("spec", "status"))
    refused = condition(owner, "ReplicaFailure").get("status") == "True"
    return wants > 0 and not has and not refused


def _dead(case: Case, labels: str) -> Rows:
    return Rows(kinds.POD, case.namespace, labels, _GIVEN_UP, limit=SEEN)


def _any(case: Case, labels: str) -> List:
    return List(kinds.POD, case.namespace, labels, _GIVEN_UP, limit=1, metadata_only=True)


@dataclass(frozen=True)
class Pile:
    """Pods that were given up; whether there are `more`."""

    pods: Sequence[Pod] = ()
    more: bool = False

    @property
    def at_least(self) -> str:
        """How a count of them begins."""
        return "at least " if self.more else ""


def left_behind(case: Case) -> Pile:
    """The pods that were given up of the target, a Deployment or ReplicaSet, or of the one behind a Service; none where
    they have been read with the others."""
    if not case.sparing or case.target.kind not in (*LEAVERS, "Service"):
        return Pile()
    owner, alive = case.object if case.target.kind in LEAVERS else case.workload, case.all_pods
    labels = query(table(owner, "spec", "selector"))
    if owner.get("kind") not in LEAVERS or not labels or any(pod.phase == "Failed" for pod in alive):
        return Pile()
    made = _first_made(owner)
    if made and alive and all(_of_the_first(case, pod, made) for pod in alive):
        return Pile()
    sure = _all_gone(owner) or (made is not None and any(_instead(case, pod, made) for pod in alive))
    if not sure and not case.ask(_any(case, labels))[0].items:
        return Pile()
    (printed,) = case.ask(_dead(case, labels))
    rows = rows_of(printed, part=True)
    if rows and continued(printed) and alive and not _any_of_today(rows, alive):
        tags = sorted({str(pod.labels.get(HASH_LABEL)) for pod in alive})
        (printed,) = case.ask(_dead(case, f"{labels},{HASH_LABEL} in ({','.join(tags)})"))
        rows = rows_of(printed, part=True)
    if rows is None:
        (listed,) = case.ask(List(kinds.POD, case.namespace, labels, _GIVEN_UP, limit=PAGE))
        return Pile([Pod(one) for one in listed.items], continued(listed))
    return Pile(_told(case, rows, max(1, number(owner, "spec", "replicas"))), continued(printed))


def _any_of_today(rows: Sequence[Row], alive: Sequence[Pod]) -> bool:
    """Whether one of these was made by a ReplicaSet that has pods which live: others may all be of long ago."""
    return not {_maker(row) for row in rows}.isdisjoint({pod.owner.name for pod in alive if pod.owner})


def last_given_up(case: Case, seen: datetime) -> datetime:
    """When the last one was given up, if the last that was `seen` was then: where there are more, about when the newest
    that lives was made instead."""
    born = [pod.created for pod in case.pods if pod.created] if case.pile.more else []
    return max([seen, *born])


def _of_the_first(case: Case, pod: Pod, made: datetime) -> bool:
    """Whether a pod was made with the workload and has stayed, so that it is none instead of another: what a node turns
    down is gone at once, and the next as well."""
    born = pod.created
    stays = len(case.trail) > 1 or pod.ready or (born is not None and case.now - born > AT_ONCE)
    return born is not None and born - made < AT_ONCE and stays


def _instead(case: Case, pod: Pod, made: datetime) -> bool:
    """Whether a pod that is not ready was surely made instead of another, and that lately."""
    born = pod.created
    return born is not None and born - made >= AT_ONCE and case.now - born < LATELY and not pod.ready


def _first_made(owner: Json) -> datetime | None:
    """When the first pods of the template were made, where that is known: with the workload."""
    first = owner.get("kind") == "ReplicaSet" or revision_of(owner) == 1
    return moment(text(owner, "metadata", "creationTimestamp")) if first else None


def _told(case: Case, rows: Sequence[Row], wanted: int) -> list[Pod]:
    """The newest whole, those that are deleted and stay, and the oldest where all may have gone together, because no
    more are there than are wanted at once; the others of the same ReplicaSet by their rows."""
    by_age = sorted(rows, key=lambda row: (row.age or timedelta(), row.name))
    ends = [*by_age[:1], *(by_age[-1:] if len(rows) <= wanted else ())]
    names = dict.fromkeys(row.name for row in [*ends, *[row for row in by_age if row.status == _GOING][:MOST]])
    read = [one.object for one in case.ask(*(Get(kinds.POD, case.namespace, name) for name in names)) if one.ok]
    model = next((one for one in read if text(one, "metadata", "name") == ends[0].name), None)
    alike = [row for row in by_age[1:] if row.name not in names and _maker(row) == _maker(ends[0])]
    known = [Pod(known_by(row, model, case.now), whole=False, like=ends[0].name) for row in alike] if model else []
    return [*map(Pod, read), *known]


def _maker(row: Row) -> str:
    found = OF_A_SET.match(row.name)
    return found.group(1) if found else ""


def given_up_behind(case: Case, labels: str, rows: Sequence[Row]) -> list[Row]:
    """Those that were given up among the pods with these labels, which a Service selects."""
    if all(row.complete for row in rows if row.status != _GOING):
        return []
    if not case.ask(_any(case, labels))[0].items:
        return []
    (printed,) = case.ask(Rows(kinds.POD, case.namespace, labels, NOT_GIVEN_UP))
    others = rows_of(printed)
    names = {row.name for row in (rows if others is None else others)}
    return [row for row in rows if row.name not in names]


def newest_and_oldest(case: Case, rows: Sequence[Row]) -> list[Pod]:
    """Pods that were given up, two of them whole; the others are told by the newest, and their rows."""
    return _told(case, rows, len(rows)) if rows else []
