"""The pods that a selector matches: all of them whole or, where a case is sparing, no more than tells them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explainers import kinds
from explainers.diagnosis.views.earlier import Rollout, rollout
from explainers.diagnosis.views.pods import Json, Pod
from explainers.diagnosis.views.replicas import groups, ready_of_several
from explainers.diagnosis.views.rows import rows_of
from explainers.diagnosis.views.serving import maker, ready_endpoints
from explainers.diagnosis.views.uniform import complete, of_one_template
from explainers.operations.reads import Get, Rows
from explainers.selectors import query

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case


def read_pods(case: Case, selector: Json) -> list[Pod]:
    """The pods that a selector of the target matches; what matches everything selects nothing here."""
    if not selector:
        return []
    labels = query(selector)
    if not case.sparing:
        return _whole(case, labels)
    slices = case.slices(case.object) if case.target.kind == "Service" else []
    made_by = _maker(case, slices)
    if made_by and (found := rollout(made_by, [case.object] if case.target.kind == "Service" else case.services)):
        return _in_rollout(case, found, labels)
    if made_by and complete(made_by.object):
        # of what a target only calls no restarts are looked for where its Deployment says that it never lacked a pod
        called = len(case.trail) > 1 and made_by.object.get("kind") == "Deployment"
        told = of_one_template(ready_endpoints(slices), made_by.object, case.now) if called else None
        if told is None:
            (printed,) = case.ask(Rows(kinds.POD, case.namespace, labels))
            told = of_one_template(rows_of(printed) or [], made_by.object, case.now)
        if told is not None:
            return told
    ready = ready_of_several(case.object, slices)
    return _whole(case, labels) if ready is None else _alike(case, labels, ready)


def _maker(case: Case, slices: Sequence[Json]) -> Case | None:
    """The target, or the workload that made all pods behind these endpoints of it."""
    if case.target.kind != "Service":
        return case
    made_by = maker(slices, case.namespace)
    return case.follow(made_by) if made_by and case.selects(case.get(made_by.type, made_by.name).object) else None


def _in_rollout(case: Case, found: Rollout, labels: str) -> list[Pod]:
    of_newest = found.of_newest(labels)
    several = found.updated > 1
    newest = _alike(case, of_newest, found.ready, one_template=True) if several else _whole(case, of_newest)
    serving = found.serving(labels, newest)
    return newest + serving if serving is not None else _whole(case, labels)


def _whole(case: Case, labels: str) -> list[Pod]:
    return [Pod(pod) for pod in case.find(kinds.POD, labels).items]


def _alike(case: Case, labels: str, ready: int, *, one_template: bool = False) -> list[Pod]:
    """The pods with these labels, of those that look alike one whole."""
    (rows,) = case.ask(Rows(kinds.POD, case.namespace, labels))
    alike = groups(rows, ready, case.object, one_template=one_template)
    read = case.ask(*(Get(kinds.POD, case.namespace, name) for name in alike.rows)) if alike else ()
    if alike and all(answer.ok for answer in read):
        return alike.pods([answer.object for answer in read], case.now)
    return _whole(case, labels)
