"""Containers that end: which ones, how each ended, in whose name, and the log of that very run.

A crash loop caught between two crashes looks like any running container; the restart count, the last state and the
log of the run before still tell.
"""

import signal
from dataclasses import dataclass
from datetime import datetime, timedelta

from explainers.diagnosis.case import PREVIOUS_TAIL, Case, event_time
from explainers.diagnosis.logs.lines import Telling, clean, lines_of, tail, telling
from explainers.diagnosis.logs.summaries import summed_up
from explainers.diagnosis.logs.words import UNREADABLE
from explainers.diagnosis.views.exit_codes import SIGNALLED, in_words
from explainers.diagnosis.views.given_up import was_evicted
from explainers.diagnosis.views.loops import worked_first
from explainers.diagnosis.views.mended import mended
from explainers.diagnosis.views.pods import Container, Json, Pod, number, table, text
from explainers.diagnosis.views.revisions import Revisions, recent_change, told_change
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.reads import Logs

SETTLED = timedelta(minutes=10)
"""A restart longer ago than this is history."""
OUTLASTED = timedelta(seconds=30)
"""So long a run at least, and three times the run before, shows that the container got over its crash."""
NO_PROGRAM = (126, 127)
"""Exit codes of a shell that could not run its command."""
SLACK = timedelta(seconds=5)
"""Runs that end for the same reason may differ by this much; times are in whole seconds."""
FAILS_TO_START = frozenset({"RunContainerError", "CreateContainerError", "StartError"})
NOT_STARTED = frozenset({"StartError", "ContainerCannotRun"})
_MAKING = frozenset({"ContainerCreating", "PodInitializing", ""})

WITH_ITS_NODE = frozenset({"Unknown", "ContainerStatusUnknown"})
"""Reasons of an end that nobody saw: the node or its container runtime ended, and took the container with it.

Sources: containerd/internal/cri/server/restart.go (exit code 255), k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go (137)
"""


@dataclass(frozen=True)
class Ending:
    """One container that ends when it should not. `blame` is the workload (or bare pod) to change,
    `alike` how many of its pods show the same."""

    case: Case
    container: Container
    blame: Ref
    alike: int

    @property
    def code(self) -> int:
        return number(self.container.last_end, "exitCode")

    @property
    def start_error(self) -> str:
        """The container runtime's words when it could not start the command; else empty."""
        if self.container.waiting in FAILS_TO_START:
            return self.container.message
        return text(self.container.last_end, "message") if _reason(self.container) in NOT_STARTED else ""

    @property
    def told(self) -> Telling | None:
        """The telling line of the run that ended last; raises Missing until its log is read."""
        return telling(last_log(self.case, self.container).text)

    @property
    def tells(self) -> tuple[Telling, ...]:
        """The telling line, and behind it the lines that it only sums up."""
        told = self.told
        return (told, *summed_up(last_log(self.case, self.container).text, told)) if told else ()

    def saying(self, line: str) -> tuple[Evidence, ...]:
        """What the log says, and the line that says the cause where that is another one than the telling line."""
        if self.told and self.told.line == line:
            return self.log_evidence
        return (Evidence(source_of(self.case, self.container, line), line), *self.log_evidence)

    @property
    def last_word(self) -> str:
        """What the program itself left as the reason of its end, where its log does not tell one; else empty.

        It writes that to `/dev/termination-log`; with FallbackToLogsOnError the kubelet copies the end of the log.
        Source: https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
        """
        return last_word(self.container, _log_of_run(self.case, self.container).text)

    @property
    def change(self) -> Revisions | None:
        """The last change of the workload, when it is recent."""
        return recent_change(self.case) if self.case.workload_ref == self.blame else None

    @property
    def worked(self) -> bool:
        """Whether it worked on the revision of now before it began to end; too little memory may show only later."""
        here = self.case.workload_ref == self.blame and not oom_stated(self.container)
        return here and worked_first(self.case, self.container, last_run(self.container))

    @property
    def came_with(self) -> Revisions | None:
        """The last change, when the fault may have come with it."""
        return None if self.worked else self.change

    @property
    def since(self) -> datetime | None:
        """When the fault began: with the change that it came with, else not known here."""
        return self.came_with.made if self.came_with else None

    @property
    def outlasted(self) -> timedelta | None:
        """How long a ready container runs again that has already run clearly longer than the time before; else None."""
        since, ran = self.container.running_since, last_run(self.container)
        now = self.case.now - since if since and self.container.ready else None
        return now if now and ran is not None and now - ran > SLACK else None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """How it ended, and what changed before."""
        row, change = last_end_of(self.case, self.container), self.came_with
        return (row, told_change(self.case, change)) if change else (row,)

    @property
    def log_evidence(self) -> tuple[Evidence, ...]:
        """The telling line, with its place, or the program's last word, or that the log is empty."""
        if word := self.last_word:
            return (Evidence(source_of(self.case, self.container, word), word),)
        answer = last_log(self.case, self.container)
        if not readable(answer):
            return ()
        told = telling(answer.text)
        if told is None:
            return (Evidence(log_source(self.container), "the log is empty"),)
        place = f" ({told.place})" if told.place else ""
        rows = [Evidence(log_source(self.container) + place, told.line)]
        last = " · ".join(tail(answer.text, 2))
        return (*rows, Evidence(log_source(self.container), f"ends with: {last}")) if told.place else tuple(rows)


def last_end_of(case: Case, container: Container) -> Evidence:
    """How a container ended last, and how often."""
    finished = moment(text(container.last_end, "finishedAt"))
    again = f", {restarts(container)}" if container.restarts else ""
    kind = "init container" if container.init else "container"
    how = meaning(container.last_end) if container.last_end else f"not started yet: {container.waiting or 'waits'}"
    said = f"{kind} {container.name}: {how}{again}"
    return Evidence(f"pod {container.pod.name}", said, ago(case.now, finished))


def ended_with_its_node(container: Container) -> bool:
    """Whether its last end was none of its own: its node or the container runtime went, and took it along."""
    return _reason(container) in WITH_ITS_NODE


def endings(case: Case, init: bool) -> list[Ending]:
    """The containers that end, the newest unready pod's first; of several pods with the same trouble one is shown.

    Pods of Jobs that have finished are history: rules/jobs.py judges those.
    """
    ready = [pod for pod in case.pods if pod.ready]
    found: dict[str, list[Container]] = {}
    for pod in [*(pod for pod in case.unready_pods if not _history(pod) and not was_evicted(pod)), *ready]:
        for container in pod.containers:
            if container.init is init and not container.sidecar and in_trouble(case, container):
                found.setdefault(container.name, []).append(container)
    return [_ending(case, same) for same in found.values()]


def _ending(case: Case, same: list[Container]) -> Ending:
    """The first of several, and how many pods there are with it."""
    return Ending(case, same[0], blame(case, same[0].pod), sum(case.alike(one.pod) for one in same))


def _history(pod: Pod) -> bool:
    """Whether this is a finished try of a Job, which may have had another since."""
    return pod.finished and pod.owner is not None and pod.owner.kind == "Job"


def in_trouble(case: Case, container: Container) -> bool:
    """Whether this container ended, waits to be started again, or did so lately that its fault may still be there."""
    if container.waiting in FAILS_TO_START or container.waiting in ("CrashLoopBackOff", "PostStartHookError"):
        return True
    if container.terminated:
        return number(container.terminated, "exitCode") != 0 or _must_run(container)
    return unsettled(case, container)


def _must_run(container: Container) -> bool:
    """Whether the kubelet starts a container again that ends without an error: a sidecar as long as the pod works."""
    if not container.init:
        return restarts_always(container.pod)
    return container.sidecar and not all(one.terminated for one in container.pod.main_containers)


def unsettled(case: Case, container: Container) -> bool:
    """Whether a running container may be in a loop: it ended lately, and this run has not clearly outlasted that."""
    finished, since = moment(text(container.last_end, "finishedAt")), container.running_since
    if ended_with_its_node(container):
        return False
    if not (container.restarts and finished and since) or case.now - finished > SETTLED:
        return False
    lately = case.now - since < max(OUTLASTED, 3 * (last_run(container) or timedelta()))
    return lately and not well_again(case, container)


def well_again(case: Case, container: Container) -> bool:
    """Whether the kubelet ended it once for its liveness probe, which has been asked since and has not failed."""
    watched = container.ready and container.restarts and table(container.spec, "livenessProbe")
    return bool(watched) and mended(container, events_about(case, container), case.now, killed_for(case, container))


def last_run(container: Container) -> timedelta | None:
    """How long the run lasted that ended last; None where that is not known, 0 for one that never started."""
    if _reason(container) in NOT_STARTED:
        return timedelta()
    begun, done = (moment(text(container.last_end, key)) for key in ("startedAt", "finishedAt"))
    return done - begun if begun and done and done >= begun else None


def crashes(case: Case, container: Container) -> bool:
    """Whether it runs only until it ends with an error of its own, so that no probe tells more than its log: 143 and
    137 are how the kubelet ends one."""
    of_kubelet = (SIGNALLED + signal.SIGTERM, SIGNALLED + signal.SIGKILL)
    return number(container.last_end, "exitCode") not in (0, *of_kubelet) and in_trouble(case, container)


def restarts(container: Container) -> str:
    """`1 restart`, `5 restarts`"""
    return f"{container.restarts} restart{'' if container.restarts == 1 else 's'}"


def restarts_always(pod: Pod) -> bool:
    """Whether the kubelet restarts its containers however they end."""
    return (text(pod.spec, "restartPolicy") or "Always") == "Always"


def blame(case: Case, pod: Pod) -> Ref:
    """What has to be changed: the workload, the Job of a batch pod, or the pod itself when nothing owns it."""
    owner = pod.owner
    if owner and owner.kind == "Job":
        return owner
    return case.workload_ref or case.top_owner(pod.object) or pod.ref


def never_began(pod: Pod) -> bool:
    """Whether none of its containers has ever been started, and the kubelet does not say why not in their states."""
    return all(one.waiting in _MAKING and not one.ran for one in pod.containers)


def pod_events(case: Case, pod: Pod) -> list[Json]:
    """The events about this very pod, newest first: another one of the same name has another uid."""
    uid = text(pod.object, "metadata", "uid")
    return [event for event in case.events(pod.ref) if text(event, "involvedObject", "uid") in (uid, "")]


def events_about(case: Case, container: Container) -> list[Json]:
    """The events about one container, newest first."""
    return [
        event
        for event in pod_events(case, container.pod)
        if text(event, "involvedObject", "fieldPath").endswith(f"{{{container.name}}}")
    ]


def killed_for(case: Case, container: Container) -> str:
    """`liveness`, `startup` or `postStart` when the kubelet itself ended the last run; empty otherwise, as where a
    shell did not find its next command: that ends by itself, and its probe or hook fails as well.

    Asks for events only where the container has such a probe or hook.
    """
    spec = container.spec
    hooks = table(spec, "lifecycle", "postStart")
    if not (spec.get("livenessProbe") or spec.get("startupProbe") or hooks):
        return ""
    if number(container.last_end, "exitCode") in NO_PROGRAM:
        return ""
    started, again = text(container.last_end, "startedAt"), bool(hooks) and _never_started(container)
    for event in events_about(case, container):
        said = text(event, "message")
        told_before = again and "PostStartHook" in said  # told of a run before: the kubelet tells of the same seldom
        if text(event, "reason") == "Killing" and (event_time(event) >= started or told_before):
            if "liveness probe" in said or "startup probe" in said:
                return "startup" if "startup" in said else "liveness"
            if "PostStartHook" in said:
                return "postStart"
    return ""


def _never_started(container: Container) -> bool:
    """Whether its runs end as the kubelet ends one, and its hook has never let it start."""
    by_kubelet = (0, SIGNALLED + signal.SIGKILL, SIGNALLED + signal.SIGTERM)
    ended = number(container.last_end, "exitCode") in by_kubelet and not oom_stated(container)
    return ended and container.status.get("started") is not True


def kubelet_may_end(case: Case, container: Container) -> bool:
    """Whether the kubelet may have ended the last run for a probe or hook, and the events that would say so cannot
    be read."""
    spec = container.spec
    watched = spec.get("livenessProbe") or spec.get("startupProbe") or table(spec, "lifecycle", "postStart")
    if not watched:
        return False
    return not case.ask(case.events_of(container.pod.ref))[0].ok


def meaning(end: Json) -> str:
    """A terminated state in words: `exit code 139: SIGSEGV, invalid memory access`."""
    code = number(end, "exitCode")
    if text(end, "reason") == "OOMKilled":
        return f"exit code {code}, OOMKilled: over its memory limit"
    if text(end, "reason") in NOT_STARTED:
        return f"exit code {code}: the container runtime could not start the command"
    if text(end, "reason") in WITH_ITS_NODE:
        return f"exit code {code}: ended with its node or the node's container runtime"
    said = in_words(code)
    return f"exit code {code}: {said}" if said else f"exit code {code}"


def coded(code: int) -> str:
    """An exit code in the middle of a sentence: `exit code 139 (SIGSEGV, invalid memory access)`."""
    said = in_words(code)
    return f"exit code {code} ({said})" if said else f"exit code {code}"


def last_log(case: Case, container: Container) -> Answer:
    """What the run that ended last said: its log, and behind it what it left as the reason of its end, where the log
    does not tell one; raises Missing until the log is read."""
    answer = _log_of_run(case, container)
    if not last_word(container, answer.text):
        return answer
    return Answer(200, "\n".join([*lines_of(answer.text), text(container.last_end, "message")]))


def last_word(container: Container, log: str) -> str:
    """The telling line of a termination message, where the log of that run does not tell more; else empty."""
    message = "" if _reason(container) in NOT_STARTED else text(container.last_end, "message")
    said, logged = telling(message), telling(log)
    return said.line if said and not (logged and logged.weight) and said.line not in log else ""


def source_of(case: Case, container: Container, line: str) -> str:
    """Where a line of `last_log` comes from, for an evidence row."""
    log = _log_of_run(case, container).text
    left = last_word(container, log) and line in [clean(one) for one in lines_of(text(container.last_end, "message"))]
    return f"termination message of {container.pod.name}/{container.name}" if left else log_source(container)


def _log_of_run(case: Case, container: Container) -> Answer:
    """The log of the run that ended last.

    Of a container that runs again that is the previous run. Of one that waits or has just ended it is the current
    one or, if it was restarted since the pod was read, the previous one: what says nothing is read the other way.
    Status 400 and 404 mean that there is no log (never started, or removed).
    """
    if container.running_since:
        answer = case.log(container, previous=True)
        if readable(answer):
            return answer
        current = case.log(container)  # thrown away because this run, too, has ended since the pod was read
        told = telling(current.text)
        return current if told and told.weight else answer
    pod = container.pod
    (answer,) = case.ask(Logs(pod.namespace, pod.name, container.name, not container.terminated, PREVIOUS_TAIL))
    if lines_of(answer.text) or not container.restarts:
        return answer
    (other,) = case.ask(Logs(pod.namespace, pod.name, container.name, bool(container.terminated), PREVIOUS_TAIL))
    return other if lines_of(other.text) else answer


def readable(answer: Answer) -> bool:
    """Whether this is a log, be it an empty one: the kubelet answers 200 for logs that it has thrown away, too."""
    return answer.ok and not UNREADABLE.match(answer.text)


def log_source(container: Container) -> str:
    """Where the log of the run that ended last is read, for an evidence row."""
    which = "log" if container.terminated else "previous log"
    return f"{which} of {container.pod.name}/{container.name}"


def _reason(container: Container) -> str:
    return text(container.last_end, "reason")


def oom_stated(container: Container) -> bool:
    """Whether the kubelet says OOMKilled, of the last end or the one before."""
    states = [table(container.status, state, "terminated") for state in ("state", "lastState")]
    return any(text(state, "reason") == "OOMKilled" for state in states)
