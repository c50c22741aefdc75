"""Several pods of one kind: read whole only where they differ.

The API sends 4 to 8 kB for a pod, and 130 bytes for its row in `kubectl get pods -o wide`. So the rows are read first,
and of pods of one template that look alike one is read whole: the newest of those that are not well, else the oldest.
What a row may hide (restarts long ago, an odd end, a pod that goes, a node that is lost) is no likeness. Pods that
crash again and again are alike, whatever they show at the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from explainers.diagnosis.views.pods import Json, Pod, dicts, number, table, text
from explainers.diagnosis.views.rows import OF_A_SET, OF_ONE, Row, known_by

MOST = 3
"""So many pods are read one by one; where more of them differ, all are listed."""
LONGEST = 63
"""Names of this length may have been cut, so that what made the pod cannot be told from its name."""
_ALIKE = (
    "Running", "Pending", "SchedulingGated", "ContainerCreating", "PodInitializing", "CrashLoopBackOff",
    "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError",
    "CreateContainerError", "RunContainerError",
)  # fmt: skip
"""What pods of one template show for one reason. Pods that have ended have each their own."""
_ENDED = ("Completed", "Error", "OOMKilled", "StartError", "ContainerCannotRun")
"""What the pods of a Job show for one reason: each is a try of the same."""
_PULLS = "ImagePullBackOff"
_WELL, _CRASHES, _UNREADY = "well", "crashes", "Running"


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
    """`ready_of`; None where no two of the pods can look alike, or where nobody counts."""
    status = table(owner, "status")
    match owner.get("kind"):
        case "Service":
            names = _endpoints(slices)
            templates = {made.group(1) if (made := OF_A_SET.match(name)) else name for name in names}
            several = len(templates) < len(names)
        case "DaemonSet":
            several = number(status, "currentNumberScheduled") > 1
        case "Job":
            several = max(number(status, count) for count in ("active", "succeeded", "failed")) > 1
        case "Deployment" | "ReplicaSet" | "StatefulSet":
            replicas = number(status, "replicas")
            differ = owner.get("kind") == "Deployment" and number(status, "updatedReplicas") not in (0, replicas)
            several = replicas > 2 or (replicas == 2 and not differ)
        case _:
            several = False
    return ready_of(owner, slices) if several else None


def ready_of(owner: Json, slices: Sequence[Json] = ()) -> int:
    """How many pods of a workload, or of a Service with these EndpointSlices, are ready, as the cluster counts."""
    status = table(owner, "status")
    match owner.get("kind"):
        case "Service":
            return sum(_endpoints(slices).values())
        case "DaemonSet":
            return number(status, "numberReady")
        case "Job":
            return number(status, "ready")
    return number(status, "readyReplicas")


def endpoints_of(slices: Sequence[Json]) -> int:
    """How many endpoints a Service with these EndpointSlices has, ready or not."""
    return len(_endpoints(slices))


def _endpoints(slices: Sequence[Json]) -> dict[str, bool]:
    """Which pods are ready, by their names."""
    found = [one for piece in slices for one in dicts(piece, "endpoints")]
    return {text(one, "targetRef", "name"): table(one, "conditions").get("ready") is not False for one in found}


def groups(rows: Sequence[Row] | None, ready: int, owner: Json, *, one_template: bool = False) -> Groups | None:
    """Which pods look alike by their rows; None where it is better, or only safe, to list them all.

    `ready` is how many of them are ready by another's word (the workload's status, the endpoints): readiness that the
    rows do not show, as on a node that is lost, makes the table no guide. `owner` made them, or selects them;
    `one_template` where they are known to be of one.
    """
    if rows is None:
        return None
    sure = sum(row.complete for row in rows if not row.crashes)
    if not sure <= ready <= sure + sum(row.crashes for row in rows):
        return None
    alike: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.name):
        alike.setdefault(_likeness(row, owner, one_template), []).append(row)
    for template, state in list(alike):
        if state == _UNREADY and (template, _CRASHES) in alike:  # it has yet to crash
            alike[template, _CRASHES] += alike.pop((template, state))
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


def _telling(row: Row) -> tuple[bool, bool, bool, timedelta, str]:
    """What makes one pod tell more than others that look like it."""
    age = _age(row) if row.complete else -_age(row)
    return not row.complete, row.crashes, row.status != "Running", age, row.name


def _likeness(row: Row, workload: Json, one_template: bool) -> tuple[str, str]:
    """The template of a pod, empty where the row does not say, and how it is: its own name where it is to be read in
    any case."""
    template = _template(row, workload, one_template)
    if template and row.well:
        return template, _WELL
    status = _PULLS if row.status == "ErrImagePull" else row.status
    waits = status in _ALIKE or status.startswith("Init:") or (text(workload, "kind") == "Job" and status in _ENDED)
    one_by_one = not row.crashes and (not waits or row.complete)
    if one_by_one or not template or text(workload, "kind") in OF_ONE:
        return template, row.name
    return template, _CRASHES if row.crashes else f"{status}, restarted" if row.restarted else status


def _age(row: Row) -> timedelta:
    return row.age or timedelta()


def _template(row: Row, workload: Json, one_template: bool) -> str:
    """What tells apart the templates that pods are made of; empty where the row does not say."""
    own = OF_ONE.get(text(workload, "kind"))
    if text(workload, "kind") == "Job":
        return text(workload, "metadata", "name")  # whose template never changes
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


def _beside(name: str, whole: Json, row: Row, rows: Sequence[Row], now: datetime) -> Pod:
    """A pod that stands beside the one that was read: it shows the same where both are well or both are not."""
    same = row.well == next(one.well for one in rows if one.name == name)
    return Pod(known_by(row, whole, now), whole=False, like=name if same else "")
