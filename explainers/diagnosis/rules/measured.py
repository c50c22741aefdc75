"""What an autoscaler may have measured of its pods: a container that they have, and pods that are old enough; used by
rules/autoscalers.py.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#container-resource-metrics
"""

from collections.abc import Iterator
from datetime import timedelta

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.named import some_of
from explainers.diagnosis.views.pods import Json, Pod, condition, dicts, dig, table, text
from explainers.diagnosis.when import moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step
from explainers.selectors import query

HPA = kinds.HORIZONTAL_POD_AUTOSCALER
FIRST_METRICS = timedelta(seconds=90)
"""So long the first metrics of an autoscaler, or of a pod, may take."""


def pods_of(case: Case, scaled: Json) -> list[Pod]:
    """The pods that an autoscaler measures."""
    found = map(Pod, case.find(kinds.POD, query(table(scaled, "spec", "selector"))).items)
    return [pod for pod in found if not pod.terminating and not pod.finished]


def too_young(case: Case, scaled: Json) -> bool:
    """Whether all pods are so new that none of them may have been measured."""
    born = [pod.created for pod in pods_of(case, scaled)]
    return bool(born) and all(one is not None and case.now - one < FIRST_METRICS for one in born)


def states(scaled: Json, container: str, resource: str) -> bool:
    """Whether the template states by now what a pod was found to lack."""
    specs = [one for one in dicts(scaled, "spec", "template", "spec", "containers") if one.get("name") == container]
    return any(dig(one, "resources", side, resource) for one in specs for side in ("requests", "limits"))


def of_no_container(case: Case, target: Ref, scaled: Json) -> Iterator[Finding]:
    """115: a metric of a container that the pods do not have, in their template or put in beside it."""
    metrics = dicts(case.object, "spec", "metrics")
    asked = [name for one in metrics if (name := text(one, "containerResource", "container"))]
    spec = table(scaled, "spec", "template", "spec")
    there = [text(one, "name") for side in ("containers", "initContainers") for one in dicts(spec, side)]
    wrong = next((name for name in asked if there and name not in there), "")
    if not wrong or any(one.name == wrong for pod in pods_of(case, scaled) for one in pod.containers):
        return
    main = [text(one, "name") for one in dicts(spec, "containers")]
    meant = nearest_one(wrong, there) or (main[0] if len(main) == 1 else "")
    has = f"the nearest is `{meant}`" if len(main) > 1 and meant else f"they have {some_of(f'`{one}`' for one in main)}"
    clause = f"it measures the container `{wrong}`, which the pods of `{target.name}` do not have ({has})"
    told = condition(case.object, "ScalingActive")
    seen = (
        Evidence(str(case.target), f"spec.metrics: containerResource of container {wrong}"),
        Evidence(str(target), f"containers: {', '.join(main)}"),
    )
    since = moment(told.get("lastTransitionTime")) if told.get("status") == "False" else None
    plan = Plan((_named(case, metrics, wrong, meant) if meant else _look(case),))
    yield Finding(115, case.target, Layer.NEEDS, clause, seen, plan, since=since)


def _named(case: Case, metrics: list[Json], wrong: str, meant: str) -> Step:
    """A merge patch replaces the whole list, so the other metrics stay in it."""
    right = [
        {**one, "containerResource": {**table(one, "containerResource"), "container": meant}}
        if text(one, "containerResource", "container") == wrong
        else one
        for one in metrics
    ]
    forth, back = ({"spec": {"metrics": each}} for each in (right, metrics))
    change = Patch(HPA, case.namespace, case.target.name, forth, "merge", back)
    return Step(change, f"measure the container `{meant}` instead", "it reads metrics within a minute")


def _look(case: Case) -> Step:
    return Step(Get(HPA, case.namespace, case.target.name), "name one of those containers here")
