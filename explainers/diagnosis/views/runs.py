"""The Jobs that a CronJob made. Four of each CronJob are kept by default, so where a namespace holds many Jobs their
rows are read first, and whole only the youngest that bear the CronJob's name.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainers import kinds
from explainers.diagnosis.views.pods import Json, condition, dicts, text
from explainers.diagnosis.views.rows import age_of, cells_of
from explainers.operations.base import Answer
from explainers.operations.reads import FEW, Get, Rows, continued, everything, few

if TYPE_CHECKING:
    from explainers.diagnosis.case import Case


def runs(case: Case) -> list[Json]:
    """The newest Jobs of the CronJob that is the target's workload, newest first."""
    (page,) = case.ask(few(kinds.JOB, case.namespace))
    found = _youngest(case) if continued(page) else page.items
    uid = text(case.workload, "metadata", "uid")
    made = [
        {**job, "kind": "Job"}
        for job in found
        if any(owner.get("uid") == uid for owner in dicts(job, "metadata", "ownerReferences"))
    ]
    return sorted(made, key=lambda job: text(job, "metadata", "creationTimestamp"), reverse=True)


def telling(jobs: list[Json]) -> list[Json]:
    """The runs whose pods tell how the CronJob does: the newest and, while that is at work, the one before. Of a run
    that completed nobody asks."""
    at_work = jobs and not completed(jobs[0]) and not condition(jobs[0], "Failed")
    return [job for job in jobs[: 2 if at_work else 1] if not completed(job)]


def completed(job: Json) -> bool:
    """Whether a Job has done its work, or is about to be called so."""
    return any(condition(job, kind).get("status") == "True" for kind in ("Complete", "SuccessCriteriaMet"))


def _youngest(case: Case) -> list[Json]:
    (printed,) = case.ask(Rows(kinds.JOB, case.namespace))
    names = _named(printed, text(case.workload, "metadata", "name"))
    if names is None:
        return case.ask(everything(kinds.JOB, case.namespace))[0].items
    return [answer.object for answer in case.ask(*(Get(kinds.JOB, case.namespace, one) for one in names)) if answer.ok]


def _named(printed: Answer, cron_job: str) -> list[str] | None:
    """The youngest Jobs that bear its name and the number that the controller adds; where none does, those that a
    person made of it may have another end."""
    rows = cells_of(printed, {"name", "age"})
    mine = [row for row in rows or () if str(row["name"]).startswith(f"{cron_job}-")]
    mine = [row for row in mine if str(row["name"]).removeprefix(f"{cron_job}-").isdecimal()] or mine
    aged = [(age, str(row["name"])) for row in mine if (age := age_of(row["age"])) is not None]
    return None if rows is None or len(aged) < len(mine) else [name for _, name in sorted(aged)[:FEW]]
