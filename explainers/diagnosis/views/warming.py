"""Containers that have only just begun: not to be ready yet is no fault, unless something else speaks of one."""

import re
from datetime import timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.lines import ERROR_LEVEL, Telling, telling
from explainers.diagnosis.views.pods import Container, Pod
from explainers.diagnosis.views.probe_specs import Failure, Probe, failed, probe_of
from explainers.diagnosis.when import span
from explainers.patterns import pattern

_COMES_UP = pattern(
    r"\b(?:yet\b|not ready|start|init|load|wait|warm|progress|boot|recover|no such file)", re.IGNORECASE
)
"""How a command says that something only comes up."""
_WAITS = pattern(r"\bwait|\block(?:ed)?\b|\bretry|\bincomplete\b", re.IGNORECASE)
WARMING = timedelta(seconds=10)
"""So long a program may take before it serves, without a word of an error in its log, and nobody asks why."""
BESIDE = timedelta(seconds=30)
"""The same where another pod serves meanwhile."""
EARLY = timedelta(seconds=60)
"""A program younger than this may still be starting: that it does not serve is no fault yet where nothing else speaks
of one, and else no sure sign."""
_DOUBTED = pattern(r"; it has run for [^;]{1,20} only\b")
YOUNG = timedelta(minutes=2)
"""A pod this young may still be starting."""
SLACK = timedelta(seconds=2)
"""Between the start of a container and what its pod's conditions say of that; times are in whole seconds."""


def age(case: Case, container: Container) -> timedelta:
    """How long this run of a container goes on; 0 where it does not run."""
    return case.now - container.running_since if container.running_since else timedelta()


def warming_up(case: Case, container: Container, startup: Probe | None = None) -> bool:
    """Whether a container that is not ready may simply need its time: young, and its log free of errors.

    `startup` is the probe that holds it, if that is its startup probe: that grants it a time of its own.
    """
    grace = BESIDE if any(pod.ready for pod in case.pods) else WARMING
    if startup:
        grace = max(grace, timedelta(seconds=startup.allows))
    ran = age(case, container)
    if not _first_start(container) or ran >= max(grace, EARLY):
        return False
    told = telling(case.log(container).text)
    if (told is not None and told.weight >= ERROR_LEVEL) or _names_trouble(case, container):
        return False
    return ran < grace or (_does_not_serve_yet(case, container) and (told is None or _calm(told)))


def unasked(case: Case, probe: Probe) -> bool:
    """Whether a readiness probe may not have had its first answer yet. The kubelet asks once in each period, so first
    up to a period after the delay; the log tells of no error."""
    due = timedelta(seconds=probe.delay + probe.period + probe.timeout) + SLACK
    container = probe.container
    if not _first_start(container) or age(case, container) >= due or failed(case, probe) is not None:
        return False
    told = telling(case.log(container).text)
    return told is None or told.weight < ERROR_LEVEL


def _does_not_serve_yet(case: Case, container: Container) -> bool:
    """Whether its readiness probe hears no more than that: nobody listens, a server error, a command that says no."""
    probe = probe_of(container, "readiness")
    fails = failed(case, probe) if probe else None
    if fails is None:
        return False
    return fails.failure in (Failure.REFUSED, Failure.COMMAND) or fails.status >= 500


def _calm(told: Telling) -> bool:
    """Whether the log neither tells of trouble nor ends with a word of waiting for something else."""
    return told.weight == 0 and _WAITS.search(told.line) is None


def granted(case: Case, probe: Probe) -> bool:
    """Whether this is the startup probe of a first run that still has time: what it hears so far is no fault."""
    within = age(case, probe.container) < timedelta(seconds=probe.allows)
    return probe.kind == "startup" and within and not probe.container.restarts


def starts_in_time(case: Case, pod: Pod) -> bool:
    """Whether all that a pod lacks is a start for which a startup probe still grants the time."""
    unready = [one for one in pod.main_containers if not one.ready]
    return bool(unready) and all(_may_take_longer(case, one) for one in unready)


def _may_take_longer(case: Case, container: Container) -> bool:
    probe = probe_of(container, "startup") if container.running_since else None
    return probe is not None and container.status.get("started") is not True and granted(case, probe)


def coming_up(case: Case, pod: Pod) -> bool:
    """Whether a pod is young, and nothing has gone wrong in it yet."""
    calm = all(one.waiting in ("", "ContainerCreating", "PodInitializing") for one in pod.containers)
    young = pod.created is not None and case.now - pod.created < YOUNG
    return young and calm and not any(one.restarts for one in pod.main_containers)


def _names_trouble(case: Case, container: Container) -> bool:
    """Whether its readiness command says in words why it is not ready, and not only that."""
    probe = probe_of(container, "readiness")
    fails = failed(case, probe) if probe and probe.handler == "exec" else None
    if fails is None or fails.failure is not Failure.COMMAND or fails.unheard:
        return False
    return bool(fails.said) and _COMES_UP.search(fails.said) is None


def _first_start(container: Container) -> bool:
    """Whether it is in its first run and has never been ready: the pod would have lost that since its start."""
    begun, lost = container.running_since, container.pod.ready_since
    return begun is not None and not container.restarts and not (lost and lost - begun > SLACK)


def early(case: Case, pod: Pod) -> str:
    """How a clause about a pod that is not ready goes on while its program is young; else empty."""
    unready = [one for one in pod.main_containers if one.running_since and not one.ready]
    ran = max((age(case, one) for one in unready), default=EARLY)
    doubt = ran < EARLY and all(_first_start(one) for one in unready)
    return f"; it has run for {span(ran)} only" if doubt else ""


def unheard(case: Case, pod: Pod) -> Probe | None:
    """The readiness probe that a pod which runs has not passed, where no event tells how it fails; None otherwise."""
    unready = [one for one in pod.main_containers if not one.ready]
    probes = [probe for one in unready if one.running_since and (probe := probe_of(one, "readiness"))]
    silent = len(probes) == len(unready) and not any(failed(case, probe) for probe in probes)
    return probes[0] if probes and silent else None


def without_doubt(clause: str) -> str:
    """A clause without what `early` says: beside a cause nobody waits for a pod to start."""
    return _DOUBTED.sub("", clause)
