"""The revisions of a workload that are kept, as ReplicaSets or ControllerRevisions: each as long as its template.

Ten old ones are kept by default. Where there may be many they are read as rows first, and whole only the newest, the
one before it, and those that have pods.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from explainers import kinds
from explainers.diagnosis.views.pods import Json, condition, dicts, number, table, text
from explainers.diagnosis.views.rows import OF_A_SET, age_of, cells_of
from explainers.diagnosis.views.serving import ready_endpoints, sends
from explainers.diagnosis.views.uniform import counts
from explainers.kinds import Kind
from explainers.operations.base import Answer
from explainers.operations.reads import Get, Rows
from explainers.operations.rollouts import HASH_LABEL, revision_of
from explainers.patterns import pattern
from explainers.selectors import query

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

FEW = 3
"""So many are read whole at once."""
_NAMED = pattern(r'(?i)replica ?set "([^"]+)"')
_HELD_AS = {
    "Deployment": kinds.REPLICA_SET,
    "StatefulSet": kinds.CONTROLLER_REVISION,
    "DaemonSet": kinds.CONTROLLER_REVISION,
}


def every_kept(case: Case) -> list[Json]:
    """All revisions of the target's workload that are kept, each whole, newest first. None for kinds without."""
    kind = _HELD_AS.get(text(case.workload, "kind"))
    labels = query(table(case.workload, "spec", "selector"))
    return _owned(case.workload, kind, case.find(kind, labels).items) if kind else []


def kept(case: Case) -> list[Json]:
    """The revisions of the target's workload, newest first: those named above where the case is sparing, else all. None
    for kinds without."""
    workload = case.workload
    kind = _HELD_AS.get(text(workload, "kind"))
    if kind is None:
        return []
    labels = query(table(workload, "spec", "selector"))
    some = _sparingly(case, kind, labels) if case.sparing else None
    return some if some is not None else _owned(workload, kind, case.find(kind, labels).items)


def _sparingly(case: Case, kind: Kind, labels: str) -> list[Json] | None:
    newest = _newest(case.workload)
    name = text(newest, "metadata", "name")
    if _made(case.workload) > FEW:
        older = _some(case, kind, labels, name)
    elif newest and revision_of(case.workload) == 1:
        older = []  # the first has none before it
    elif newest:
        older = _owned(case.workload, kind, case.find(kind, labels, f"metadata.name!={name}").items)
    else:
        return None
    if older is None or not newest:
        return older
    status = table(case.workload, "status")
    newest["status"] = {
        count: number(status, count) - sum(number(one, "status", count) for one in older)
        for count in ("replicas", "readyReplicas")
    }
    stale = any(revision_of(one) >= revision_of(newest) for one in older)
    return None if stale else [newest, *older]


def named_set(deployment: Json) -> str:
    """The name of the ReplicaSet that a Deployment tells of last, the newest once that has been made; else empty."""
    named = _NAMED.search(text(condition(deployment, "Progressing"), "message"))
    return named.group(1) if named else ""


def _newest(workload: Json) -> Json:
    """The newest ReplicaSet of a Deployment as the Deployment tells of it: what it was made of, and its name; not when.
    Empty where it does not tell.

    Source: k8s.io/kubernetes/pkg/controller/deployment/progress.go, whose messages name it
    """
    metadata = table(workload, "metadata")
    name, own = named_set(workload), text(metadata, "name")
    counted = counts(workload)
    if not name or not counted or not counted[1] or not revision_of(workload):
        return {}  # without a pod of it there may be no such ReplicaSet yet, and another is named
    template = table(workload, "spec", "template")
    tag = {HASH_LABEL: name.removeprefix(f"{own}-")}
    if tag[HASH_LABEL] == name:
        return {}
    about = table(template, "metadata")
    return {
        "kind": kinds.REPLICA_SET.name,
        "metadata": {
            "name": name,
            "namespace": text(metadata, "namespace"),
            "labels": {**table(about, "labels"), **tag},
            "annotations": table(metadata, "annotations"),
        },
        "spec": {"template": {**template, "metadata": {**about, "labels": {**table(about, "labels"), **tag}}}},
    }


def _owned(workload: Json, kind: Kind, found: Sequence[Json]) -> list[Json]:
    uid = text(workload, "metadata", "uid")
    mine = [
        {**item, "kind": kind.name} for item in found
        if any(owner.get("uid") == uid for owner in dicts(item, "metadata", "ownerReferences"))
    ]  # fmt: skip
    return sorted(mine, key=revision_of, reverse=True)


def _made(workload: Json) -> int:
    """How many revisions there have been, at most."""
    return revision_of(workload) or number(workload, "metadata", "generation")


def _some(case: Case, kind: Kind, labels: str, newest: str) -> list[Json] | None:
    """Those that matter, without the newest where its name is known; None where the rows, or what was read, do not say
    which."""
    serving = _behind_endpoints(case, newest) if newest else []
    names: list[str] | None = serving or _of_a_rollout(case.workload)
    if not names:
        (answer,) = case.ask(Rows(kind, case.namespace, labels))
        names = _by_age(answer, newest) if kind == kinds.REPLICA_SET else _by_number(answer)
    if names is None:
        return None
    read = case.ask(*(Get(kind, case.namespace, name) for name in names))
    found = _owned(case.workload, kind, [one.object for one in read if one.ok])
    if len(found) < len(names):
        return None
    if serving:
        return found
    if kind == kinds.REPLICA_SET:
        # the newest took over from the revision before, which may be an older ReplicaSet that had come back
        now = revision_of(case.workload)
        wanted = {now - 1} if newest else {now - 1, now}
        return found if wanted <= set(map(revision_of, found)) else None
    return found


def _of_a_rollout(workload: Json) -> list[str]:
    """The two revisions between which a StatefulSet says that it is."""
    told = {text(workload, "status", field) for field in ("currentRevision", "updateRevision")}
    return sorted(told) if len(told) == 2 and text(workload, "kind") == "StatefulSet" and "" not in told else []


def _behind_endpoints(case: Case, newest: str) -> list[str]:
    """The ReplicaSets that serve beside the newest in a rollout, as far as the endpoints tell of all older pods: one
    that serves is what one goes back to."""
    counted = counts(case.workload)
    services = [one for one in case.services if sends(one, case.template_labels)]
    named = {row.name for service in services for row in ready_endpoints(case.slices(service))}
    sets = [found.group(1) for name in named if (found := OF_A_SET.match(name)) and found.group(1) != newest]
    own = [one for one in sets if one.rpartition("-")[0] == text(case.workload, "metadata", "name")]
    return sorted(set(own)) if counted and 0 < counted[0] - counted[1] == len(own) else []


def _by_age(answer: Answer, newest: str) -> list[str] | None:
    """The ReplicaSets that have pods, and the two youngest; not that of this name."""
    printed = cells_of(answer, {"name", "desired", "current", "ready", "age"})
    rows = None if printed is None else [row for row in printed if row["name"] != newest]
    aged = [(age, row) for row in rows or () if (age := age_of(row["age"])) is not None]
    if rows is None or len(aged) < len(rows):
        return None
    youngest = [row for _, row in sorted(aged, key=_first_young)]
    busy = [row for row in youngest if row["desired"] or row["current"]]
    if any(not row["ready"] for row in busy[0 if newest else 1 :]):
        return None  # a revision that does not run either is nothing to go back to
    chosen = dict.fromkeys(str(row["name"]) for row in [*busy, *youngest[: 1 if newest else 2]])
    return list(chosen) if len(chosen) <= FEW else None


def _first_young(aged: tuple[timedelta, dict[str, Any]]) -> tuple[timedelta, str]:
    return aged[0], str(aged[1]["name"])


def _by_number(answer: Answer) -> list[str] | None:
    """The two ControllerRevisions of the highest numbers."""
    rows = cells_of(answer, {"name", "revision"})
    if rows is None or not all(isinstance(row["revision"], int) for row in rows):
        return None
    return [str(row["name"]) for row in sorted(rows, key=lambda row: -row["revision"])[:2]]
