"""What crashing pods read that was written after those that still serve were started; used by rules/crashes.py.

A pod reads its ConfigMaps and Secrets when it starts, so the pods of before go on with what was there then. The
template has no part in that: going back to an earlier one of the same text helps nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding
from explainers.diagnosis.plans.again import read_anew
from explainers.diagnosis.plans.config import keys_of
from explainers.diagnosis.rules.stale import MOST, changed_at
from explainers.diagnosis.views.configuration import KINDS, configuration
from explainers.diagnosis.views.endings import Ending, in_trouble
from explainers.diagnosis.views.pods import Container, Json, Pod, text
from explainers.diagnosis.views.read_pods import whole_ones
from explainers.diagnosis.views.references import Reference, references
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.operations.reads import Get, GetMetadata
from explainers.plan import Plan, Step

OWN = "kube-root-ca.crt"
"""What the cluster itself keeps in every namespace."""
AT_ONCE = timedelta(seconds=2)
"""Times are in whole seconds, and what is written after a pod was made may still be read by it."""


def with_what_changed(ending: Ending, found: Finding) -> Finding:
    """The finding about a crash of pods whose template is that of pods that serve, with what was written in between."""
    pod, well = ending.container.pod, _well(ending.case)
    if not well or ending.change or not pod.created or ending.case.workload_ref != ending.blame:
        return found
    for use, thing, when in _written(ending.case, ending.container, pod.created):
        if not (served := _started_before(ending.case, well, when)):
            continue
        keys = sorted(keys_of(thing))
        key = f" (key `{use.key or keys[0]}`)" if use.key or len(keys) == 1 else ""
        clause = (
            f"{found.clause}; the {use.kind} `{use.name}`{key} was changed {ago(ending.case.now, when)}, after the pod"
            f"{'s that still serve were' if served > 1 else ' that still serves was'} started"
        )
        seen = Evidence(f"{use.kind.lower()} {use.name}", "its data was last written", ago(ending.case.now, when))
        return replace(
            found, clause=clause, evidence=(*found.evidence, seen), plan=_plan(ending, use, found), since=pod.created
        )
    return found


def _written(case: Case, container: Container, made: datetime) -> Iterator[tuple[Reference, Json, datetime]]:
    """What the container reads that is older than its pod, and was written since the workload was made, but before the
    pod was: the newest first."""
    uses = [one for one in references(container.pod.spec) if one.container in ("", container.name) and one.name != OWN]
    began = moment(text(case.workload, "metadata", "creationTimestamp"))
    rows = []
    for (kind, name), answer in configuration(case, uses, MOST).items():
        mine = [one for one in uses if (one.kind, one.name) == (kind, name)]
        timed = [(when, one) for one in mine if (when := changed_at(answer.object, one.key))]
        when, use = max(timed, key=lambda one: one[0], default=(None, None))
        if when and use and began and began < when <= made + AT_ONCE:
            rows.append((use, answer.object, when))
    return iter(sorted(rows, key=lambda row: row[2], reverse=True))


def _well(case: Case) -> list[Pod]:
    """The pods that work."""
    return [one for one in case.pods if one.ready and not any(in_trouble(case, each) for each in one.containers)]


def _started_before(case: Case, well: Sequence[Pod], changed: datetime) -> int:
    """How many of these pods were made before; 0 where that is not known. Of those that look alike one tells."""
    told = [one.created for one in whole_ones(case, well)]
    old = [made for made in told if made and made < changed]
    return len(well) if old and len(old) == len(told) else len(old)


def _plan(ending: Ending, use: Reference, found: Finding) -> Plan:
    """See what it says now; once that is corrected, new pods read it."""
    case = ending.case
    read = (GetMetadata if use.kind == "Secret" else Get)(KINDS[use.kind], case.namespace, use.name)
    look = Step(read, "it was changed before the first pod that crashes was made: see what it says now, and correct it")
    why = "once it is corrected: make new pods, instead of waiting up to five minutes for the next try"
    again = read_anew(case, why, "the new pods start and stay up")
    return Plan((look, *(step for step in found.plan.steps if not step.changes)), again)
