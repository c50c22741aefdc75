"""Pods that are all well and all made of the newest template: the template and their rows tell what there is to tell.

Where the template refers to ConfigMaps or Secrets one of them is read all the same: what changed after it had started
is found by exact times, which rows do not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from explainers.diagnosis.views.pods import Json, Pod, condition, dicts, number, table, text
from explainers.diagnosis.views.references import references
from explainers.diagnosis.views.rows import OF_A_SET, OF_ONE, Row, known_by
from explainers.diagnosis.when import moment
from explainers.operations.rollouts import HASH_LABEL

CONTROLLER_HASH = "controller-revision-hash"
A_START = timedelta(minutes=1)
_COUNTS = {
    "Deployment": ("replicas", "updatedReplicas", "readyReplicas"),
    "StatefulSet": ("replicas", "updatedReplicas", "readyReplicas"),
    "DaemonSet": ("currentNumberScheduled", "updatedNumberScheduled", "numberReady"),
}


def counts(workload: Json) -> tuple[int, int, int] | None:
    """How many pods there are, how many of them of the newest template, and how many are ready, as the controller has
    counted them for the spec as it is; None where it has not, or never does."""
    status, fields = table(workload, "status"), _COUNTS.get(text(workload, "kind"))
    seen = number(status, "observedGeneration") >= number(workload, "metadata", "generation")
    if fields is None or not seen:
        return None
    made, updated, ready = (number(status, field) for field in fields)
    return made, updated, ready


def counted_last(workload: Json) -> datetime | None:
    """When the controller last counted otherwise: pods of which only the row is known may have been ready or not since
    they were made."""
    entries = dicts(workload, "metadata", "managedFields")
    times = [when for one in entries if one.get("subresource") == "status" and (when := moment(one.get("time")))]
    return max(times, default=None)


def never_lacked(workload: Json) -> bool:
    """Whether a workload has had all its pods since they were first made, by its own counts: one whose pod crashed
    later, or that waited long for its first, has counted again."""
    if text(workload, "kind") == "Deployment":
        return True  # as `complete` has seen
    made, counted = moment(table(workload, "metadata").get("creationTimestamp")), counted_last(workload)
    return made is not None and counted is not None and counted - made < A_START


def complete(workload: Json) -> bool:
    """Whether all its pods are of the newest template and ready, and probably have no more to tell than that."""
    counted = counts(workload)
    if not counted or not counted[0] or len(set(counted)) > 1 or _may_have_crashed(workload, counted[0]):
        return False
    return not references(table(workload, "spec", "template", "spec"))


def _may_have_crashed(workload: Json, made: int) -> bool:
    """Whether a Deployment had too few pods once after its rollout was through, as when they crash now and then. Of
    others that is not known; a single pod that nothing probes is ready between two crashes."""
    if text(workload, "kind") != "Deployment":
        containers = dicts(workload, "spec", "template", "spec", "containers")
        return made == 1 and not all(table(one, "readinessProbe") for one in containers)
    through = moment(condition(workload, "Progressing").get("lastUpdateTime"))
    back = moment(condition(workload, "Available").get("lastTransitionTime"))
    return through is not None and back is not None and back > through


def made_by(row: Row, workload: Json) -> bool:
    """Whether a pod is of a workload, as its name tells."""
    return bool(_owner(row, workload)[0][0])


def of_one_template(rows: Sequence[Row], workload: Json, now: datetime) -> list[Pod] | None:
    """The pods of a workload that is `complete`, from their rows; None where one of them has to be read."""
    template = table(workload, "spec", "template")
    if counts(workload) != (len(rows),) * 3:
        return None
    owners = {_owner(row, workload) for row in rows}
    usual = (None, _running(template))
    if len(owners) != 1 or not all(row.well and row.containers in usual for row in rows):
        return None
    owner, tag = owners.pop()
    if not owner[0]:
        return None
    model = modelled(text(workload, "metadata", "namespace"), owner, template, tag)
    return [Pod(known_by(row, model, now, started=True), whole=False) for row in rows]


def _owner(row: Row, workload: Json) -> tuple[tuple[str, str], tuple[str, str]]:
    """Kind and name of what made a pod, and the label with the hash of its template; empty where its name does not say
    so."""
    kind, name = text(workload, "kind"), text(workload, "metadata", "name")
    made = (OF_ONE.get(kind) or OF_A_SET).match(row.name)
    if made and kind == "Deployment" and made.group(1).rpartition("-")[0] == name:
        return ("ReplicaSet", made.group(1)), (HASH_LABEL, made.group(1).rpartition("-")[2])
    if made and kind != "Deployment" and made.group(1) == name:
        return (kind, name), (CONTROLLER_HASH, text(workload, "status", "updateRevision"))
    return ("", ""), ("", "")


def _running(template: Json) -> int:
    """How many containers run at once in a pod of this template."""
    inits = dicts(template, "spec", "initContainers")
    return len(dicts(template, "spec", "containers")) + len(
        [one for one in inits if one.get("restartPolicy") == "Always"]
    )


def modelled(namespace: str, owner: tuple[str, str], template: Json, tag: tuple[str, str]) -> Json:
    """What all pods of a template have in common: `owner` is kind and name of what made them, `tag` the label that only
    they carry."""
    made_by = {"kind": owner[0], "name": owner[1], "controller": True}
    labels = {**table(template, "metadata", "labels"), tag[0]: tag[1]}
    metadata = {"namespace": namespace, "labels": labels, "ownerReferences": [made_by]}
    return {"metadata": metadata, "spec": table(template, "spec")}
