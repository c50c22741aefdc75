"""A place in a full quota that a pod of the workload itself still takes, while it ends (class 125).

A Deployment makes the next pod at once, and a pod that was deleted counts until it has ended.
Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import quotas
from explainers.diagnosis.plans.admission import missing_pods
from explainers.diagnosis.rules.slow_ends import LONG
from explainers.diagnosis.views.pods import Pod, dig, number
from explainers.diagnosis.views.refusals import QuotaFull
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.plan import Plan
from explainers.quantities import amount

_COUNTED = ("pods", "count/pods")


@dataclass(frozen=True)
class _Ending:
    """A pod that was deleted: when that was, and by when it has ended."""

    pod: Pod
    asked: datetime
    last: datetime


def held_place(case: Case, ref: Ref, full: QuotaFull, shown: str) -> Finding | None:
    """The pods that end and whose places in the quota are all that the missing ones need; None where there are none, or
    where that is not enough. `shown` says what is used now."""
    ending = [one for pod in case.all_pods if pod.terminating and not pod.finished and (one := _ends(case, pod))]
    if not ending or ref.kind in ("Job", "CronJob") or not _enough(case, full, [one.pod for one in ending]):
        return None
    last = max(one.last for one in ending)
    when, until = ago(case.now, min(one.asked for one in ending)), f"{last:%H:%M:%S} UTC"
    who, hold, have = f"{len(ending)} of its pods", "hold their places", "have"
    if len(ending) == 1:
        who, hold, have = f"its pod `{ending[0].pod.name}`", "holds its place", "has"
    clause = (
        f"{who}, deleted {when}, still {hold} in the quota `{full.quota}` ({shown}) and {have} until {until} to end; "
        "after that what is missing is made by itself, at one of the next tries"
    )
    seen = [
        Evidence(f"pod {each.pod.name}", f"is given until {each.last:%H:%M:%S} UTC to end", ago(case.now, each.asked))
        for each in ending[:2]
    ]
    soon = last - case.now < LONG
    sure = Confidence.SURE if soon else Confidence.LIKELY
    plan = _if_not(case, full)
    return Finding(125 if soon else 100, ref, Layer.NEEDS, clause, tuple(seen), plan, sure, benign=soon)


def _ends(case: Case, pod: Pod) -> _Ending | None:
    last = moment(dig(pod.object, "metadata", "deletionTimestamp"))
    if last is None or last < case.now:
        return None  # rules/leaving.py, once it is late
    return _Ending(pod, last - timedelta(seconds=number(pod.object, "metadata", "deletionGracePeriodSeconds")), last)


def _enough(case: Case, full: QuotaFull, pods: Sequence[Pod]) -> bool:
    """Whether the quota admits all the missing pods once these have ended."""
    for resource, asked, used, hard in full.over:
        more, taken, most = amount(asked), amount(used), amount(hard)
        if more is None or taken is None or most is None:
            return False
        if taken - sum((_takes(pod, resource) for pod in pods), Fraction(0)) + more * missing_pods(case) > most:
            return False
    return True


def _takes(pod: Pod, resource: str) -> Fraction:
    """How much of a resource a pod takes of a quota, as far as its containers say."""
    if resource in _COUNTED:
        return Fraction(1)
    side, _, name = resource.partition(".") if resource.startswith(("requests.", "limits.")) else ("requests", "", "")
    stated = (dig(one.spec, "resources", side, name or resource) for one in pod.main_containers)
    return sum((amount(one) or Fraction(0) for one in stated), Fraction(0))


def _if_not(case: Case, full: QuotaFull) -> Plan:
    """Watch it; more quota is for the case that its end does not help."""
    more = quotas.raise_quota(case, full).steps[:1]
    return Plan(
        quotas.follow(case), tuple(replace(step, why=f"only if that is not enough: {step.why}") for step in more)
    )
