"""A ServiceAccount that is asked about: what its rights and its pull secrets do to the workloads that run as it
(classes 42, 43, 109, 110)."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.views.pods import Json, number, table, text
from explainers.kinds import ref_of

ABOUT = frozenset({42, 43, 109, 110})
"""Classes that a ServiceAccount has a part in."""
MOST = 3
"""Workloads that are looked at, those that are not well first."""


def of_its_workloads(case: Case) -> Iterator[Finding]:
    """What the workloads lack that run as the account."""
    if case.target.kind != "ServiceAccount" or len(case.trail) > 1 or not case.object:
        return
    mine = [one for one in case.whole_workloads if _account(one) == case.target.name]
    yield from at_once(partial(_of, case, workload) for workload in sorted(mine, key=_is_well)[:MOST])


def _of(case: Case, workload: Json) -> Iterator[Finding]:
    from explainers.diagnosis.engine import findings_of  # the engine runs rules, this rule runs the engine

    ref = ref_of(workload)
    for found in findings_of(case.follow(ref)):
        if found.number in ABOUT and not found.benign and found.confidence is not Confidence.POSSIBLE:
            yield replace(found, clause=f"{ref.kind} `{ref.name}`, which runs as it, fails: {found.clause}")


def _account(workload: Json) -> str:
    return text(workload, "spec", "template", "spec", "serviceAccountName") or "default"


def _is_well(workload: Json) -> tuple[bool, str]:
    status = table(workload, "status")
    ready = number(status, "readyReplicas") or number(status, "numberReady")
    wanted = number(status, "desiredNumberScheduled") or number(workload, "spec", "replicas")
    return ready >= wanted, text(workload, "metadata", "name")


RULES: tuple[Rule, ...] = (of_its_workloads,)
