"""Pods that do not come to start their main containers (classes 67, 70–73)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from explainers.diagnosis.case import Case, Rule, event_time
from explainers.diagnosis.logs.lines import clean, telling
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans import remedies
from explainers.diagnosis.rules.crashes import explained
from explainers.diagnosis.rules.hanging import init_hangs, rest_waits
from explainers.diagnosis.rules.killed import ended_by_probe
from explainers.diagnosis.rules.probes import unproven
from explainers.diagnosis.views.absent_services import absent_services, told_absent
from explainers.diagnosis.views.endings import (
    Ending,
    blame,
    crashes,
    endings,
    events_about,
    in_trouble,
    killed_for,
    restarts,
)
from explainers.diagnosis.views.pods import Container, Json, dig, number, table, text
from explainers.diagnosis.views.pods import words as texts
from explainers.diagnosis.views.probe_specs import probe_of
from explainers.diagnosis.views.unshelled import unshelled
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.patterns import pattern
from explainers.plan import Plan, Step

OWN = frozenset({52, 54, 60})
"""Causes that stay what they are in an init container: a variable, a mount in the way, a memory limit."""
_ROOT = (
    (pattern(r"image will run as root"), "its image starts as root"),
    (pattern(r"runAsUser breaks non-root policy"), "its spec says `runAsUser: 0`, which is root"),
    (pattern(r"non-numeric user"), "its image names its user; only a number proves that it is not root"),
)  # fmt: skip
_HOOK_SAID = pattern(r"exited with (\d+): (.*?)(?:, message: |$)", re.DOTALL)
_HOOK_ERROR = pattern(r"failed - error: (.*?)(?:, message: |$)", re.DOTALL)
_SHOWN = 100
"""Characters of a hook's command that a headline shows."""


def root_forbidden(case: Case) -> Iterable[Finding]:
    """67: `runAsNonRoot` is asked for, and the container would be root."""
    seen: set[str] = set()
    for pod in case.unready_pods[:2]:
        for container in pod.containers:
            reason = next((why for pattern, why in _ROOT if pattern.search(container.message)), "")
            if reason and container.name not in seen:
                seen.add(container.name)
                yield _root(case, container, reason)


def _root(case: Case, container: Container, reason: str) -> Finding:
    ref, user = blame(case, container.pod), _ordinary_user(container)
    why = f"run `{container.name}` as user {user}, who is not root"
    fields = {"securityContext": {"runAsUser": user}}
    steps = remedies.change_container(case, ref, container, fields, why, "the container starts")
    said = f"container `{container.name}` must not run as root (`runAsNonRoot: true`), and {reason}"
    seen = Evidence(f"pod {container.pod.name}", f"{container.waiting}: {container.message.partition(' (pod:')[0]}")
    plan = remedies.first_of(steps, remedies.back_step(case, ref), remedies.read_spec(ref))
    return Finding(67, ref, Layer.CONTAINER, said, (seen,), plan)


def _ordinary_user(container: Container) -> int:
    """The user that the rest of the pod runs as, else a customary one."""
    specs = [container.pod.spec, *(other.spec for other in container.pod.containers)]
    users = [dig(spec, "securityContext", "runAsUser") for spec in specs]
    return next((user for user in users if isinstance(user, int) and user > 0), 1000)


def init_crashes(case: Case) -> Iterable[Finding]:
    """70: an init container ends with an error, so that the main containers never start."""
    for ending in endings(case, init=True):
        found = next(explained(ending), None)
        if found:
            said = f"init {found.clause}; until it succeeds, {rest_waits(ending.container.pod)}"
            yield replace(found, number=found.number if found.number in OWN else 70, clause=said)


def sidecar_blocks(case: Case) -> Iterable[Finding]:
    """72: a restartable init container has not started, and everything after it waits."""
    for pod in case.unready_pods[:1]:
        for container in pod.containers:
            if container.sidecar and container.status.get("started") is not True:
                yield from _blocking(case, container)


def _blocking(case: Case, container: Container) -> Iterator[Finding]:
    waits = not any(one.ran for one in container.pod.main_containers)
    so = f"; until it has started, {rest_waits(container.pod)}" if waits else ""
    probe = probe_of(container, "startup")
    tried = container.running_since or container.restarts
    found = unproven(case, probe) if tried and probe and not crashes(case, container) else None
    if found and container.restarts and number(container.last_end, "exitCode") in (0, 137, 143):
        found = replace(found, clause=f"{found.clause}; it is started again and again ({restarts(container)})")
    if not found and in_trouble(case, container):
        ending = Ending(case, container, blame(case, container.pod), 1)
        found = ended_by_probe(ending) or next(explained(ending), None)
    if found:
        clause = found.clause if "container" in found.clause.split("`")[0] else f"container {found.clause}"
        yield replace(found, number=72, clause=clause.replace("container `", "sidecar `", 1) + so)


def hook_fails(case: Case) -> Iterable[Finding]:
    """73: the postStart hook fails, and the kubelet ends the container for it."""
    for ending in endings(case, init=False):
        hook = table(ending.container.spec, "lifecycle", "postStart")
        failed = ending.container.waiting == "PostStartHookError" or killed_for(case, ending.container) == "postStart"
        if hook and failed:
            yield _hook(ending)


def _hook(ending: Ending) -> Finding:
    container = ending.container
    told = _HOOK_SAID.search(container.message) or _HOOK_ERROR.search(container.message)
    whole = told[told.lastindex or 0] if told else ""
    said_last = telling(whole)
    words = f": {said_last.line if said_last else clean(whole)}" if whole.strip() else ""
    absent = absent_services(ending.case, _hook_words(container))
    calls = f"it calls `{absent[0]}`, and there is no service of that name" if absent else ""
    said = (
        f"the postStart hook of container `{container.name}` fails ({_hook_text(container)}{words}), and the kubelet "
        f"ends the container each time{f'; {calls}' if calls else ''}"
    )
    why = "start without the hook; what it was to do must then be done elsewhere, an init container for example"
    drop = remedies.change_container(
        ending.case, ending.blame, container, {"lifecycle": {"postStart": None}}, why, "the container stays up"
    )
    back = remedies.back_step(ending.case, ending.blame)
    look: Step = remedies.read_spec(ending.blame)
    plan = Plan(back, drop) if back else Plan((look,), drop)
    if lacks := unshelled(ending.case, container, _hook_words(container)):
        said += f"; its command is one that {lacks.why}"
        change: Json = {"lifecycle": {"postStart": {"exec": {"command": lacks.command}}}}
        why = "let a shell run it; the image must have one"
        fixed = remedies.change_container(ending.case, ending.blame, container, change, why, "the container stays up")
        plan = Plan(fixed, (*back, *drop)) if fixed else plan
    row = f"its postStart hook{words}" if words else clean(container.message)
    rows = (Evidence(f"pod {container.pod.name}", row),) if told else ()
    rows = (*rows, *_hook_events(ending), *ending.evidence, *told_absent(ending.case, absent[:1]))
    return Finding(73, ending.blame, Layer.CONTAINER, said, rows, plan, since=ending.since)


def _hook_events(ending: Ending) -> tuple[Evidence, ...]:
    """The newest event that says so, where the container's own state does not."""
    if ending.container.waiting == "PostStartHookError":
        return ()
    for event in events_about(ending.case, ending.container):
        if text(event, "reason") == "FailedPostStartHook":
            times = number(event, "count")
            said = f"{text(event, 'message')}{f', {times} times' if times > 1 else ''}"
            source = f"event FailedPostStartHook of pod {ending.container.pod.name}"
            return (Evidence(source, clean(said), ago(ending.case.now, moment(event_time(event)))),)
    return ()


def _hook_words(container: Container) -> list[str]:
    return texts(table(container.spec, "lifecycle", "postStart", "exec"), "command")


def _hook_text(container: Container) -> str:
    hook = table(container.spec, "lifecycle", "postStart")
    if command := " ".join(_hook_words(container)):
        said = clean(command)
        return f"`{said if len(said) <= _SHOWN else f'{said[:_SHOWN]}…'}`"
    action = table(hook, "httpGet") or table(hook, "tcpSocket")
    return f"`{action.get('path') or '/'}` on port {action.get('port')}"


RULES: tuple[Rule, ...] = (root_forbidden, init_crashes, init_hangs, sidecar_blocks, hook_fails)
