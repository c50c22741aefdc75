"""What uses an object that is not diagnosed by itself: the workload to ask about instead."""

from collections.abc import Callable

from commands.base.ports import Services
from explainers import kinds
from explainers.diagnosis.views.pods import Json, table
from explainers.diagnosis.views.references import references
from explainers.kinds import Kind, Ref, ref_of
from explainers.operations.reads import Get, List
from explainers.selectors import matches

_SELECTORS = {kinds.NETWORK_POLICY: "podSelector", kinds.POD_DISRUPTION_BUDGET: "selector"}
_READ = (kinds.CONFIG_MAP, kinds.SECRET)
WORKLOADS = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET, kinds.CRON_JOB)


def users_of(services: Services, namespace: str, kind: Kind, name: str) -> tuple[Ref, ...] | None:
    """The workloads of the namespace that read a ConfigMap or Secret, or whose pods a policy or budget selects; None
    where that cannot be told."""
    uses = _uses(services, namespace, kind, name)
    if uses is None:
        return None
    answers = [services.cluster.run(List(one, namespace)) for one in WORKLOADS]
    items = [
        {**item, "kind": one.name} for one, answer in zip(WORKLOADS, answers, strict=True) for item in answer.items
    ]
    found = tuple(ref_of(one) for one in items if uses(_template(one)))
    return found if found or all(answer.ok for answer in answers) else None


def _uses(services: Services, namespace: str, kind: Kind, name: str) -> Callable[[Json], bool] | None:
    """How a pod template shows that it uses the object; of a Secret nothing is read for that."""
    if kind in _READ:
        return lambda template: any(
            (one.kind, one.name) == (kind.name, name) for one in references(table(template, "spec"))
        )
    if kind not in _SELECTORS:
        return None
    thing = services.cluster.run(Get(kind, namespace, name)).object
    selector = table(thing, "spec", _SELECTORS[kind])
    return (lambda template: matches(selector, table(template, "metadata", "labels"))) if thing else None


def _template(workload: Json) -> Json:
    if workload.get("kind") == kinds.CRON_JOB.name:
        return table(workload, "spec", "jobTemplate", "spec", "template")
    return table(workload, "spec", "template")
