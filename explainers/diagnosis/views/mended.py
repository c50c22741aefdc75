"""Containers that the kubelet ended once because a liveness probe failed, and that are well again.

What a probe got in a run that is over says nothing about the run of now.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from explainers.diagnosis.case import event_time
from explainers.diagnosis.views.pods import Container, Json, number, table, text
from explainers.diagnosis.when import moment

_LASTED = timedelta(minutes=10)
"""A run that lasted so long before it was ended was no turn of a loop."""
_SHORTEST = timedelta(seconds=30)
"""So long at least a container must run again."""
_MINUTE, _LONG = timedelta(minutes=1), timedelta(minutes=2)
"""Without a failure after one that came in the run of now: then that one is past, and then the container is well."""
_UNHEALTHY = "Liveness probe "


def mended(container: Container, events: Sequence[Json], now: datetime, killed_for: str) -> bool:
    """Whether its last end was the first that a liveness probe brought, and it is ready again, and that probe has
    been asked since and has not failed, or not for long. `events` are those about it, `killed_for` is what ended its
    last run."""
    since = container.running_since
    if killed_for != "liveness" or not container.ready or since is None or not _first(container):
        return False
    told = [event for event in events if (when := moment(event_time(event))) and when > since]
    last = max((event_time(one) for one in told if text(one, "message").startswith(_UNHEALTHY)), default="")
    probe = table(container.spec, "livenessProbe")
    if failed := moment(last):
        return quiet(probe, now - failed, _LONG)
    period = number(probe, "periodSeconds") or 10
    tries = 2 if told else 1 + (number(probe, "failureThreshold") or 3)  # the kubelet drops events beyond a number
    return now - since >= max(_SHORTEST, timedelta(seconds=number(probe, "initialDelaySeconds") + period * tries))


def quiet(probe: Json, for_: timedelta, least: timedelta = _MINUTE) -> bool:
    """Whether a probe that has not failed for so long (this at least) passes: several times as long as the kubelet
    would have taken to end the container."""
    period, tries = number(probe, "periodSeconds") or 10, number(probe, "failureThreshold") or 3
    return for_ > max(least, timedelta(seconds=period * (2 * tries + 1)))


def _first(container: Container) -> bool:
    begun, done = (moment(text(container.last_end, key)) for key in ("startedAt", "finishedAt"))
    return container.restarts == 1 or (begun is not None and done is not None and done - begun > _LASTED)
