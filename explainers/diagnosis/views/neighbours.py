"""The pods of a namespace by name and labels: the metadata of all while they are few.

It is 1 to 2 kB a pod, so where there are many the workloads stand for the pods that they made, and listed are those
alone that none of the usual controllers made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.views.pods import Json, Pod, table
from explainers.diagnosis.views.uniform import CONTROLLER_HASH
from explainers.kinds import Ref, ref_of
from explainers.operations.reads import PAGE, List, continued
from explainers.operations.rollouts import HASH_LABEL
from explainers.selectors import query

FEW, MOST = 4, 3
_ALIVE = "status.phase!=Succeeded,status.phase!=Failed"
_NOT_MADE = ",".join(f"!{label}" for label in (HASH_LABEL, CONTROLLER_HASH, "job-name"))
"""None of the labels that controllers put on the pods that they make."""


@dataclass(frozen=True)
class Neighbour:
    """A pod, or the workload that stands for its pods, with their labels as far as they are known."""

    ref: Ref
    labels: Json


def neighbours(case: Case, key: str = "") -> list[Neighbour]:
    """Whatever pods of the target's namespace have not ended, its own among them; all, or those with a label `key`."""
    few = List(kinds.POD, case.namespace, key, _ALIVE, FEW, metadata_only=True)
    if not continued(case.ask(few)[0]):
        return _read(case, few)
    unmade = _unmade(case)
    case.facts.want(unmade)
    made = [Neighbour(ref_of(one), table(one, "spec", "template", "metadata", "labels")) for one in case.workloads]
    return [one for one in (*made, *_read(case, few), *_read(case, unmade)) if not key or key in one.labels]


def pods_of(case: Case, found: Sequence[Neighbour]) -> list[Neighbour]:
    """The pods among neighbours, and those that the first few workloads among them stand for, a few of each."""
    made = [query({"matchLabels": one.labels}) for one in found if one.ref.type != kinds.POD and one.labels][:MOST]
    lists = [List(kinds.POD, case.namespace, labels, _ALIVE, MOST, metadata_only=True) for labels in made]
    read = at_once(partial(_read, case, each) for each in lists)
    pods = {one.ref: one for one in (*found, *read) if one.ref.type == kinds.POD}
    return list(pods.values())


def unmade_pods(case: Case) -> list[Pod]:
    """The pods that no workload of the cluster's own kinds made, by their metadata."""
    return [Pod(item, whole=False) for item in case.ask(_unmade(case))[0].items]


def _unmade(case: Case) -> List:
    return List(kinds.POD, case.namespace, _NOT_MADE, _ALIVE, PAGE, metadata_only=True)


def _read(case: Case, listing: List) -> list[Neighbour]:
    pods = [Pod(item) for item in case.ask(listing)[0].items]
    return [Neighbour(pod.ref, pod.labels) for pod in pods]
