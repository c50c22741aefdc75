"""Ports on which the containers of a pod listen, by all that tells of them, and calls to its own that are refused."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.connections import Connection, refused_by_itself
from explainers.diagnosis.logs.lasting import LATELY, LATEST, LEAST, PATIENCE
from explainers.diagnosis.logs.lines import lines_of
from explainers.diagnosis.logs.stamps import Stamped
from explainers.diagnosis.logs.without import goes_without
from explainers.diagnosis.views.calls import log_name, pods_that_tell
from explainers.diagnosis.views.command_ports import named_ports
from explainers.diagnosis.views.endings import in_trouble, last_log, log_source
from explainers.diagnosis.views.listening import listened
from explainers.diagnosis.views.pods import Container, Pod, words
from explainers.diagnosis.views.ports import declared, probed
from explainers.diagnosis.views.telemetry import of_telemetry
from explainers.patterns import pattern

AGAIN = 2
"""So many times, at least, a container that runs has to say so."""
NEAR = 10
"""Ports that are no further apart than this, or have one other digit, are mistaken for each other."""
_TELEMETRY = frozenset({2003, 4317, 4318, 6831, 6832, 8125, 8126, 9411, 14250, 14268, 24224})
"""Graphite, OTLP, Jaeger, StatsD, Datadog, Zipkin, Fluentd: nobody is worse off where none of these listens."""
_SERVES = pattern(r"\bhttpd\b|serve|listen|\bhttp\.server\b|\bnc\b.* -l")
_COMMAND = pattern(r"[;&|\n(){}]+")


@dataclass(frozen=True)
class Refused:
    """A call of a container to a port of its own pod, which is refused, with where that was read."""

    container: Container
    said: Connection
    source: str


def refused_inside(case: Case) -> Refused | None:
    """The call that is refused inside the pod whose logs are read, while all its containers run: one that goes on up to
    the end of the log, or that a run ended with."""
    for pod in pods_that_tell(case) if case.template else ():
        for container in (one for one in pod.main_containers if one.ran):
            said, source = _said(case, container)
            if said and said.port not in _TELEMETRY and _all_run(pod, container):
                return Refused(container, said, source)
    return None


def _said(case: Case, container: Container) -> tuple[Connection | None, str]:
    if not container.last_end or not in_trouble(case, container):
        log = case.stamped_log(container) if container.running_since else Stamped("")
        return _going_on(log, case.now), log_name(container)
    told = last_log(case, container).text
    found = [one for one in refused_by_itself(told)[-1:] if len(lines_of(told)) - one.index <= LATELY]
    return (found[0] if found and _counts(told, found[0]) else None), log_source(container)


def _going_on(log: Stamped, now: datetime) -> Connection | None:
    """The last one, if it came again and again and there was no long silence after it."""
    every = refused_by_itself(log.text)
    same = [one for one in every if one.port == every[-1].port]
    if len(same) < AGAIN or not _counts(log.text, same[-1]):
        return None
    apart = max(later.index - earlier.index for earlier, later in pairwise(same[-LATELY:]))
    if len(lines_of(log.text)) - same[-1].index > max(apart, LATEST):
        return None
    times = [log.times[one.index] for one in same[-LATELY:]] if log.times else []
    waits = max((later - earlier for earlier, later in pairwise(times)), default=LEAST)
    return None if times and now - times[-1] > max(LEAST, PATIENCE * waits) else same[-1]


def _counts(log: str, one: Connection) -> bool:
    return not goes_without(log, one) and not of_telemetry(one, [])


def _all_run(pod: Pod, caller: Container) -> bool:
    """Whether every other container that stays runs, so that one which should listen there is not just away."""
    others = [one for one in pod.containers if one.name != caller.name and (not one.init or one.sidecar)]
    return all(one.running_since for one in others)


def known_ports(case: Case, pod: Pod) -> dict[int, str]:
    """The ports on which containers of a pod listen or are meant to, each with the container."""
    found = {one.number: one.container for one in declared(pod.spec)}
    for container in (one for one in pod.containers if not one.init or one.sidecar):
        for port in (*probed({"containers": [container.spec]}), *_commanded(container), *_logged(case, container)):
            found.setdefault(port, container.name)
    return found


def _commanded(container: Container) -> Iterator[int]:
    said = [*words(container.spec, "command"), *words(container.spec, "args")]
    yield from named_ports(said)
    for command in (each for word in said if " " in word for each in _COMMAND.split(word)):
        if _SERVES.search(command):
            yield from named_ports(command.split())


def _logged(case: Case, container: Container) -> Sequence[int]:
    return list(listened(case.stamped_log(container).text)) if container.running_since else []


def meant(port: int, there: Sequence[int]) -> int:
    """The only one of these ports for which another may be mistaken; 0 where there is none, or several."""
    near = [one for one in there if abs(one - port) <= NEAR or _a_slip(str(one), str(port))]
    return near[0] if len(near) == 1 else 0


def _a_slip(one: str, other: str) -> bool:
    """Whether two numbers differ in one digit, or have their digits in another order."""
    if sorted(one) == sorted(other):
        return True
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def written_in(text: str, port: int) -> re.Match[str] | None:
    """Where a text has an address of the loopback with this port."""
    return re.search(rf"(?<![\w.-])(?:127\.0\.0\.1|localhost):{port}(?!\d)", text)
