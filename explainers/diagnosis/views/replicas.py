"""Several pods of one kind: read whole only where they differ.

The API sends 4 to 8 kB for a pod, and 130 bytes for its row in `kubectl get pods -o wide`. So the rows are read first,
and of pods of one template that look alike one is read whole: the newest of those that are not well, else the oldest.
What a row may hide (restarts, an odd end, a pod that goes, a node that is lost) is no likeness.
Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go, printPod
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from explainers.diagnosis.views.pods import Json, Pod, dicts, number, table, text
from explainers.operations.base import Answer
from explainers.operations.reads import continued
from explainers.patterns import pattern

MOST = 3
"""So many pods are read one by one; where more of them differ, all are listed."""
OF_A_SET = pattern(r"^(.+-[bcdfghjklmnpqrstvwxz2456789]{6,10})-[a-z0-9]{5}$")
"""The name of a ReplicaSet, with the hash of its template at the end, in that of its pod."""
OF_ONE = {"StatefulSet": pattern(r"^(.+)-\d+$"), "DaemonSet": pattern(r"^(.+)-[a-z0-9]{5}$")}
"""The name of a workload in that of its pod, which tells nothing of the template."""
LONGEST = 63
"""Names of this length may have been cut, so that what made the pod cannot be told from its name."""
INDEX = "apps.kubernetes.io/pod-index"
_ALIKE = (
    "Running", "Pending", "SchedulingGated", "ContainerCreating", "PodInitializing", "CrashLoopBackOff",
    "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError",
    "CreateContainerError", "RunContainerError",
)  # fmt: skip
"""What pods of one template show for one reason. Pods that have ended have each their own."""
_CRASHING = (
    "CrashLoopBackOff", "ContainerCannotRun", "Error", "OOMKilled", "PostStartHookError", "RunContainerError",
    "StartError", "Running",
)  # fmt: skip
"""What pods that crash again and again show, each for a moment."""
_PULLS = "ImagePullBackOff"
_LATELY = timedelta(minutes=10)
_WELL, _CRASHES = "well", "crashes"
_SIDES = {"initContainerStatuses": "initContainers", "containerStatuses": "containers"}
_UNITS = {"y": 365 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = pattern(r"(\d{1,9})([ydhms])")
OLDEST = timedelta(days=100 * 365)
_SHARE = pattern(r"^(\d+)/(\d+)$")


@dataclass(frozen=True)
class Row:
    """One pod as the API server prints it; `age` is as exact as that, `ip` and `node` are empty while there is none.

    `restart_age` is how long ago it restarted last, if it did; `containers` is how many run at once. Of one that is
    known as an endpoint only, `restarted`, `age` and `containers` are None.
    """

    name: str
    complete: bool
    status: str
    restarted: bool | None
    restart_age: timedelta
    age: timedelta | None
    containers: int | None
    ip: str
    node: str

    @property
    def crashes(self) -> bool:
        """Whether it restarted lately, so that it may show something else in a moment."""
        return bool(self.restarted) and self.restart_age < _LATELY and self.status in _CRASHING

    @property
    def serves(self) -> bool:
        return self.complete and self.status == "Running"

    @property
    def well(self) -> bool:
        return self.serves and not self.restarted


@dataclass(frozen=True)
class Groups:
    """The rows of pods that look alike, by the name of the one to read whole."""

    rows: Mapping[str, tuple[Row, ...]]

    def pods(self, whole: Sequence[Json], now: datetime) -> list[Pod]:
        """All of them: those read whole, in the order of `rows`, and what is known of the others."""
        return [
            Pod(read) if row.name == name else _beside(name, read, row, rows, now)
            for (name, rows), read in zip(self.rows.items(), whole, strict=True)
            for row in rows
        ]


def ready_of_several(owner: Json, slices: Sequence[Json] = ()) -> int | None:
    """How many pods of a workload, or of a Service with these EndpointSlices, are ready, as the cluster counts; None
    where no two of them can look alike, or where nobody counts."""
    status = table(owner, "status")
    match owner.get("kind"):
        case "Service":
            return _ready_endpoints(slices)
        case "DaemonSet":
            made, ready = number(status, "currentNumberScheduled"), number(status, "numberReady")
        case "Deployment" | "ReplicaSet" | "StatefulSet":
            made, ready = number(status, "replicas"), number(status, "readyReplicas")
        case _:
            return None
    differ = owner.get("kind") == "Deployment" and number(status, "updatedReplicas") != made
    return ready if made > 2 or (made == 2 and not differ) else None


def _ready_endpoints(slices: Sequence[Json]) -> int | None:
    found = [one for piece in slices for one in dicts(piece, "endpoints")]
    ready = {text(one, "targetRef", "name"): table(one, "conditions").get("ready") is not False for one in found}
    templates = {made.group(1) if (made := OF_A_SET.match(name)) else name for name in ready}
    return sum(ready.values()) if len(templates) < len(ready) else None


def groups(answer: Answer, ready: int, owner: Json, *, one_template: bool = False) -> Groups | None:
    """Which pods of a table look alike; None where it is better, or only safe, to list them all.

    `ready` is how many of them are ready by another's word (the workload's status, the endpoints): readiness that the
    rows do not show, as on a node that is lost, makes the table no guide. `owner` made them, or selects them;
    `one_template` where they are known to be of one.
    """
    rows = rows_of(answer)
    if rows is None:
        return None
    sure = sum(row.complete for row in rows if not row.crashes)
    if not sure <= ready <= sure + sum(row.crashes for row in rows):
        return None
    alike: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.name):
        alike.setdefault(_likeness(row, owner, one_template), []).append(row)
    read: dict[str, list[Row]] = {}
    for likeness, same in alike.items():
        read.setdefault(_read_for(likeness, alike).name, []).extend(same)
    if len(read) > MOST or len(read) == len(rows):
        return None
    return Groups({name: tuple(same) for name, same in read.items()})


def _read_for(likeness: tuple[str, str], alike: Mapping[tuple[str, str], list[Row]]) -> Row:
    """The pod to read: for those that are well one of the same template that is not, where there is one."""
    template, state = likeness
    ill = [same for (own, how), same in alike.items() if own == template and how != _WELL]
    chosen = ill[0] if template and state == _WELL and ill else alike[likeness]
    return max(chosen, key=_telling)


def _telling(row: Row) -> tuple[bool, bool, timedelta, str]:
    """What makes one pod tell more than others that look like it."""
    return not row.complete, row.status != "Running", _age(row) if row.complete else -_age(row), row.name


def _likeness(row: Row, workload: Json, one_template: bool) -> tuple[str, str]:
    """The template of a pod, empty where the row does not say, and how it is: its own name where it is to be read in
    any case."""
    template = _template(row, workload, one_template)
    if template and row.well:
        return template, _WELL
    status = _PULLS if row.status == "ErrImagePull" else row.status
    waits = status in _ALIKE or status.startswith("Init:")
    one_by_one = not row.crashes and (not waits or row.complete)
    if one_by_one or not template or text(workload, "kind") in OF_ONE:
        return template, row.name
    return template, _CRASHES if row.crashes else f"{status}, restarted" if row.restarted else status


def _age(row: Row) -> timedelta:
    return row.age or timedelta()


def _template(row: Row, workload: Json, one_template: bool) -> str:
    """What tells apart the templates that pods are made of; empty where the row does not say."""
    own = OF_ONE.get(text(workload, "kind"))
    if len(row.name) >= LONGEST or (own and not one_template and not _uniform(workload)):
        return ""
    made = (own or OF_A_SET).match(row.name)
    name = text(workload, "metadata", "name")
    return made.group(1) if made and (not own or made.group(1) == name) else ""


def _uniform(workload: Json) -> bool:
    """Whether all pods of a StatefulSet or DaemonSet are of its newest template."""
    status = table(workload, "status")
    if number(status, "observedGeneration") < number(workload, "metadata", "generation"):
        return False
    if "desiredNumberScheduled" in status:
        return number(status, "updatedNumberScheduled") == number(status, "currentNumberScheduled")
    return number(status, "updatedReplicas") == number(status, "replicas")


def rows_of(answer: Answer) -> list[Row] | None:
    """The rows of a table of pods, None where something is missing."""
    printed = cells_of(answer, {"name", "ready", "status", "restarts", "age", "ip", "node"})
    known = [row for cells in printed or () if (row := _row(cells))]
    return known if printed is not None and len(known) == len(printed) else None


def cells_of(answer: Answer, columns: set[str]) -> list[dict[str, Any]] | None:
    """The rows of a table by the names of their columns, in small letters; None where one of these columns, or of the
    rows, is missing."""
    named = [text(column, "name").lower() for column in dicts(answer.object, "columnDefinitions")]
    printed = [row.get("cells") for row in dicts(answer.object, "rows")]
    rows = [dict(zip(named, cells, strict=False)) for cells in printed if isinstance(cells, list)]
    whole = not continued(answer) and columns <= set(named) and len(rows) == len(printed)
    return rows if whole and all(columns <= set(row) for row in rows) else None


def age_of(printed: object) -> timedelta | None:
    """An age as the API server prints it, e.g. `3d4h`; None where it is none."""
    parts = _PART.findall(printed) if isinstance(printed, str) else []
    seconds = sum(int(count) * _UNITS[unit] for count, unit in parts)
    return timedelta(seconds=min(seconds, OLDEST.total_seconds())) if parts else None


def _row(cells: dict[str, Any]) -> Row | None:
    name, counted, age = str(cells["name"]), _SHARE.match(str(cells["ready"])), age_of(cells["age"])
    if not name or not counted or age is None:
        return None
    gates = _SHARE.match(str(cells.get("readiness gates", "")))
    complete = _full(counted.groups()) and (gates is None or _full(gates.groups()))
    return Row(
        name,
        complete and cells.get("status") not in ("Terminating", "Completed"),
        str(cells.get("status")),
        str(cells["restarts"]) != "0",
        age_of(str(cells["restarts"]).partition("(")[2]) or OLDEST,
        age,
        int(counted.group(2)),
        _given(cells.get("ip")),
        _given(cells.get("node")),
    )


def _full(share: tuple[str, ...]) -> bool:
    return share[0] == share[1] != "0"


def _given(cell: object) -> str:
    return cell if isinstance(cell, str) and cell != "<none>" else ""


def _beside(name: str, whole: Json, row: Row, rows: Sequence[Row], now: datetime) -> Pod:
    """A pod that stands beside the one that was read: it shows the same where both are well or both are not."""
    same = row.well == next(one.well for one in rows if one.name == name)
    return Pod(known_by(row, whole, now), whole=False, like=name if same else "")


def known_by(row: Row, whole: Json, now: datetime, *, started: bool = False) -> Json:
    """A pod of which the row is known, and whose template is that of another: nothing else is said of it.

    Ages are not exact enough to say what came first, so that of a container that runs it is not said since when, unless
    by `started`: then about as long as the pod is there.
    """
    made, was = (now - row.age).isoformat() if row.age is not None else None, text(whole, "metadata", "name")
    own = table(whole, "metadata", "labels")
    labels = {key: row.name if was and value == was else value for key, value in own.items()}
    if INDEX in labels:
        labels[INDEX] = row.name.rpartition("-")[2]
    metadata = {
        "name": row.name,
        "namespace": text(whole, "metadata", "namespace"),
        "labels": labels,
        "creationTimestamp": made,
        "ownerReferences": dicts(whole, "metadata", "ownerReferences"),
    }
    status: Json = {
        "phase": "Running" if row.serves else text(whole, "status", "phase"),
        "podIP": row.ip,
        "conditions": _conditions(row, made),
    }
    if row.serves:
        for statuses, specs in _SIDES.items():
            status[statuses] = [
                _runs(one, specs, row, made if started else None) for one in dicts(whole, "spec", specs)
            ]
    return {"metadata": metadata, "spec": _spec(table(whole, "spec"), was, row), "status": status}


def _runs(container: Json, specs: str, row: Row, since: str | None) -> Json:
    """The status of a container in a pod that is well: an init container has ended, unless it is a sidecar."""
    ended = specs == "initContainers" and container.get("restartPolicy") != "Always"
    state: Json = {"terminated": {"exitCode": 0, "reason": "Completed"}} if ended else {"running": {"startedAt": since}}
    counted = {"restartCount": 0} if row.restarted is False else {}
    return {"name": text(container, "name"), "ready": True, "state": state, **counted}


def _conditions(row: Row, made: str | None) -> list[Json]:
    if not row.serves:
        return [{"type": "Ready", "status": "False"}]
    return [{"type": kind, "status": "True", "lastTransitionTime": made} for kind in ("Initialized", "Ready")]


def _spec(spec: Json, was: str, row: Row) -> Json:
    """The spec on another node; a StatefulSet's pod has its own host name and claims."""
    own = {**spec, "nodeName": row.node}
    if was and spec.get("hostname") == was:
        own["hostname"] = row.name
    if "volumes" in spec:
        own["volumes"] = [_volume(volume, was, row.name) for volume in dicts(spec, "volumes")]
    return own


def _volume(volume: Json, was: str, name: str) -> Json:
    claim = table(volume, "persistentVolumeClaim")
    named = text(claim, "claimName")
    if not was or not named.endswith(f"-{was}"):
        return volume
    return {**volume, "persistentVolumeClaim": {**claim, "claimName": named.removesuffix(was) + name}}
