"""The pods that a selector matches: all of them whole or, where a case is sparing, no more than tells them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from explainers import kinds
from explainers.diagnosis.views.earlier import Rollout, rollout
from explainers.diagnosis.views.given_up import NOT_GIVEN_UP, given_up_behind, living, look_early, newest_and_oldest
from explainers.diagnosis.views.pods import Json, Pod, table, text
from explainers.diagnosis.views.replicas import MOST, endpoints_of, groups, ready_of, ready_of_several
from explainers.diagnosis.views.rows import OF_ONE, Row, known_by, rows_of
from explainers.diagnosis.views.serving import makers, ready_endpoints
from explainers.diagnosis.views.uniform import (
    CONTROLLER_HASH,
    complete,
    made_by,
    modelled,
    never_lacked,
    of_one_template,
)  # fmt: skip
from explainers.operations.reads import Get, List, Rows, continued
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
    look_early(case, labels)
    slices = case.slices(case.object) if case.target.kind == "Service" else []
    by = _makers(case, slices)
    only = by[0] if len(by) == 1 else None
    if only and (found := rollout(only, [case.object] if case.target.kind == "Service" else case.services)):
        return _in_rollout(case, found, labels)
    owner, workloads = only.object if only else case.object, [one.object for one in by]
    if workloads and all(map(complete, workloads)):
        # of what a target only calls no restarts are looked for where it says itself that it never lacked a pod
        called = len(case.trail) > 1 and all(map(never_lacked, workloads))
        told = _of_templates(ready_endpoints(slices), workloads, case.now) if called else None
        told = _well_but(case, workloads, labels, living(owner)) if told is None else told
        if told is not None:
            return told
    several = ready_of_several(owner, slices)
    if several is None:
        return _first(case, owner, labels, ready_of(owner, slices), endpoints_of(slices))
    return _alike(case, owner, labels, several)


def whole_ones(case: Case, pods: Sequence[Pod]) -> list[Pod]:
    """These pods whole: of those that are only known to be there one of each template is read."""
    labels = sorted({query({"matchLabels": one.labels}) for one in pods if not one.whole})
    read = case.ask(*(List(kinds.POD, case.namespace, one, limit=1) for one in labels))
    return [*(one for one in pods if one.whole), *(Pod(item) for answer in read for item in answer.items)]


def first_pods(case: Case, labels: str) -> List:
    """The operation that reads the pods with these labels where there should be a few."""
    return List(kinds.POD, case.namespace, labels, limit=MOST)


def _first(case: Case, owner: Json, labels: str, ready: int, there: int) -> list[Pod]:
    """A few pods and, behind a Service, perhaps those that were given up before: then rows tell which are read."""
    if owner.get("kind") != "Service" or there > MOST:
        return _whole(case, labels, living(owner))
    (page,) = case.ask(first_pods(case, labels))
    return _alike(case, owner, labels, ready) if continued(page) else [Pod(one) for one in page.items]


def _makers(case: Case, slices: Sequence[Json]) -> list[Case]:
    """The target, or the few workloads that made all pods behind these endpoints of it; none where that is not known,
    or not the whole truth."""
    if case.target.kind != "Service":
        return [case]
    named = makers(slices, case.namespace)
    if len(named) > MOST:
        return []
    found = [case.follow(ref) for ref in named if case.selects(case.get(ref.type, ref.name).object)]
    return found if len(found) == len(named) else []


def _well_but(case: Case, workloads: Sequence[Json], labels: str, fields: str) -> list[Pod] | None:
    """The pods of workloads that count only those that are well, by their rows; what else is left of earlier ones,
    ended or about to go, is read. None where some are not well, or another's."""
    (printed,) = case.ask(Rows(kinds.POD, case.namespace, labels, fields))
    rows = rows_of(printed) or []
    told = _of_templates([row for row in rows if row.serves], workloads, case.now)
    left = [row.name for row in rows if not row.serves]
    if told is None or len(left) > MOST:
        return None
    read = [Pod(one.object) for one in case.ask(*(Get(kinds.POD, case.namespace, name) for name in left)) if one.ok]
    return [*read, *told] if all(pod.finished or pod.terminating for pod in read) else None


def _of_templates(rows: Sequence[Row], workloads: Sequence[Json], now: datetime) -> list[Pod] | None:
    """The pods of workloads from their rows; None where one has to be read, or is another's."""
    found = [of_one_template([row for row in rows if made_by(row, one)], one, now) for one in workloads]
    told = [pod for pods in found if pods for pod in pods]
    return told if told and all(found) and len(told) == len(rows) else None


def _in_rollout(case: Case, found: Rollout, labels: str) -> list[Pod]:
    of_newest = found.of_newest(labels)
    several = found.updated > 1
    newest = (
        _alike(case, case.object, of_newest, found.ready, one_template=True)
        if several
        else _first(case, case.object, of_newest, found.ready, found.updated)
    )
    serving = found.serving(labels, newest)
    return newest + serving if serving is not None else _whole(case, labels, living(case.object))


def _whole(case: Case, labels: str, fields: str = "") -> list[Pod]:
    return [Pod(pod) for pod in case.find(kinds.POD, labels, fields).items]


def _alike(case: Case, owner: Json, labels: str, ready: int, *, one_template: bool = False) -> list[Pod]:
    """The pods with these labels, of those that look alike one whole. `owner` says that so many are ready."""
    fields = living(owner)
    (printed,) = case.ask(Rows(kinds.POD, case.namespace, labels, fields))
    rows = rows_of(printed)
    gone = given_up_behind(case, labels, rows) if rows and owner.get("kind") == "Service" else []
    ended, names = newest_and_oldest(case, gone), {row.name for row in gone}
    left = rows and [row for row in rows if row.name not in names]
    alike = groups(left, ready, owner, one_template=one_template)
    read = case.ask(*(Get(kinds.POD, case.namespace, name) for name in alike.rows)) if alike else ()
    if alike and all(answer.ok for answer in read):
        return [*ended, *alike.pods([answer.object for answer in read], case.now)]
    told = None if alike else _ill_ones(case, owner, left or (), ready)
    return [*ended, *(_whole(case, labels, NOT_GIVEN_UP if gone else fields) if told is None else told)]


def _ill_ones(case: Case, owner: Json, rows: Sequence[Row], ready: int) -> list[Pod] | None:
    """The pods of a StatefulSet or DaemonSet that is between two templates, nobody knows with which: those that are
    not well are read, and the others told by its own. None where that does not tell them all."""
    well = [row for row in rows if row.well and made_by(row, owner)]
    ill = [row.name for row in rows if row not in well]
    if owner.get("kind") not in OF_ONE or len(well) != ready or not well or len(ill) > MOST:
        return None
    made = (text(owner, "kind"), text(owner, "metadata", "name"))
    model = modelled(case.namespace, made, table(owner, "spec", "template"), (CONTROLLER_HASH, ""))
    read = case.ask(*(Get(kinds.POD, case.namespace, name) for name in ill))
    whole = [Pod(one.object) for one in read if one.ok]
    known = [Pod(known_by(row, model, case.now), whole=False) for row in well]
    return [*whole, *known] if len(whole) == len(ill) else None
