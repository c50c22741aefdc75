"""Jobs and CronJobs (classes 118–120).

Of a CronJob the newest Job counts: an earlier failure followed by a success is history, and so is a failed try of
a Job that completed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from explainers import kinds
from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.classes import cases
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.plans.made_again import once_it_answers, once_mended
from explainers.diagnosis.plans.resuming import then_resumed
from explainers.diagnosis.rules import admission, held_jobs, long_runs, suspended
from explainers.diagnosis.rules.changed_runs import with_what_changed
from explainers.diagnosis.rules.crashes import explained
from explainers.diagnosis.rules.next_runs import changed_since
from explainers.diagnosis.rules.next_tries import SAID_BY_ITSELF, since_then
from explainers.diagnosis.rules.short_deadlines import too_late
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.given_up import was_evicted
from explainers.diagnosis.views.indexes import failed_indexes, runs_anew, tries_of_index
from explainers.diagnosis.views.pods import Json, dicts, dig, number, table, text
from explainers.diagnosis.views.runs import completed
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref, ref_of
from explainers.operations.config import CreateServiceAccount
from explainers.operations.objects import ObjectChange
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, Logs
from explainers.patterns import pattern
from explainers.plan import Plan, Step
from explainers.selectors import query

LINGERS = timedelta(seconds=60)
"""How long a helper may go on after the program before it looks as if it stays."""
_HELPER = pattern(r"proxy|istio|linkerd|envoy|sidecar|agent|collector|exporter|fluent|filebeat|vault|consul", re.I)
FAILURES = frozenset({57, 58, 61})
"""Classes that say only that the program failed: for a Job that is class 118."""


def _newest(case: Case) -> Json:
    """The Job that counts: the target itself, or the newest of a CronJob; empty for other targets."""
    if text(case.workload, "kind") == "Job":
        return {**case.workload, "kind": "Job"}
    jobs = case.jobs if text(case.workload, "kind") == "CronJob" else []
    return jobs[0] if jobs else {}


def _condition(job: Json, kind: str) -> Json:
    found = (one for one in dicts(job, "status", "conditions") if one.get("type") == kind)
    return next((one for one in found if one.get("status") == "True"), {})


def _told_by(case: Case) -> Json:
    """The Job that tells how a CronJob does: the newest, or while that is still at work the one before."""
    newest = _newest(case)
    if case.target.kind != "CronJob" or _over(newest) or completed(newest) or _ending(case, newest):
        return newest
    return case.jobs[1] if len(case.jobs) > 1 else newest


def _over(job: Json) -> Json:
    """The condition of a Job that has failed for good, or an empty object."""
    return _condition(job, "Failed") or _condition(job, "FailureTarget")


def failed(case: Case) -> Iterable[Finding]:
    """118: the Job has failed for good, or fails again and again."""
    job = _told_by(case)
    if not job or completed(job):
        return
    over, ending = _over(job), _ending(case, job)
    found = _why(case, job, over, ending)
    yield from (changed_since(case, job, one) for one in found) if over else found


def _why(case: Case, job: Json, over: Json, ending: Ending | None) -> Iterator[Finding]:
    if over.get("reason") == "DeadlineExceeded":
        last = cause.clause if ending and (cause := next(explained(ending), None)) else ""
        yield too_late(case, job, over, last, _told(case, job, over))
    elif ending:
        yield from _because(case, job, over, ending)
    elif over:
        yield _without_pods(case, job, over)


def _ending(case: Case, job: Json) -> Ending | None:
    """The newest container of the Job that ended with an error."""
    pods = [pod for pod in case.all_pods if pod.owner == ref_of(job) and not pod.terminating and not was_evicted(pod)]
    newest = sorted(pods, key=lambda pod: text(pod.object, "metadata", "creationTimestamp"), reverse=True)
    for pod in newest:
        for container in pod.containers:
            if number(container.last_end, "exitCode") != 0:
                return Ending(case, container, ref_of(job), 1)
    return None


def _because(case: Case, job: Json, over: Json, ending: Ending) -> Iterator[Finding]:
    found = next(explained(ending), None)
    if found is None:
        return
    tries, most = number(job, "status", "failed"), dig(job, "spec", "backoffLimit")
    counted = tries if over or tries else max(1, ending.container.restarts)
    which = ""
    if not over and (of_index := tries_of_index(job, ending.container.pod)):
        counted, most, which = of_index[0], of_index[1], f" of index {of_index[2]}"
    of = "" if over else f" of {most + 1 if isinstance(most, int) else 7}"
    left = not isinstance(most, int) or counted <= most
    going = "" if over else " so far, and it tries again" if left and case.target == ref_of(job) else " so far"
    said = f"{counted}{of} {'try' if counted == 1 and over else 'tries'}{which} failed{going}"
    indexes = failed_indexes(job) if over else ""
    said = f"{indexes}; {said}" if indexes else said
    run = (
        ""
        if case.target == ref_of(job)
        else f"its last run `{ref_of(job).name}` {'failed' if over else 'tries again'}: "
    )
    number_ = 118 if found.number in FAILURES else found.number
    news = since_then(ending) if found.number == SAID_BY_ITSELF else None
    plan = _of_next_runs(case, ending, found)
    if number_ == 118:
        plan = _again(case, job, ending, bool(over), found, news[0] if news else "")
    init = "init " if ending.container.init else ""
    made = replace(
        found,
        number=number_,
        clause=f"{run}{said}, {init}{found.clause}{f'; since then {news[0]}' if news else ''}",
        evidence=(*_told(case, job, over), *found.evidence, *(news[1:] if news else ())),
        plan=then_resumed(case, plan),
        confidence=Confidence.SURE if over else Confidence.LIKELY,
        since=moment(over.get("lastTransitionTime")) or found.since,
        about=cases.INDEXED if number_ == 118 and indexes else None if number_ == 118 else found.about,
    )
    if number_ == 118 and over:
        made = with_what_changed(case, job, made)
    first_try = not over and counted <= 1 and (_runs_again(case, job) or (number_ == 118 and most != 0))
    yield replace(made, benign=True) if first_try else made


def _runs_again(case: Case, job: Json) -> bool:
    """Whether another try is running now."""
    running = [pod for pod in case.all_pods if pod.owner == ref_of(job) and pod.phase == "Running" and pod.ready]
    return bool(running)


def _told(case: Case, job: Json, over: Json) -> tuple[Evidence, ...]:
    if not over:
        return (Evidence(str(ref_of(job)), f"status.failed {number(job, 'status', 'failed')}"),)
    said = f"condition Failed, {text(over, 'reason')}: {text(over, 'message')}"
    return (Evidence(str(ref_of(job)), said, ago(case.now, moment(over.get("lastTransitionTime")))),)


def _of_next_runs(case: Case, ending: Ending, found: Finding) -> Plan:
    """What repairs the runs to come: the CronJob's template can be changed where its Job's cannot."""
    above = case.workload_ref
    if above is None or above.kind != "CronJob":
        return found.plan
    again = next(explained(replace(ending, blame=above)), found)
    return again.plan


def _again(case: Case, job: Json, ending: Ending, over: bool, found: Finding, news: str) -> Plan:
    """A Job's template cannot be changed: see why, then make it again, once no try is left. A CronJob makes its own.
    `news` says what has been mended since."""
    if _stands_elsewhere(found.plan):
        return Plan(found.plan.steps, found.plan.alternatives if over else ())
    ref, pod = ref_of(job), ending.container.pod
    log = Logs(pod.namespace, pod.name, ending.container.name, previous=not ending.container.terminated)
    spec = case.workload_ref or ref
    scheduled = spec.kind == "CronJob"
    told = next((step.why for step in found.plan.steps if isinstance(step.operation, Get)), "the spec to correct")
    why = told + ("; the next run is made of it" if scheduled else "; a Job is made again to run again")
    makes = f"make room for the corrected Job of the same name{runs_anew(job)}"
    room = Step(Delete(kinds.JOB, ref.namespace, ref.name), makes)
    look = Step(log, "what the program wrote before it ended")
    correct = Step(Get(spec.type, spec.namespace, spec.name), why)
    rest = (room,) if over and not scheduled else ()
    if rest and news and (anew := once_mended(case, news)):
        return Plan(anew, (look, correct, *rest))
    unchanged = once_it_answers(ending) if rest else ()
    return Plan((look, *unchanged), (correct, *rest)) if unchanged else Plan((look, correct), rest)


def _stands_elsewhere(plan: Plan) -> bool:
    """Whether what is to be corrected is a ConfigMap or Secret, which is no part of the Job's template."""
    kinds_of = [getattr(step.operation, "kind", None) for step in plan.steps]
    return bool(kinds_of) and all(one in (kinds.CONFIG_MAP, kinds.SECRET) for one in kinds_of)


def _without_pods(case: Case, job: Json, over: Json) -> Finding:
    """Failed, and its pods are gone with their logs."""
    ref = ref_of(job)
    seen = case.find(kinds.POD, query(table(job, "spec", "selector"))).ok
    pods = "are gone" if seen else "may not be seen"
    said = f"job `{ref.name}` has failed ({text(over, 'reason')}: {text(over, 'message')}), and its pods {pods}"
    why = "the spec to correct; a Job is made again to run again"
    if text(job, "spec", "template", "spec", "restartPolicy") == "OnFailure":
        why += ", and with `restartPolicy: Never` its failed pods stay, with their logs"
    plan = Plan((Step(Get(ref.type, ref.namespace, ref.name), why),))
    since = moment(over.get("lastTransitionTime"))
    return Finding(118, ref, Layer.WORKLOAD, said, _told(case, job, over), plan, Confidence.LIKELY, since)


def no_pods(case: Case) -> Iterable[Finding]:
    """119: the Job may not create its pods."""
    job = _newest(case)
    if not job or completed(job) or _condition(job, "Failed") or number(job, "status", "active"):
        return
    ref = ref_of(job)
    events = case.events(ref)
    refused = next((event for event in events if event.get("reason") == "FailedCreate"), None)
    made = next((event for event in events if event.get("reason") == "SuccessfulCreate"), None)
    if refused is None or (made and event_time(made) >= event_time(refused)):
        return
    since = moment(refused.get("firstTimestamp")) or moment(event_time(refused))
    told = admission.Told(text(refused, "message"), f"event FailedCreate of {ref}", since, ref)
    found = next(iter(admission.judged(case, told)), None)
    if found is None:
        words = told.words.removeprefix("Error creating: ")
        found = Finding(119, ref, Layer.NEEDS, words, (told.evidence(case),), since=since)
    yield replace(
        found,
        number=119,
        clause=f"job `{ref.name}` cannot create its pods: {found.clause}",
        plan=_allowed(case, found),
    )


def _allowed(case: Case, found: Finding) -> Plan:
    """The plan of the cause, unless it would change the Job's template, which nobody can."""
    if found.number == 104 and found.subject.kind == kinds.SERVICE_ACCOUNT.name:
        account = CreateServiceAccount(case.namespace, found.subject.name)
        return Plan((Step(account, "create the account; the Job tries again by itself", "the job gets its pod"),))
    fixed = [step for step in found.plan.steps if not _touches_job(step)]
    if fixed or case.workload_ref is None:
        return Plan(tuple(fixed), found.plan.alternatives)
    return Plan((remedies.read_spec(case.workload_ref),))


def _touches_job(step: Step) -> bool:
    return isinstance(step.operation, ObjectChange) and step.operation.kind == kinds.JOB


def no_jobs(case: Case) -> Iterable[Finding]:
    """100–107, and 119 for other words: the CronJob may not create its Jobs."""
    if case.target.kind != "CronJob" or dig(case.workload, "spec", "suspend") is True:
        return
    events = case.events(case.target)
    refused = next((event for event in events if event.get("reason") == "FailedCreate"), None)
    made = max((text(job, "metadata", "creationTimestamp") for job in case.jobs), default="")
    if refused is None or made >= event_time(refused):
        return
    since = moment(refused.get("firstTimestamp")) or moment(event_time(refused))
    told = admission.Told(text(refused, "message"), f"event FailedCreate of {case.target}", since, case.target)
    plain = Finding(119, case.target, Layer.NEEDS, told.words, (told.evidence(case),), since=since)
    found = next(iter(admission.judged(case, told)), plain)
    yield replace(found, clause=f"none of its Jobs can be created: {found.clause}")


def cron_job_rests(case: Case) -> Iterable[Finding]:
    """120: the CronJob is suspended, or starts no Job although one is due."""
    cron = case.workload
    if text(cron, "kind") != "CronJob" or case.target.kind != "CronJob":
        return
    ref = case.target
    if dig(cron, "spec", "suspend") is True:
        yield suspended.suspended(case, ref)
        return
    events = case.events(ref)
    newest = next((event for event in events if event.get("reason") in ("JobAlreadyActive", "MissSchedule")), None)
    last = text(cron, "status", "lastScheduleTime")
    if never_due(text(cron, "spec", "schedule")):
        yield _never(case, ref)
    if newest is None or event_time(newest) <= last:
        return
    if newest.get("reason") == "JobAlreadyActive":
        yield from long_runs.blocked(case, ref, newest)
    else:
        yield _missed(case, ref, newest)


def kept_alive(case: Case) -> Iterable[Finding]:
    """118: the program has ended well, and the Job waits for another container of its pod, which may never end.

    That is told; it is a fault where that container is a helper by its name.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#jobs-with-sidecar-containers
    """
    job = _newest(case)
    pod = next((one for one in case.pods if job and one.owner == ref_of(job) and one.phase == "Running"), None)
    if pod is None or completed(job) or _over(job):
        return
    done = [one for one in pod.main_containers if one.terminated and number(one.terminated, "exitCode") == 0]
    left = [one for one in pod.main_containers if one.running_since]
    ends = [end for one in done if (end := moment(one.terminated.get("finishedAt")))]
    if not left or not ends or len(done) + len(left) < len(pod.main_containers) or case.now - max(ends) < LINGERS:
        return
    helpers, names = all(_HELPER.search(one.name) for one in left), ", ".join(f"`{one.name}`" for one in left)
    clause = (
        f"container `{done[-1].name}` has ended with exit code 0 {ago(case.now, max(ends))}, and the job completes "
        f"only when {names} of the same pod {'ends' if len(left) == 1 else 'end'} too"
    )
    seen = Evidence(f"pod {pod.name}", f"{len(done)} of {len(pod.main_containers)} containers ended; running: {names}")
    ref = ref_of(job)
    why = (
        "make it again with that container as a native sidecar (an init container with restartPolicy Always), which "
        "ends with the others"
    )
    plan = Plan((Step(Get(ref.type, ref.namespace, ref.name), why),))
    yield Finding(118, ref, Layer.WORKLOAD, clause, (seen,), plan, Confidence.LIKELY, max(ends), benign=not helpers)


def job_waits(case: Case) -> Iterable[Finding]:
    """A suspended Job is no fault: somebody, or a queue, holds it back."""
    if case.target.kind == "Job" and dig(case.workload, "spec", "suspend") is True and not completed(case.workload):
        said = "it is suspended (`spec.suspend: true`), so it runs nothing until it is resumed"
        seen = Evidence(str(case.target), "spec.suspend true")
        yield Finding(120, case.target, Layer.WORKLOAD, said, (seen,), benign=True, about=cases.SUSPENDED_JOB)
    yield from held_jobs.held(case, _newest(case))


def never_due(schedule: str) -> bool:
    """Whether a schedule names only days that its months do not have, such as 30 February."""
    fields = schedule.split()
    if len(fields) != 5 or not fields[2].isdecimal() or not fields[3].isdecimal() or fields[4] not in ("*", "?"):
        return False
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    return int(fields[2]) > longest.get(int(fields[3]), 31)


def _never(case: Case, ref: Ref) -> Finding:
    schedule = text(case.workload, "spec", "schedule")
    said = f"its schedule `{schedule}` names a day that the month does not have, so it is never due"
    return Finding(120, ref, Layer.WORKLOAD, said, (Evidence(str(ref), f"spec.schedule {schedule}"),),
                   Plan((remedies.read_spec(ref),)))  # fmt: skip


def _missed(case: Case, ref: Ref, event: Json) -> Finding:
    deadline = dig(case.workload, "spec", "startingDeadlineSeconds")
    short = isinstance(deadline, int) and timedelta(seconds=deadline) < timedelta(seconds=10)
    why = f"; its `startingDeadlineSeconds: {deadline}` is shorter than the 10 s between two checks" if short else ""
    said = f"it missed its schedule `{text(case.workload, 'spec', 'schedule')}`{why}"
    row = Evidence(f"event MissSchedule of {ref}", text(event, "message"), ago(case.now, moment(event_time(event))))
    body = {"spec": {"startingDeadlineSeconds": None}}
    back = {"spec": {"startingDeadlineSeconds": deadline}}
    change = Patch(ref.type, ref.namespace, ref.name, body, "merge", back)
    steps = (Step(change, "start late rather than never", "the next run starts"),) if short else ()
    return Finding(120, ref, Layer.WORKLOAD, said, (row,), Plan(steps or (remedies.read_spec(ref),)))


RULES: tuple[Rule, ...] = (failed, kept_alive, no_pods, no_jobs, job_waits, cron_job_rests, long_runs.piling_up)
