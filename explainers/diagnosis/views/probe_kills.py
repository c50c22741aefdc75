"""Containers that the kubelet ends because a probe of theirs fails, as it says or as all else shows.

The kubelet may tell of the same thing only a few times an hour, and its events go after an hour: of a container that
it ends again and again, the event that tells is soon older than the last end, or lost.
Source: k8s.io/client-go/tools/record/events_cache.go (EventSourceObjectSpamFilter)
"""

import re
from datetime import timedelta

from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.logs.lines import clean, lines_of, tail
from explainers.diagnosis.logs.words import ACCESS
from explainers.diagnosis.views.endings import (
    Ending,
    events_about,
    killed_for,
    kubelet_may_end,
    last_log,
    last_run,
    oom_stated,
    readable,
)
from explainers.diagnosis.views.exit_codes import SIGNALLED
from explainers.diagnosis.views.listening import listened
from explainers.diagnosis.views.pods import Container, Json, number, text
from explainers.diagnosis.views.probe_specs import Failed, Failure, Probe, failed, probe_of
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.base import Answer
from explainers.patterns import pattern

KINDS = ("startup", "liveness")
_BY_SIGNAL = frozenset({SIGNALLED + 9, SIGNALLED + 15})
"""How a program ends that the kubelet stops: at once, or when its grace is over."""
_KEPT = timedelta(minutes=30)
"""So long at least an event is kept."""
_STARTED = pattern(
    r"start worker process|ready (?:to (?:accept|handle|serve)|for (?:connections|requests))|\bstart-?up complete"
    r"|\b(?:server|application|service|app)\b[^\n]{0,40} (?:started|is (?:up|ready|running))\b|\bstarted \w+ in \d"
    r"|\blistening (?:on|at)\b",
    re.IGNORECASE,
)
_AT_WORK = pattern(
    r"\b(?:(?:re|pre)?(?:start|load|build|index|play|connect|cover|stor|read|pars)(?:ing|ring|s|e|ed|er)?|prepar\w*"
    r"|init\w*|warm\w*|migrat\w*|boot\w*|wait\w*|retry\w*|progress|compil\w*|import\w*|download\w*|fetch\w*"
    r"|cach\w*|sync\w*|updat\w*|upgrad\w*|unpack\w*|extract\w*|check\w*|scan\w*|seed\w*|train\w*|creat\w*)\b"
    r"|\d ?%|\.\.\.|…",
    re.IGNORECASE,
)
"""How a program says that it is still at something."""
_OVER = pattern(r"\b(?:started|booted|initiali[sz]ed|completed?|done|finished|ready)\b", re.IGNORECASE)
"""How it says that it has come to the end of that."""
_LAST = 3
"""Lines at the end of a log that tell what a program was at."""
_ROUNDED = timedelta(seconds=2)
"""Times are in whole seconds."""


def ending_probe(ending: Ending) -> Probe | None:
    """The probe for which the kubelet ended the last run, or most likely did; None where that is not so."""
    kind = killed_for(ending.case, ending.container)
    if kind:
        return probe_of(ending.container, kind) if kind in KINDS else None
    return presumed(ending.case, ending.container)


def presumed(case: Case, container: Container) -> Probe | None:
    """The probe that most likely made the kubelet end the last run, though no event of that run is there to say so:
    it was ended by a signal, nothing says that it took too much memory, and a probe had the time to fail."""
    code = number(container.last_end, "exitCode")
    probes = [one for kind in KINDS if (one := probe_of(container, kind)) and _had_time(container, one)]
    if not probes or code not in (*_BY_SIGNAL, 0) or oom_stated(container) or kubelet_may_end(case, container):
        return None
    told = _told_before(case, container)
    if code == 0 and not told.startswith("Killing"):
        probes = [one for one in probes if told and _to_the_second(container, one)]
    if not probes or (not told and _would_be_told(case, container)):
        return None
    said = [one for one in probes if one.kind in told.lower()]
    return None if told and not said else (said or probes)[0]


def _told_before(case: Case, container: Container) -> str:
    """What the newest event says about why the container was ended, else about a probe of it that fails."""
    for reason in ("Killing", "Unhealthy"):
        for event in events_about(case, container):
            said = text(event, "message")
            if text(event, "reason") == reason and not _of_readiness(event):
                return f"{reason}: {said}"
    return ""


def told_of_kill(case: Case, container: Container) -> tuple[Evidence, ...]:
    """The newest event that says that the kubelet ended it for a probe, as evidence."""
    for event in events_about(case, container):
        said = clean(text(event, "message"))
        if text(event, "reason") == "Killing" and any(f"{kind} probe" in said for kind in KINDS):
            when = ago(case.now, moment(event_time(event)))
            return (Evidence(f"event Killing of pod {container.pod.name}", said, when),)
    return ()


def ends_now(case: Case, container: Container) -> Probe | None:
    """The probe for which the kubelet has said that it ends the run of now, of which the status does not tell yet: the
    grace of that run goes on, or it was over a moment ago. None where the probe was refused from the start on."""
    since, lost = container.running_since, container.pod.ready_since
    watched = since and not container.ready and any(probe_of(container, kind) for kind in KINDS)
    for event in events_about(case, container) if watched else ():
        said, when = text(event, "message"), moment(event_time(event))
        kind = next((kind for kind in KINDS if f"{kind} probe" in said), "")
        probe = probe_of(container, kind) if kind and text(event, "reason") == "Killing" else None
        if probe and since and when and when > since:
            fails, served = failed(case, probe), lost is not None and lost - since > _ROUNDED
            return probe if fails and (served or fails.failure is not Failure.REFUSED) else None
    return None


def _of_readiness(event: Json) -> bool:
    return text(event, "message").startswith("Readiness probe")


def _would_be_told(case: Case, container: Container) -> bool:
    """Whether the first failure of a probe would still stand in the events: the pod is too young to have lost them."""
    made = container.pod.created
    return made is not None and case.now - made < _KEPT


def _to_the_second(container: Container, probe: Probe) -> bool:
    """Whether the last run was no shorter than one that the probe ends, and no longer."""
    ran = last_run(container)
    most = timedelta(seconds=probe.allows + probe.period)
    return ran is not None and timedelta(seconds=probe.allows - probe.period) <= ran <= most


def _had_time(container: Container, probe: Probe) -> bool:
    """Whether the last run was as long as one is that the probe ends; a startup probe that passed ends none."""
    ran = last_run(container)
    if ran is None:
        return True
    grace = container.pod.spec.get("terminationGracePeriodSeconds")
    most = timedelta(seconds=probe.allows + probe.period + (grace if isinstance(grace, int) else 30)) + _ROUNDED
    least = timedelta(seconds=probe.delay + probe.period * (probe.threshold - 1)) - _ROUNDED
    return ran >= least and (probe.kind != "startup" or ran <= most)


def too_early(ending: Ending, probe: Probe, fails: Failed | None) -> bool:
    """Killed at the first chance, never ready, and nobody had begun to listen: it was still starting."""
    if fails is not None and fails.failure is Failure.STATUS and fails.status < 500:
        return False  # it has started and answers, only not there
    if probe.kind == "startup":
        return fails is None or fails.failure is not Failure.NO_COMMAND
    unheard = fails is not None and (fails.failure is Failure.REFUSED or "dial" in fails.said)
    if not unheard or probe.port in listened(last_log(ending.case, ending.container).text):
        return False
    ran, grace = last_run(ending.container), ending.container.pod.spec.get("terminationGracePeriodSeconds")
    slack = (grace if isinstance(grace, int) else 30) + probe.period + 2
    never_ready = not ending.container.ready or probe_of(ending.container, "readiness") is None
    return never_ready and (ran is None or ran.total_seconds() <= probe.allows + slack)


def begins(log: str) -> str:
    """The line by which a program says that it has started; else empty."""
    return next((clean(line) for line in lines_of(log) if _STARTED.search(line) and not ACCESS.search(line)), "")


def at_work(log: Answer) -> bool:
    """Whether the log of a run that was ended tells that its program was still at its start; so it may be where the
    log cannot be read."""
    last = tail(log.text, _LAST)
    over = bool(last) and _OVER.search(last[-1]) is not None and "%" not in last[-1]
    return not readable(log) or (not over and any(_AT_WORK.search(line) for line in last))
