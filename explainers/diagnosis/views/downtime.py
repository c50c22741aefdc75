"""Since when a pod is not well, also where its containers end again and again.

Without a readiness probe the Ready condition turns at each short run, so that it tells no more than when the last run
ended. When the first one did is not recorded; the restarts tell whether the pod has done nothing else since it began.
"""

from datetime import datetime, timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.endings import OUTLASTED, SETTLED, in_trouble, last_run
from explainers.diagnosis.views.loops import LATE, LONGEST_WAITS, longest_waits, outshone, waits
from explainers.diagnosis.views.pods import Container, Json, Pod, condition, dig, text
from explainers.diagnosis.when import moment

FEW = 3
"""So many ends at most of one that is asked whether it is ready, and the first of them can be told."""


def down_since(case: Case, pod: Pod) -> datetime | None:
    """Since when a pod that is not ready, or only seems so between two crashes, is not well; None if nothing tells."""
    flipped = pod.ready_since
    looping = [one for one in pod.containers if one.restarts and in_trouble(case, one)]
    if not flipped or not looping:
        return flipped
    began = [time for one in looping if (time := _began(one))]
    if began:
        return min(began) if pod.ready else min(*began, flipped)  # one that is ready was not unready since then
    return flipped if not pod.ready and all(_turned_once(one, flipped) for one in looping) else None


def unavailable_since(workload: Json) -> datetime | None:
    """Since when a Deployment has had too few pods that are available, without a break; None where it has enough, or
    does not say."""
    available = condition(workload, "Available")
    short = text(workload, "kind") == "Deployment" and available.get("status") == "False"
    return moment(available.get("lastTransitionTime")) if short else None


def _began(container: Container) -> datetime | None:
    """When a container began to end again and again: with its pod, or with the end of a run that had lasted."""
    length, done, start = last_run(container), _ended(container), _start(container.pod)
    if length is None or done is None or start is None:
        return None
    if length > SETTLED or outshone(container, length, done - start):
        return done
    runs = container.restarts + (0 if container.running_since else 1)
    whole = (done - start).total_seconds()
    waited, slack = whole - runs * length.total_seconds(), LATE * runs + whole / 10
    fits = any(abs(waited - waits(runs - 1, longest)) <= slack for longest in longest_waits(container))
    probed = bool(container.spec.get("readinessProbe")) and runs <= FEW
    lasted = length if length > OUTLASTED or probed else timedelta()  # it worked as long as that, to begin with
    first = done - (runs - 1) * length - timedelta(seconds=waits(runs - 1, max(LONGEST_WAITS)))
    return min(max(start + lasted, first) if probed else start + lasted, done) if fits else None


def _turned_once(container: Container, flipped: datetime) -> bool:
    """Whether the Ready condition turned when the trouble began: it has been false since the pod was made, or through
    the last run that ended, and no run before that can have turned it without being probed."""
    length, done, start = last_run(container), _ended(container), _start(container.pod)
    if start and (flipped - start).total_seconds() <= LATE:
        return True
    probed = bool(container.spec.get("readinessProbe")) or container.restarts == 1
    return probed and length is not None and done is not None and flipped <= done - length


def _start(pod: Pod) -> datetime | None:
    return moment(dig(pod.object, "status", "startTime")) or pod.created


def _ended(container: Container) -> datetime | None:
    return moment(text(container.last_end, "finishedAt"))
