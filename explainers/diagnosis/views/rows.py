"""Pods as their rows in `kubectl get pods -o wide` tell of them.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go, printPod
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.operations.base import Answer
from explainers.operations.reads import continued
from explainers.patterns import pattern

OF_A_SET = pattern(r"^(.+-[bcdfghjklmnpqrstvwxz2456789]{6,10})-[a-z0-9]{5}$")
"""The name of a ReplicaSet, with the hash of its template at the end, in that of its pod."""
OF_ONE = {"StatefulSet": pattern(r"^(.+)-\d+$"), "DaemonSet": pattern(r"^(.+)-[a-z0-9]{5}$")}
"""The name of a workload in that of its pod, which tells nothing of the template."""
INDEX = "apps.kubernetes.io/pod-index"
_CRASHING = (
    "CrashLoopBackOff", "ContainerCannotRun", "Error", "OOMKilled", "PostStartHookError", "RunContainerError",
    "StartError", "Running",
)  # fmt: skip
"""What pods that crash again and again show, each for a moment."""
LATELY = timedelta(minutes=10)
"""What is longer ago is history; as SETTLED in views/endings.py."""
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
        return bool(self.restarted) and self.restart_age < LATELY and self.status in _CRASHING

    @property
    def serves(self) -> bool:
        return self.complete and self.status == "Running"

    @property
    def well(self) -> bool:
        return self.serves and not self.restarted


def rows_of(answer: Answer, part: bool = False) -> list[Row] | None:
    """The rows of a table of pods, None where something is missing; with `part` the table may go on."""
    printed = cells_of(answer, {"name", "ready", "status", "restarts", "age", "ip", "node"}, part)
    known = [row for cells in printed or () if (row := _row(cells))]
    return known if printed is not None and len(known) == len(printed) else None


def cells_of(answer: Answer, columns: set[str], part: bool = False) -> list[dict[str, Any]] | None:
    """The rows of a table by the names of their columns, in small letters; None where one of these columns, or of the
    rows, is missing; with `part` the table may go on."""
    named = [text(column, "name").lower() for column in dicts(answer.object, "columnDefinitions")]
    printed = [row.get("cells") for row in dicts(answer.object, "rows")]
    rows = [dict(zip(named, cells, strict=False)) for cells in printed if isinstance(cells, list)]
    whole = (part or not continued(answer)) and columns <= set(named) and len(rows) == len(printed)
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


def known_by(row: Row, whole: Json, now: datetime, *, started: bool = False) -> Json:
    """A pod of which the row is known, and whose template is that of another: nothing else is said of it.

    Ages are not exact enough to say what came first, so that of a container that runs it is not said since when, unless
    by `started`: then about as long as the pod is there.
    """
    made, was = _born(row, now), text(whole, "metadata", "name")
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
    if not row.serves:
        status["reason"] = text(whole, "status", "reason")
    else:
        for statuses, specs in _SIDES.items():
            status[statuses] = [
                _runs(one, specs, row, made if started else None) for one in dicts(whole, "spec", specs)
            ]
    return {"metadata": metadata, "spec": _spec(table(whole, "spec"), was, row), "status": status}


def _born(row: Row, now: datetime) -> str | None:
    return (now - row.age).replace(microsecond=0).isoformat() if row.age is not None else None


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
