"""Jobs whose program asks for an index that only an Indexed Job gives; and where the spec of a run is corrected."""

import json
from typing import Any

import pytest

from explainers.diagnosis.model import Finding
from explainers.diagnosis.plans.databases import look
from explainers.diagnosis.rules.jobs import failed
from explainers.kinds import Ref
from tests.unit.clusters import Json, thing
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_runs_that_fail import OVER, ended, job

UNSET = "/app/run.sh: line 6: JOB_COMPLETION_INDEX: parameter not set"
LOAD, RUN, SYNC = Ref("Job", "shop", "load"), Ref("Job", "shop", "sync-2"), Ref("CronJob", "shop", "sync")


def told(log: str = UNSET, **spec: Any) -> Finding:
    over = job("load", "11:58:00", {"failed": 5, "conditions": OVER})
    over["spec"] |= spec
    reading = Reading(over, ended("load"), logs={"shop/load-1/app": log})
    (one,) = reading.see(lambda case: [*failed(case)], LOAD)
    return one


def of_schedule() -> Reading:
    """A run of a CronJob that failed for that."""
    run = job("sync-2", "11:58:00", {"failed": 5, "conditions": OVER})
    owner = {"kind": "CronJob", "name": "sync", "uid": "uid-CronJob-sync", "controller": True}
    run["metadata"]["ownerReferences"] = [owner]
    made = {"jobTemplate": {"spec": {"template": run["spec"]["template"]}}}
    cron = thing("CronJob", "sync", spec={"schedule": "* * * * *", **made}, status={})
    return Reading(cron, run, ended("sync-2"), logs={"shop/sync-2-1/app": UNSET})


@pytest.mark.parametrize(("completions", "made"), [({}, 1), ({"completions": 3}, 3)])
def test_a_job_whose_program_needs_an_index_is_made_again_with_indexes(completions: Json, made: int) -> None:
    one = told(**completions)
    assert "a Job sets it only with `completionMode: Indexed`, and this one is `NonIndexed`" in one.clause
    remove, make = (step.operation.line() for step in one.plan.steps)
    assert remove.endswith("delete job load")
    spec = json.loads(make.partition("<<'EOF'\n")[2].removesuffix("\nEOF"))["spec"]
    assert spec.get("completionMode") == "Indexed"
    assert spec.get("completions", 1) == made


def test_an_indexed_one_and_another_variable_are_told_as_ever() -> None:
    assert "NonIndexed" not in told(completionMode="Indexed", completions=2).clause
    assert "NonIndexed" not in told(UNSET.replace("JOB_COMPLETION_INDEX", "SHARD")).clause


def test_the_next_runs_of_a_schedule_get_indexes() -> None:
    (one,) = of_schedule().see(lambda case: [*failed(case)], SYNC)
    (step,) = one.plan.steps
    assert step.operation.line().startswith("kubectl -n shop patch cronjob/sync")
    assert '{"spec":{"jobTemplate":{"spec":{"completionMode":"Indexed","completions":1}}}}' in step.operation.line()


@pytest.mark.parametrize("target", [SYNC, RUN])
def test_what_a_run_was_told_is_corrected_in_its_cron_job(target: Ref) -> None:
    step = of_schedule().see(lambda case: look(case, RUN, None, "shop"), target)
    assert step.operation.line() == "kubectl -n shop get cronjob sync -o yaml"
    assert step.why.endswith("its next run is made of it")


def test_of_a_job_of_its_own_it_is_said_that_it_must_be_made_again() -> None:
    reading = Reading(job("load", "11:58:00", {"failed": 5, "conditions": OVER}))
    step = reading.see(lambda case: look(case, LOAD, None, "shop"), LOAD)
    assert step.operation.line() == "kubectl -n shop get job load -o yaml"
    assert step.why.endswith("the template of a Job cannot be changed, so it is made again")
