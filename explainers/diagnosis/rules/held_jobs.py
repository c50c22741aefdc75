"""Jobs that run nothing by their own spec (classes 119 and 120): none at a time, or left to another controller.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#delegation-of-managing-a-job-object-to-external-controller
"""

from collections.abc import Iterator
from datetime import timedelta

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.made_again import made_again
from explainers.diagnosis.views.pods import Json, dicts, dig, number, table, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

BUILT_IN = "kubernetes.io/job-controller"
UNTOUCHED = timedelta(seconds=30)
"""So long any controller may take to notice a Job."""
_RUNS = "its pods are made at once"


def held(case: Case, job: Json) -> Iterator[Finding]:
    """One field of a Job, the target or the newest run of a CronJob, explains why it makes no pods."""
    status = table(job, "status")
    told = [one for one in dicts(status, "conditions") if one.get("type") != "Suspended"]
    ended = any(one.get("status") == "True" for one in told)
    if not job or ended or number(status, "active"):
        return
    if dig(job, "spec", "suspend") is True:
        yield from _born_suspended(case, job)
        return
    by = text(job, "spec", "managedBy")
    if by not in ("", BUILT_IN):
        yield from _left_to(case, job, by)
    elif dig(job, "spec", "parallelism") == 0:
        yield _none_at_a_time(case, job)


def _born_suspended(case: Case, job: Json) -> Iterator[Finding]:
    """Each run of a CronJob is made suspended, and none was ever resumed; a queue may mean to do that."""
    template, made = table(case.workload, "spec", "jobTemplate"), moment(text(job, "metadata", "creationTimestamp"))
    ref, cron = ref_of(job), case.target
    born = cron.kind == kinds.CRON_JOB.name and dig(template, "spec", "suspend") is True
    if not born or text(case.workload, "status", "lastSuccessfulTime") or not made or case.now - made < UNTOUCHED:
        return
    queued = [key for key in table(template, "metadata", "labels") if "queue" in key]
    clause = (
        f"each of its runs is made suspended (`spec.jobTemplate.spec.suspend: true`), and the newest, `{ref.name}`, "
        "has waited since it was made"
    )
    clause += f"; by its label `{queued[0]}` a queue is to resume it" if queued else ""
    seen = (Evidence(str(cron), "spec.jobTemplate.spec.suspend true"),
            Evidence(str(ref), "spec.suspend true", ago(case.now, made)))  # fmt: skip
    forth, back = ({"spec": {"suspend": each}} for each in (False, True))
    of = [{"spec": {"jobTemplate": one}} for one in (forth, back)]
    runs = Patch(kinds.CRON_JOB, ref.namespace, cron.name, of[0], "merge", of[1])
    steps = (
        Step(runs, "let the next runs begin by themselves", "the next run makes its pod"),
        Step(Patch(ref.type, ref.namespace, ref.name, forth, "merge", back), f"resume `{ref.name}`", _RUNS),
    )
    plan = Plan((Step(Get(ref.type, ref.namespace, ref.name), "whether the queue takes it"),), steps)
    yield Finding(
        120, cron, Layer.WORKLOAD, clause, seen, plan if queued else Plan(steps), Confidence.LIKELY, made,
        about=cases.SUSPENDED_JOB,
    )  # fmt: skip


def _none_at_a_time(case: Case, job: Json) -> Finding:
    ref, forth, back = ref_of(job), {"spec": {"parallelism": 1}}, {"spec": {"parallelism": 0}}
    change = Patch(ref.type, ref.namespace, ref.name, forth, "merge", back)
    steps: tuple[Step, ...] = (Step(change, "let it run one pod at a time", _RUNS),)
    if case.target.kind == kinds.CRON_JOB.name:
        of = [{"spec": {"jobTemplate": one}} for one in (forth, back)]
        runs = Patch(kinds.CRON_JOB, ref.namespace, case.target.name, of[0], "merge", of[1])
        steps = (Step(runs, "let the next runs have one pod at a time", "the next run makes its pod"), *steps)
    said = "`spec.parallelism: 0`, so it runs nothing until that is raised"
    clause = f"it has {said}" if ref == case.target else f"its run `{ref.name}` has {said}"
    seen = (Evidence(str(ref), "spec.parallelism 0"),)
    return Finding(120, ref, Layer.WORKLOAD, clause, seen, Plan(steps), Confidence.LIKELY, about=cases.NONE_AT_A_TIME)


def _left_to(case: Case, job: Json, by: str) -> Iterator[Finding]:
    ref, made = ref_of(job), moment(text(job, "metadata", "creationTimestamp"))
    if table(job, "status") or (made and case.now - made < UNTOUCHED):
        return
    it = "it is" if ref == case.target else f"its run `{ref.name}` is"
    clause = f"{it} left to the controller `{by}` (`spec.managedBy`), which has not touched it"
    seen = (
        Evidence(str(ref), f"spec.managedBy {by}", ago(case.now, made)),
        Evidence(str(ref), "status is empty: no controller has begun it"),
    )
    look = Step(Get(ref.type, ref.namespace, ref.name), f"if `{by}` is meant, it must run in this cluster: look for it")
    why = "if it is not meant, make the Job again without it, since the field cannot be changed"
    again = made_again(case, {}, why, _RUNS, without=("managedBy",)) if ref == case.target else _next_runs(case, by)
    plan = Plan((look,), again)
    yield Finding(119, ref, Layer.NEEDS, clause, seen, plan, Confidence.LIKELY, made, about=cases.MANAGED_BY)


def _next_runs(case: Case, by: str) -> tuple[Step, ...]:
    cron: Ref = case.target
    forth, back = ({"spec": {"jobTemplate": {"spec": {"managedBy": each}}}} for each in (None, by))
    change = Patch(cron.type, cron.namespace, cron.name, forth, "merge", back)
    return (Step(change, "if it is not meant, leave the next runs to Kubernetes", "the next run makes its pod"),)
