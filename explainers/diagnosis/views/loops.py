"""Containers that end again and again: how long the kubelet waits between, and whether one worked before that.

A fault that came with a rollout is there from the first run on, so the runs are alike. Where one of them lasted much
longer, the revision of now has worked, and something else has changed since.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from explainers.diagnosis.views.pods import Container, condition, table, text
from explainers.diagnosis.when import moment
from explainers.patterns import pattern

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case

_FIRST_WAIT, LONGEST_WAITS = 10.0, (300.0, 60.0)
"""Seconds that the kubelet waits before it starts a container again: none, these, twice as long each time, until it is
the longest, by default or with the feature gate `ReduceDefaultCrashLoopBackOffDecay`.

Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
"""
LATE = 10
"""Seconds that a restart may come late, or an image take."""
_BACK_OFF = pattern(r"back-off (?:(\d+)m)?(?:(\d+)s)? restarting")
_AT_WORK = timedelta(minutes=1)
"""A run that lasted so much longer than the others did something else than fail."""
_ONLY = timedelta(minutes=5)
"""So long the only run so far must have lasted, to count as one that worked."""
_TIMES = 3
"""So many times as long as the others, on average, is a run that worked."""
_THROUGH = "NewReplicaSetAvailable"


def back_off(container: Container) -> timedelta | None:
    """How long the kubelet waits after the last end before it starts a container again, where it says so."""
    said = _BACK_OFF.search(container.message)
    return timedelta(minutes=int(said[1] or 0), seconds=int(said[2] or 0)) if said else None


def longest_waits(container: Container) -> tuple[float, ...]:
    """The longest that any restart so far may have been waited for: what the kubelet waits now, where it says so."""
    said = back_off(container)
    return (said.total_seconds(),) if said is not None else LONGEST_WAITS


def waits(count: int, longest: float) -> float:
    """The seconds that so many restarts have been waited for in a row; the first comes at once."""
    return sum(min(_FIRST_WAIT * 2.0 ** min(index, 10), longest) for index in range(count - 1))


def ends(container: Container) -> int:
    """How often it has ended."""
    return container.restarts + (0 if container.running_since else 1)


def outshone(container: Container, ran: timedelta | None, whole: timedelta) -> bool:
    """Whether the run that ended last (of this length) lasted much longer than those before, in all this time."""
    if ran is None or ran < _AT_WORK:
        return False
    before = ends(container) - 1
    if before < 1:
        return ran >= _ONLY
    left = (whole - ran).total_seconds() - waits(before, min(LONGEST_WAITS))
    return ran.total_seconds() > _TIMES * max(left, 0.0) / before


def worked_first(case: Case, container: Container, ran: timedelta | None) -> bool:
    """Whether a container worked on the revision of now before it began to end, the last time after a run of this
    length: that revision was rolled out and available, and its runs since then are not alike."""
    progress, done = condition(case.workload, "Progressing"), moment(text(container.last_end, "finishedAt"))
    through, made = moment(progress.get("lastUpdateTime")), container.pod.created
    deployed = text(case.workload, "kind") == "Deployment" and progress.get("reason") == _THROUGH
    if not (deployed and through and made and done and ran is not None) or not made <= through < done:
        return False
    whole, often = done - through, ends(container)
    if outshone(container, ran, whole):
        return bool(often > 1 or _watched(container))
    alike = often * ran.total_seconds() + waits(often - 1, max(LONGEST_WAITS))
    slack = LATE * often + whole.total_seconds() / 10 + _AT_WORK.total_seconds()
    return often > 1 and whole.total_seconds() - alike > slack


def _watched(container: Container) -> bool:
    """Whether it is asked if it works."""
    return any(table(container.spec, f"{kind}Probe") for kind in ("readiness", "startup", "liveness"))
