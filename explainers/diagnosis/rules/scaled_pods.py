"""The pods that an autoscaler scales: where they do not run, nothing is measured; used by rules/autoscalers.py."""

from collections.abc import Iterator
from dataclasses import replace

from explainers.diagnosis.case import Case
from explainers.diagnosis.consequences import told_causes
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.pods import Json, dicts, dig, number, text
from explainers.document import Evidence
from explainers.kinds import Ref


def ill(case: Case, scaled: Ref, told: Evidence) -> Iterator[Finding]:
    """The fault for which pods have no metrics: they do not run. It is told where it is."""
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine

    if scaled in case.trail:
        return
    inner = case.follow(scaled)
    found, state = findings_of(inner), health(inner)  # in this order: both ask at once
    causes = told_causes(found)
    if causes and not state.good:
        cause = causes[0]
        clause = f"`{scaled.name}`, which it scales, {state.state}, and so it gets no metrics: {cause.clause}"
        yield replace(cause, layer=Layer.DEPENDENCY, clause=clause, evidence=(told, *cause.evidence))


def all_ready(scaled: Json) -> bool:
    """Whether as many pods are ready as there are to be."""
    wanted = dig(scaled, "spec", "replicas")
    return number(scaled, "status", "readyReplicas") >= (wanted if isinstance(wanted, int) else 1)


def without_request(autoscaler: Json, scaled: Json) -> tuple[str, str]:
    """A resource whose utilisation an autoscaler goes by, and a container that states no request for it, nor a limit,
    which would count for one; both empty where there is none."""
    metrics = [
        one for one in dicts(autoscaler, "spec", "metrics") if dig(one, "resource", "target", "averageUtilization")
    ]
    for resource in (text(one, "resource", "name") for one in metrics):
        for container in dicts(scaled, "spec", "template", "spec", "containers"):
            stated = [dig(container, "resources", each, resource) for each in ("requests", "limits")]
            if not any(stated):
                return resource, text(container, "name")
    return "", ""
