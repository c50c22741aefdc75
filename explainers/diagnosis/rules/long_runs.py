"""Runs of a CronJob that keep the next ones from starting, or that pile up because they do not end (class 120)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, event_time
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import tail
from explainers.diagnosis.logs.progress import at_work
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, number, table, text
from explainers.diagnosis.views.runs import completed
from explainers.diagnosis.when import ago, moment, span
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, Logs
from explainers.plan import Plan, Step
from explainers.selectors import query

LONGER = 3
"""So many times as long as any run before one may take, and at least this long."""
LEAST = timedelta(minutes=5)
MANY = 3
"""So many runs at once are more than two that overlap."""


def blocked(case: Case, ref: Ref, event: Json) -> Iterator[Finding]:
    """A run goes on, and by `Forbid` no other starts till it has ended: a fault where it hangs, else only a fact."""
    running = [job for job in case.jobs if number(job, "status", "active")]
    if text(case.workload, "spec", "concurrencyPolicy") != "Forbid" or not running:
        return
    job = ref_of(running[-1])
    began = moment(dig(running[-1], "status", "startTime"))
    ran = case.now - began if began else timedelta()
    pods = [pod for pod in case.all_pods if pod.owner == job]
    words = [line for pod in pods[:1] for one in pod.main_containers[:1] if one.ran
             for line in tail(case.log(one).text, 1)]  # fmt: skip
    ends = f"; its log ends with: {words[0]}" if words else ""
    evidence = (
        Evidence(f"event JobAlreadyActive of {ref}", text(event, "message"), ago(case.now, moment(event_time(event)))),
        Evidence(str(job), f"active for {span(ran) if began else 'some time'}"),
        *(Evidence(f"log of {pods[0].name}", f"ends with: {one}") for one in words),
    )
    before = _longest(case.jobs)
    works, moves = bool(pods) and all(map(_runs, pods[:1])), bool(pods) and _moves(case, pods[0])
    longer = before is not None and ran > max(LEAST, LONGER * before)
    if works and began and not longer and (moves or (before is not None and ran <= LONGER * before)):
        yield _at_work(case, ref, job, span(ran), ends, evidence)
    else:
        sure = Confidence.LIKELY if moves else Confidence.SURE
        yield _hangs(ref, job, span(ran) if began else "some time", ends, evidence, pods, sure, began)


def _at_work(case: Case, ref: Ref, job: Ref, ran: str, ends: str, evidence: tuple[Evidence, ...]) -> Finding:
    schedule = text(case.workload, "spec", "schedule")
    said = (
        f"its run `{job.name}` is at work, for {ran}; its runs take longer than its schedule `{schedule}` leaves "
        f"between two, and by `concurrencyPolicy: Forbid` the next starts after that{ends}"
    )
    return Finding(120, ref, Layer.WORKLOAD, said, evidence, benign=True)


def _hangs(
    ref: Ref, job: Ref, ran: str, ends: str, evidence: tuple[Evidence, ...], pods: list[Pod], sure: Confidence,
    began: datetime | None,
) -> Finding:  # fmt: skip
    said = f"its run `{job.name}` has not ended for {ran}, and by `concurrencyPolicy: Forbid` no other starts till then"
    look = [_log_step(pod) for pod in pods[:1]] or [Step(Get(kinds.JOB, job.namespace, job.name), "the run that hangs")]
    end = Step(Delete(kinds.JOB, job.namespace, job.name), "end the hanging run; the next starts when it is due")
    return Finding(120, ref, Layer.WORKLOAD, said + ends, evidence, Plan((*look, end)), sure, since=began)


def piling_up(case: Case) -> Iterator[Finding]:
    """120: by `Allow` every run starts, and none ends: a fault where they take far longer than any before, or where
    none has ever ended and the log tells of no work; else only a fact."""
    ref, active = case.target, dicts(case.workload, "status", "active")
    if ref.kind != kinds.CRON_JOB.name or len(active) < MANY or dig(case.workload, "spec", "suspend") is True:
        return
    if text(case.workload, "spec", "concurrencyPolicy") not in ("", "Allow"):
        return
    oldest = _oldest(case, text(active[0], "name"))
    began, won = moment(dig(oldest, "status", "startTime")), moment(dig(case.workload, "status", "lastSuccessfulTime"))
    ran = case.now - began if began else timedelta()
    if not began or ran <= LEAST:
        return
    before = _longest(_every_run(case))
    if ran <= LONGER * (before or timedelta()) or (won and won > began and not before):
        return
    found = case.find(kinds.POD, query(table(oldest, "spec", "selector"))).items
    pods = [pod for pod in map(Pod, found) if _runs(pod)][:1]
    works = before is None and any(_moves(case, pod) for pod in pods)
    words = [line for pod in pods for one in pod.main_containers[:1] for line in tail(case.log(one).text, 1)]
    none = "none has ever ended well" if not won else f"the last success is {ago(case.now, won)}"
    clause = (
        f"{len(active)} of its runs go on at once, the oldest for {span(ran)}, and {none}; by `concurrencyPolicy: "
        f"Allow` each time of its schedule `{text(case.workload, 'spec', 'schedule')}` adds one"
    )
    rows = (
        Evidence(str(ref), f"status.active: {len(active)} runs"),
        Evidence(str(ref_of(oldest, kinds.JOB.name)), f"active for {span(ran)}"),
        *(Evidence(f"log of {pods[0].name}", f"ends with: {line}") for line in words),
    )
    clause += f"; its log ends with: {words[0]}" if words else ""
    sure = Confidence.SURE if before else Confidence.LIKELY
    plan = Plan() if works else _one_at_a_time(case, ref, ref_of(oldest, kinds.JOB.name), pods)
    yield Finding(120, ref, Layer.WORKLOAD, clause, rows, plan, sure, began, benign=works, about=cases.PILING_UP)


def _oldest(case: Case, name: str) -> Json:
    """The run that went on first; of many only the youngest have been read."""
    read = next((job for job in case.jobs if text(job, "metadata", "name") == name), None)
    return read or case.get(kinds.JOB, name).object


def _every_run(case: Case) -> list[Json]:
    """All that are kept, those that have ended among them, which the youngest of many are not."""
    uid = text(case.workload, "metadata", "uid")
    return [
        job for job in case.find(kinds.JOB).items
        if any(owner.get("uid") == uid for owner in dicts(job, "metadata", "ownerReferences"))
    ]  # fmt: skip


def _one_at_a_time(case: Case, ref: Ref, oldest: Ref, pods: list[Pod]) -> Plan:
    was = dig(case.workload, "spec", "concurrencyPolicy")
    forth, back = ({"spec": {"concurrencyPolicy": each}} for each in ("Forbid", was))
    change = Patch(ref.type, ref.namespace, ref.name, forth, "merge", back)
    look = [_log_step(pod) for pod in pods]
    only = Step(change, "start no other while one goes on; those that hang must still be ended", "no more are added")
    end = Step(Delete(kinds.JOB, oldest.namespace, oldest.name), "end the oldest run, and the others that hang like it")
    return Plan((*look, only, end))


def _runs(pod: Pod) -> bool:
    return pod.phase == "Running" and all(one.running_since or one.terminated for one in pod.main_containers)


def _moves(case: Case, pod: Pod) -> bool:
    return any(at_work(case.stamped_log(one), case.now) for one in pod.main_containers if one.running_since)


def _longest(jobs: list[Json]) -> timedelta | None:
    """How long the longest of these runs took that has ended well; None without any."""
    ends = ((moment(dig(job, "status", "startTime")), moment(dig(job, "status", "completionTime")))
            for job in jobs if completed(job))  # fmt: skip
    return max((end - start for start, end in ends if start and end), default=None)


def _log_step(pod: Pod) -> Step:
    name = pod.main_containers[0].name if pod.main_containers else ""
    return Step(Logs(pod.namespace, pod.name, name, tail=100), "what the hanging run does")
