"""Jobs and CronJobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.controllers.schedules import next_after
from bot.sandbox.jsonish import Object, Objects, copied, dig, parse_timestamp, timestamp
from bot.sandbox.refusals import RefusalError
from bot.sandbox.world import World, after, condition, earliest, is_active, is_ready, owner_reference, pod_from

_JOB, _CRON = "job-controller", "cronjob-controller"
_UID, _NAME = "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"
_FIRST, _LAST = 10.0, 600.0


@dataclass
class Jobs:
    """Runs pods until enough of them succeed or too many fail."""

    world: World
    _retry: dict[str, datetime] = field(default_factory=dict)

    def sync(self, namespace: str) -> datetime | None:
        """Sync every Job of a namespace."""
        jobs = self.world.store.all("batch", "jobs", namespace)
        return earliest(*(self._sync_one(job) for job in jobs if not job["metadata"].get("deletionTimestamp")))

    def _sync_one(self, job: Object) -> datetime | None:
        if _ended(job):
            return self._expire(job)
        if not dig(job, "spec", "selector"):
            job = self._label(job)
        pods = self.world.owned("", "pods", job)
        active = [pod for pod in pods if is_active(pod)]
        failed = sum(1 for pod in pods if dig(pod, "status", "phase") == "Failed")
        done = sum(1 for pod in pods if dig(pod, "status", "phase") == "Succeeded")
        restarts = sum(_restarts(pod) for pod in active)
        now, spec = self.world.now(), job["spec"]
        started = dig(job, "status", "startTime")
        limit = spec.get("activeDeadlineSeconds")
        deadline = after(parse_timestamp(started), limit) if limit and started else None
        wake = None
        if deadline and now >= deadline:
            self._finish(job, "Failed", "DeadlineExceeded", "Job was active longer than specified deadline", active)
        elif failed > spec["backoffLimit"] or (restarts > spec["backoffLimit"] > 0):
            self._finish(job, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit", active)
        elif done >= spec["completions"]:
            self._finish(job, "Complete", "CompletionsReached", "Reached expected number of succeeded pods", [])
        elif spec.get("suspend"):
            for pod in active:
                self.world.delete(pod)
        else:
            wake = self._fill(job, len(active), done, failed)
        self._count(job)
        return earliest(wake, deadline)

    def _label(self, job: Object) -> Object:
        body, meta = copied(job), job["metadata"]
        labels = {_UID: meta["uid"], _NAME: meta["name"], "controller-uid": meta["uid"], "job-name": meta["name"]}
        body["spec"]["selector"] = {"matchLabels": {_UID: meta["uid"]}}
        body["spec"]["template"].setdefault("metadata", {}).setdefault("labels", {}).update(labels)
        body["metadata"].setdefault("labels", {}).update(labels)
        return self.world.store.update("batch", "jobs", body)

    def _fill(self, job: Object, active: int, done: int, failed: int) -> datetime | None:
        now, uid = self.world.now(), job["metadata"]["uid"]
        wanted = min(job["spec"]["parallelism"], job["spec"]["completions"] - done) - active
        if wanted <= 0:
            return None
        key = f"{uid}/{failed}"
        due = self._retry.setdefault(key, after(now, min(_FIRST * 2 ** (failed - 1), _LAST) if failed else 0.0))
        if now < due:
            return due
        for _ in range(wanted):
            try:
                pod = self.world.create("", "pods", pod_from(job["spec"]["template"], job))
            except RefusalError as refusal:
                text = f"Error creating: {refusal.message}"
                self.world.tell(job, "FailedCreate", text, _JOB, warning=True)
                self._retry[key] = after(now, _FIRST)
                return self._retry[key]
            self.world.tell(job, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", _JOB)
        return None

    def _finish(self, job: Object, kind: str, reason: str, message: str, active: Objects) -> None:
        for pod in active:
            self.world.delete(pod)
        stamp = self.world.stamp()
        first = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
        times = {"lastProbeTime": stamp, "lastTransitionTime": stamp}
        conditions = [
            {"type": name, "status": "True", "reason": reason, "message": message, **times} for name in (first, kind)
        ]
        status = dig(job, "status", default={}) | {"conditions": conditions}
        if kind == "Complete":
            status["completionTime"] = stamp
        self.world.set_status("batch", "jobs", job, status)
        if kind == "Complete":
            self.world.tell(job, "Completed", "Job completed", _JOB)
        else:
            self.world.tell(job, reason, message, _JOB, warning=True)

    def _count(self, job: Object) -> None:
        job = self.world.store.get("batch", "jobs", job["metadata"]["namespace"], job["metadata"]["name"])
        pods = self.world.owned("", "pods", job)
        active = [pod for pod in pods if is_active(pod)]
        status = dig(job, "status", default={})
        kept = {key: status[key] for key in ("conditions", "completionTime", "startTime") if key in status}
        kept.setdefault("startTime", timestamp(self.world.now()))
        counts = {
            "active": len(active),
            "succeeded": sum(1 for pod in pods if dig(pod, "status", "phase") == "Succeeded"),
            "failed": sum(1 for pod in pods if dig(pod, "status", "phase") == "Failed"),
        }
        kept |= {key: value for key, value in counts.items() if value}
        ready = sum(map(is_ready, active))
        self.world.set_status(
            "batch", "jobs", job, kept | {"ready": ready, "terminating": 0, "uncountedTerminatedPods": {}}
        )

    def _expire(self, job: Object) -> datetime | None:
        seconds = dig(job, "spec", "ttlSecondsAfterFinished")
        if seconds is None:
            return None
        due = after(parse_timestamp(dig(job, "status", "conditions")[-1]["lastTransitionTime"]), seconds)
        if self.world.now() >= due:
            self.world.delete(job)
            return None
        return due


def _ended(job: Object) -> bool:
    conditions = dig(job, "status", "conditions", default=[])
    return any(condition(conditions, kind).get("status") == "True" for kind in ("Complete", "Failed"))


def _restarts(pod: Object) -> int:
    if dig(pod, "spec", "restartPolicy") != "OnFailure":
        return 0
    return sum(status.get("restartCount", 0) for status in dig(pod, "status", "containerStatuses", default=[]))


@dataclass(frozen=True)
class CronJobs:
    """Creates a Job at every moment of a schedule."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Sync every CronJob of a namespace."""
        return earliest(*map(self._sync_one, self.world.store.all("batch", "cronjobs", namespace)))

    def _sync_one(self, cron: Object) -> datetime | None:
        now, status = self.world.now(), dig(cron, "status", default={})
        jobs = self.world.owned("batch", "jobs", cron)
        since = parse_timestamp(status.get("lastScheduleTime") or cron["metadata"]["creationTimestamp"])
        due = None if dig(cron, "spec", "suspend") else next_after(dig(cron, "spec", "schedule"), since)
        running = [job for job in jobs if not _ended(job)]
        if due and due <= now:
            if not (running and dig(cron, "spec", "concurrencyPolicy") == "Forbid"):
                self._start(cron, due)
                running = [job for job in self.world.owned("batch", "jobs", cron) if not _ended(job)]
            status = status | {"lastScheduleTime": timestamp(due)}
        self._see(cron, jobs)
        self._clean(cron, jobs)
        ends = [end for job in jobs if (end := dig(job, "status", "completionTime"))]
        if ends:
            status = status | {"lastSuccessfulTime": max(ends)}
        active = [_reference(job) for job in running]
        status = {key: value for key, value in status.items() if key != "active"}
        self.world.set_status("batch", "cronjobs", cron, status | ({"active": active} if active else {}))
        return next_after(dig(cron, "spec", "schedule"), now) if due else None

    def _start(self, cron: Object, due: datetime) -> None:
        template, meta = dig(cron, "spec", "jobTemplate"), cron["metadata"]
        name = f"{meta['name']}-{int(due.timestamp() // 60)}"
        if self.world.store.find("batch", "jobs", meta["namespace"], name):
            return
        own = {
            "name": name,
            "namespace": meta["namespace"],
            "labels": dict(dig(template, "metadata", "labels", default={})),
            "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": timestamp(due)},
            "ownerReferences": [owner_reference(cron)],
        }
        body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": own, "spec": copied(template["spec"])}
        self.world.create("batch", "jobs", body)
        self.world.tell(cron, "SuccessfulCreate", f"Created job {name}", _CRON)

    def _see(self, cron: Object, jobs: Objects) -> None:
        seen = {item["name"] for item in dig(cron, "status", "active", default=[])}
        for job in jobs:
            name = job["metadata"]["name"]
            if name in seen and _ended(job):
                kind = "Complete" if condition(dig(job, "status", "conditions"), "Complete") else "Failed"
                self.world.tell(cron, "SawCompletedJob", f"Saw completed job: {name}, condition: {kind}", _CRON)

    def _clean(self, cron: Object, jobs: Objects) -> None:
        for kind, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            done = [job for job in jobs if condition(dig(job, "status", "conditions", default=[]), kind)]
            done.sort(key=lambda job: str(job["metadata"]["creationTimestamp"]))
            for job in done[: max(len(done) - dig(cron, "spec", limit, default=3), 0)]:
                self.world.delete(job)


def _reference(job: Object) -> Object:
    meta = job["metadata"]
    place = {"namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}
    return {"apiVersion": "batch/v1", "kind": "Job", **place}
