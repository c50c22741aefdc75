"""Pods that were given up for good: evicted, turned down by a node, or ended with it. Their phase is Failed.

A Deployment leaves them there, each beside the one that was made instead, thousands in the end. The newest and the
oldest are read, and the rows count the others; what a row shows of them differs: the reason, or how containers ended.
Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from explainers import kinds
from explainers.diagnosis.views.pods import Json, Pod
from explainers.diagnosis.views.rows import Row, known_by, rows_of
from explainers.operations.reads import Get, List, Rows

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

_GIVEN_UP = "status.phase=Failed"
NOT_GIVEN_UP = "status.phase!=Failed"


def given_up(case: Case, owner: Json, labels: str, rows: Sequence[Row], living: int) -> list[Row]:
    """Those among the pods with these labels that were given up. `owner` made them, or selects them; a workload says
    how many others there are (`living`)."""
    there = [row for row in rows if row.status != "Terminating"]
    match owner.get("kind"):
        case "Deployment" | "ReplicaSet" if len(there) > living:
            pass
        case "Service" if not all(row.complete for row in there):
            (one,) = case.ask(List(kinds.POD, case.namespace, labels, _GIVEN_UP, limit=1, metadata_only=True))
            if not one.items:
                return []
        case _:
            return []
    (printed,) = case.ask(Rows(kinds.POD, case.namespace, labels, NOT_GIVEN_UP))
    others = rows_of(printed)
    names = {row.name for row in (rows if others is None else others)}
    return [row for row in rows if row.name not in names]


def newest_and_oldest(case: Case, rows: Sequence[Row]) -> list[Pod]:
    """Pods that were given up, two of them whole; the others are told by the newest, and their rows."""
    by_age = sorted(rows, key=lambda row: (row.age or timedelta(), row.name))
    ends = dict.fromkeys(row.name for row in (*by_age[:1], *by_age[-1:]))
    read = [one.object for one in case.ask(*(Get(kinds.POD, case.namespace, name) for name in ends)) if one.ok]
    told = by_age[1:-1] if len(read) == len(ends) else []
    others = [Pod(known_by(row, read[0], case.now), whole=False, like=by_age[0].name) for row in told]
    return [*map(Pod, read), *others]
