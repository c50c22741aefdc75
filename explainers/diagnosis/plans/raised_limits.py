"""Raising a memory limit as far as the namespace lets it: a LimitRange refuses pods above its maximum.

Source: https://kubernetes.io/docs/concepts/policy/limit-range/
"""

from dataclasses import dataclass
from fractions import Fraction

from explainers import kinds
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.memory import limit_of
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Step
from explainers.quantities import amount


@dataclass(frozen=True)
class Bound:
    """The LimitRange that allows a container no more memory than `most`."""

    limit_range: Json
    most: str

    @property
    def name(self) -> str:
        return text(self.limit_range, "metadata", "name")


def bound_below(ending: Ending, wanted: str) -> Bound | None:
    """What keeps a container below the memory that it shall get; None where nothing does, as far as can be read."""
    found: list[tuple[Fraction, Bound]] = []
    aim, others = amount(wanted), _others(ending)
    for one in ending.case.find(kinds.LIMIT_RANGE).items:
        for row in dicts(one, "spec", "limits"):
            most = text(row, "max", "memory")
            value, more = amount(most), others if row.get("type") == "Pod" else Fraction(0)
            if row.get("type") in ("Container", "Pod") and aim and value is not None and aim + more > value:
                found.append((value - more, Bound(one, most if not more else f"{int(value - more)}")))
    return min(found, key=lambda each: each[0])[1] if found else None


def _others(ending: Ending) -> Fraction:
    """The limits of the other containers of the pod, which count where a whole pod has a maximum."""
    mine = [one for one in ending.container.pod.main_containers if one.name != ending.container.name]
    return sum((amount(limit_of(one.spec)) or Fraction(0) for one in mine), Fraction(0))


def raise_bound(ending: Ending, bound: Bound, wanted: str) -> tuple[Step, Step]:
    """The look at a LimitRange, and the change that lets it allow so much."""
    namespace, aim = ending.case.namespace, amount(wanted) or Fraction(0)
    rows = [_row(row, aim + (_others(ending) if row.get("type") == "Pod" else 0), wanted)
            for row in dicts(bound.limit_range, "spec", "limits")]  # fmt: skip
    back = {"spec": {"limits": dicts(bound.limit_range, "spec", "limits")}}
    change = Patch(kinds.LIMIT_RANGE, namespace, bound.name, {"spec": {"limits": rows}}, "merge", back)
    look = Step(Get(kinds.LIMIT_RANGE, namespace, bound.name), f"it allows {bound.most} at most, so no more can be set")
    return look, Step(change, f"let it allow {wanted}, if its owner agrees", "pods with that limit are made")


def _row(row: Json, needed: Fraction, wanted: str) -> Json:
    most = amount(dig(row, "max", "memory"))
    if row.get("type") not in ("Container", "Pod") or most is None or most >= needed:
        return row
    return {**row, "max": {**table(row, "max"), "memory": wanted if amount(wanted) == needed else str(int(needed))}}
