"""Where the memory limit of a container comes from, and what it was before the last change.

A container whose template sets no limit gets the default of a LimitRange in its namespace, when its pod is made.
Source: https://kubernetes.io/docs/concepts/policy/limit-range/
"""

from fractions import Fraction

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.differences import of_limits
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.pods import Container, Json, dicts, text
from explainers.document import Evidence
from explainers.quantities import amount

_GIVEN = "kubernetes.io/limit-ranger"
"""The annotation in which the API server notes what it took from a LimitRange."""


def limit_of(container: Json) -> str:
    """The memory limit in a container's spec; empty for none."""
    return text(container, "resources", "limits", "memory")


def own_limit(ending: Ending) -> str:
    """The memory limit that the template itself sets; the pod's where no template is known."""
    container = ending.container
    if ending.case.workload_ref != ending.blame:
        return limit_of(container.spec)
    both = [one for key in ("initContainers", "containers") for one in dicts(ending.case.template, "spec", key)]
    return next((limit_of(one) for one in both if one.get("name") == container.name), limit_of(container.spec))


def given_by_range(container: Container) -> bool:
    """Whether the API server notes that a LimitRange gave the container its memory limit."""
    noted = text(container.pod.object, "metadata", "annotations", _GIVEN)
    kind = "init container" if container.init else "container"
    mine = [part for part in noted.split(";") if part.endswith(f" limit for {kind} {container.name}")]
    return any("memory" in part for part in mine)


def limit_evidence(ending: Ending) -> Evidence:
    """The limit, with the object that sets it."""
    limit, own = limit_of(ending.container.spec), own_limit(ending)
    if own == limit:
        return Evidence(str(ending.blame), f"limits.memory {limit}")
    given = ", so a LimitRange gave it" if not own and given_by_range(ending.container) else ""
    said = f"limits.memory {limit}; the template sets {own or 'none'}{given}"
    return Evidence(f"pod {ending.container.pod.name}", said)


def limit_before(ending: Ending) -> Fraction | None:
    """The limit before the last change, in bytes, be it by a LimitRange; None for no limit. Where it cannot be read
    it counts as 0: nothing to go back to. Raises Missing until the LimitRanges are read where they matter."""
    before = ending.change.container_before(ending.container.name) if ending.change else {}
    return amount(limit_of(before)) if limit_of(before) or not before else _default(ending.case)


def was_raised(ending: Ending, limit: str) -> bool:
    """Whether the last change raised the limit to this one."""
    was, now = limit_before(ending) if ending.change else None, amount(limit)
    return was is not None and now is not None and was < now


def raised_in_vain(ending: Ending, limit: str) -> str:
    """The limit that the last change raised to this one and did nothing else, so that it was tried; else empty."""
    change = ending.change
    if change is None or not was_raised(ending, limit) or not all(map(of_limits, change.changes)):
        return ""
    return limit_of(change.container_before(ending.container.name))


def _default(case: Case) -> Fraction | None:
    """What a container without a limit gets in this namespace."""
    answer = case.find(kinds.LIMIT_RANGE)
    rows = [row for one in answer.items for row in dicts(one, "spec", "limits") if row.get("type") == "Container"]
    found = [value for row in rows if (value := amount(text(row, "default", "memory"))) is not None]
    return min(found, default=None) if answer.ok else Fraction(0)
