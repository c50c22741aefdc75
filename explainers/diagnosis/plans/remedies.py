"""The plans that repair containers: made of operations, with the real names and values.

The first step is the safest that helps: back to the revision before when the fault came with a change, else the
smallest change of the spec, else the look that a person would take next.
"""

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.folders import wanted
from explainers.diagnosis.plans.raised import back_to_other_program, room_before
from explainers.diagnosis.plans.raised_limits import bound_below, raise_bound
from explainers.diagnosis.views.endings import Ending
from explainers.diagnosis.views.memory import limit_before, own_limit, raised_in_vain
from explainers.diagnosis.views.misspelt import meant, no_block, slipped
from explainers.diagnosis.views.pods import Container, Json, dig, text, words
from explainers.diagnosis.views.revisions import recent_change
from explainers.diagnosis.views.template import must_follow
from explainers.diagnosis.views.undone import undone
from explainers.kinds import Ref
from explainers.operations.objects import in_container, in_pod_spec
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List, Logs
from explainers.operations.rollouts import undo
from explainers.operations.workloads import SetResources
from explainers.patterns import pattern
from explainers.plan import Plan, Step
from explainers.quantities import amount

CHANGEABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob"})
"""Kinds whose pod template can be changed in place; Jobs and pods have to be made again."""

_QUANTITY = pattern(r"^([0-9.]+)([a-zA-Z]*)$")
_SHELL = pattern(r"[|&;<>$`*]")
"""What only a shell understands."""
_NO_NAME = pattern(r"[^a-z0-9]+")


def go_back_or_look(ending: Ending, log: bool = True) -> Plan:
    """Back to the revision before when the fault came with a change; else look at what it said, or the spec."""
    look = read_spec(ending.blame)
    if log:
        look = read_message(ending.container) if ending.last_word else read_log(ending.container)
    back = () if ending.worked else back_step(ending.case, ending.blame)
    return Plan((*back, *another_pod(ending.case, ending.blame, ending.container), look)) if back else Plan((look,))


def back_step(case: Case, blame: Ref) -> tuple[Step, ...]:
    """The step back to the revision before a recent change; none when there is no such revision."""
    found = recent_change(case)
    if found is None or case.workload_ref != blame:
        return ()
    operation = undo(blame.type, case.workload, found.holder_before, found.holder)
    why = f"back to revision {found.previous}, before the change that the fault came with"
    return (Step(operation, why, "the pods of that revision become ready"),)


def another_pod(case: Case, blame: Ref, container: Container) -> tuple[Step, ...]:
    """A StatefulSet that starts its pods in order waits for the broken one; deleting it lets the new template in. So
    does the end of a run that keeps others of its CronJob from starting."""
    if blame.kind == kinds.CRON_JOB.name and case.workload_ref == blame:
        return must_follow(case, "it starts its container")
    if blame.kind != "StatefulSet" or dig(case.workload, "spec", "podManagementPolicy") == "Parallel":
        return ()
    pod = container.pod
    why = f"a StatefulSet waits for `{pod.name}` before it rolls out; deleted, the pod is made from the new template"
    return (Step(Delete(kinds.POD, pod.namespace, pod.name), why, "the pod comes back and becomes ready"),)


def change_container(
    case: Case,
    blame: Ref,
    container: Container,
    fields: Json,
    why: str,
    expect: str,
    more: Json | None = None,
    back: Json | None = None,
) -> tuple[Step, ...]:
    """Patch one container of the workload's template (and `more` of its pod spec); none where that is impossible.

    `back` are the fields that undo it; without them, the template goes back to what it is now.
    """
    if blame.kind not in CHANGEABLE:
        return ()
    body = in_container(blame.type, container.name, fields, container.init)
    if more:
        body = _joined(body, in_pod_spec(blame.type, more))
    back_body = in_container(blame.type, container.name, back, container.init) if back and not more else None
    if not back and case.workload_ref == blame:
        back_body = undone(body, case.workload)
    step = Step(Patch(blame.type, blame.namespace, blame.name, body, back=back_body), why, expect)
    return (step, *another_pod(case, blame, container))


def read_log(container: Container) -> Step:
    """Read the whole log of the run that ended."""
    pod = container.pod
    operation = Logs(pod.namespace, pod.name, container.name, previous=not container.terminated)
    return Step(operation, "what the program wrote before it ended")


def read_message(container: Container) -> Step:
    """Read what the program left as the reason of its end; its log does not tell one."""
    pod, state = container.pod, "state" if container.terminated else "lastState"
    why = f"`{state}.terminated.message` of `{container.name}` is what the program left as the reason of its end"
    return Step(Get(kinds.POD, pod.namespace, pod.name), why)


def read_spec(blame: Ref) -> Step:
    """Read the object to be repaired."""
    return Step(Get(blame.type, blame.namespace, blame.name), f"`{blame}` as it is now: this is what has to change")


def first_of(steps: Sequence[Step], others: Sequence[Step], otherwise: Step) -> Plan:
    """`steps` with `others` as alternatives; whichever is empty gives way, at last to `otherwise`."""
    if steps:
        return Plan(tuple(steps), tuple(others))
    return Plan(tuple(others)) if others else Plan((otherwise,))


def more_memory(ending: Ending, limit: str) -> Plan:
    """Back to the limit of before when the last change lowered it, else twice the limit: what the program really
    needs only its owner knows. A limit that was smaller still is nothing to go back to, nor is the same template; where
    that was raised in vain, another program is."""
    doubled, container, own = twice(limit), ending.container, own_limit(ending)
    if not doubled or ending.blame.kind not in CHANGEABLE:
        return go_back_or_look(ending)
    why = f"give `{container.name}` twice the memory; raise it further if it is killed again, or look for a leak"
    bound, now = bound_below(ending, doubled), amount(limit)
    room = bound is None or (now is not None and (amount(bound.most) or 0) > now)
    if bound and room:
        doubled = bound.most
        why = f"give `{container.name}` as much as the LimitRange `{bound.name}` allows; look for a leak as well"
    change = SetResources(
        ending.blame.type, ending.blame.namespace, ending.blame.name, container.name,
        limits=(("memory", doubled),), was_limits=(("memory", own),) if own else None, init=container.init,
    )  # fmt: skip
    step = Step(change, why, "the container stays up")
    more, back = another_pod(ending.case, ending.blame, container), back_step(ending.case, ending.blame)
    if bound and not room:
        look, wider = raise_bound(ending, bound, doubled)
        return Plan((look,), (wider, step, *more))
    if not (back and ending.change and ending.change.container_before(container.name)):
        return Plan((step, *more), back)
    was = limit_before(ending)
    if now is not None and (was is None or was > now):
        return Plan((*back, *more), (step,))
    if raised_in_vain(ending, limit) and (other := back_to_other_program(ending.case, ending.blame)):
        return Plan((*other, *more), (step,))
    return Plan((step, *more), back if was == now and ending.change.changes else ())


def twice(quantity: str) -> str:
    """Twice a Kubernetes quantity: `32Mi` → `64Mi`; empty for anything else."""
    found = _QUANTITY.match(quantity)
    if not found or found[1].count(".") > 1 or found[1].strip(".") == "":
        return ""
    return f"{2 * float(found[1]):g}{found[2]}" if float(found[1]) < 1e5 else f"{2 * int(float(found[1]))}{found[2]}"


def more_disk(limit: str) -> str:
    """Twice a limit of disk; of one in a unit that cannot be meant the same number of MiB. Empty where that tells
    nothing."""
    return meant(limit) if no_block(limit) else slipped(limit) or twice(limit)


def as_large(limit: str, room: str = "the room") -> str:
    """How a step tells of that."""
    right = f"{more_disk(limit)}: disk is counted in bytes, and `Mi` makes them MiB"
    if may_be := slipped(limit):
        return f"{may_be}, as {limit} is hardly anything and `Mi` may be meant"
    return right if no_block(limit) else f"twice {room}"


def other_command(ending: Ending, word: str, meant: str) -> Plan:
    """Start what was meant, or what the revision before started."""
    back = back_step(ending.case, ending.blame)
    return first_of(back or _with_word(ending, word, meant), (), read_spec(ending.blame))


def _with_word(ending: Ending, word: str, meant: str) -> tuple[Step, ...]:
    container = ending.container
    if " " in word.strip():
        return _in_words(ending, word)
    right = str(PurePosixPath(word).with_name(meant)) if word and meant else ""
    for key in ("command", "args"):
        written = words(container.spec, key)
        said = [re.sub(rf"(?<![\w./-]){re.escape(word)}(?![\w./-])", right, one) for one in written]
        if right and said != written:
            why = f"name `{right}` instead of `{word}`"
            return change_container(ending.case, ending.blame, container, {key: said}, why, "the container starts")
    return ()


def in_command(ending: Ending, written: str, right: str, why: str) -> tuple[Step, ...]:
    """Another text in place of what is written in the command or the arguments; none where that is not there."""
    for key in ("command", "args"):
        was = words(ending.container.spec, key)
        said = [re.sub(rf"{re.escape(written)}(?!\w)", lambda _: right, one) for one in was]
        if right and said != was:
            expect = "new pods start with it" if ending.container.ready else "the container stays up"
            return change_container(ending.case, ending.blame, ending.container, {key: said}, why, expect)
    return ()


def _in_words(ending: Ending, line: str) -> tuple[Step, ...]:
    """The whole command line that stands in one entry, as the entries that it should be; by a shell if it needs one."""
    for key in ("command", "args"):
        written = words(ending.container.spec, key)
        if line not in written:
            continue
        at = written.index(line)
        parts = ["sh", "-c", line] if _SHELL.search(line) else _split(line)
        said = [*written[:at], *parts, *written[at + 1 :]]
        why = "give each word of the command an entry of its own"
        return change_container(ending.case, ending.blame, ending.container, {key: said}, why, "the container starts")
    return ()


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quotation mark that is not closed
        return ["sh", "-c", line]


def executable(ending: Ending, volume: str, source: str) -> Plan:
    """Give the mounted file the right to execute; else back, else look."""
    if not (volume and source and ending.blame.kind in CHANGEABLE):
        return go_back_or_look(ending, log=False)
    mode = {"volumes": [{"name": volume, source: {"defaultMode": 0o755}}]}
    body = in_pod_spec(ending.blame.type, mode)
    why = f"mount the files of `{volume}` with mode 0755 (493 in decimal)"
    back = undone(body, ending.case.workload) if ending.case.workload_ref == ending.blame else None
    change = Patch(ending.blame.type, ending.blame.namespace, ending.blame.name, body, back=back)
    step = Step(change, why, "the container starts")
    return Plan((step, *another_pod(ending.case, ending.blame, ending.container)))


def writable(ending: Ending, path: str, mount: str, owner: str) -> Plan:
    """Empty volumes where the program writes; for a volume that is there already, its group."""
    container = ending.container
    case, blame = ending.case, ending.blame
    if mount and owner:
        why = f"give the volume to group {owner}, which the container's user is in"
        steps = change_container(
            case, blame, container, {}, why, "the container stays up",
            {"securityContext": {"fsGroup": int(owner)}},
        )  # fmt: skip
        return first_of(steps, (), read_spec(blame))
    folders = [] if mount else wanted(ending, path)
    if not folders:
        return go_back_or_look(ending)
    names = {one: "writable-" + _NO_NAME.sub("-", one.lower()).strip("-")[:50].strip("-") for one in folders}
    fields = {"volumeMounts": [{"mountPath": one, "name": name} for one, name in names.items()]}
    volumes = [{"name": name, "emptyDir": {}} for name in dict.fromkeys(names.values())]
    where = ", ".join(f"`{one}`" for one in folders)
    why = f"an empty volume at {where}, which the program may write; it is lost with the pod"
    if len(folders) > 1:
        why = f"empty volumes at {where}, which the program may write; they are lost with the pod"
    expect = "the container stays up, or names the next folder that it wants to write"
    steps = change_container(case, blame, container, fields, why, expect, {"volumes": volumes})
    return first_of(steps, (), read_spec(blame))


def larger_volume(ending: Ending, volume: str, limit: str) -> Plan:
    """Twice the room in an emptyDir that has a limit."""
    change = larger_empty_dir(ending.blame, volume, limit)
    if change is None or ending.blame.kind not in CHANGEABLE:
        return go_back_or_look(ending)
    step = Step(change, f"give `{volume}` {as_large(limit)}", "the container stays up")
    more = another_pod(ending.case, ending.blame, ending.container)
    if room_before(ending.case, volume) and (other := back_to_other_program(ending.case, ending.blame)):
        return Plan((*other, *more), (step,))
    return Plan((step, *more), back_step(ending.case, ending.blame))


def larger_empty_dir(blame: Ref, volume: str, limit: str) -> Patch | None:
    """The change that doubles the limit of an emptyDir, or corrects its unit; None for a limit that cannot be read."""
    sizes = [
        in_pod_spec(blame.type, {"volumes": [{"name": volume, "emptyDir": {"sizeLimit": size}}]})
        for size in (more_disk(limit), limit)
    ]
    return Patch(blame.type, blame.namespace, blame.name, sizes[0], back=sizes[1]) if more_disk(limit) else None


def look_at_claim(claim: Ref) -> Plan:
    """A full claim: how large it is and whether its class lets it grow."""
    look = Step(Get(claim.type, claim.namespace, claim.name), "its size and its storage class")
    return Plan((look, Step(List(kinds.STORAGE_CLASS, "", limit=500), "whether that class has allowVolumeExpansion")))


def mount_at(ending: Ending, mount: Json) -> Plan:
    """Put a single file beside what the folder holds instead of in place of the folder."""
    path, key = text(mount, "mountPath"), text(mount, "subPath")
    if not key:
        return go_back_or_look(ending, log=False)
    inside = f"{path.rstrip('/')}/{PurePosixPath(key).name}"
    return _mounted_as(
        ending, mount, [{**mount, "mountPath": inside}], f"mount the file at `{inside}`, inside the folder"
    )


def files_beside(ending: Ending, mount: Json, files: Sequence[str]) -> Plan:
    """Put each file of a volume beside what the image has in the folder, instead of the volume over the folder."""
    why = f"put the files one by one into `{text(mount, 'mountPath')}`, beside what the image has there"
    return _mounted_as(ending, mount, _one_by_one(mount, {one: one for one in files}), why)


def elsewhere(ending: Ending, mount: Json) -> Plan:
    """Put a volume where the image has nothing."""
    at = f"/mnt/{text(mount, 'name')}"
    why = f"mount the volume at `{at}`, where it hides nothing; what uses its files must be told that folder"
    return _mounted_as(ending, mount, [{**mount, "mountPath": at}], why)


def files_as(ending: Ending, mount: Json, names: dict[str, str]) -> Plan:
    """Mount files of a volume one by one, each (by its key) under the name that it is asked for by."""
    told = ", ".join(f"`{key}` as `{name}`" for key, name in names.items() if key != name)
    return _mounted_as(ending, mount, _one_by_one(mount, names), f"mount {told}, the name that the program asks for")


def _one_by_one(mount: Json, names: dict[str, str]) -> list[Json]:
    """A mount for each file, in the folder of the one of the whole volume."""
    folder = text(mount, "mountPath").rstrip("/")
    return [{**mount, "mountPath": f"{folder}/{name}", "subPath": key} for key, name in names.items()]


def _mounted_as(ending: Ending, mount: Json, instead: Sequence[Json], why: str) -> Plan:
    """Other mounts in place of one; the undo takes them away and puts that one back."""
    forth = [_without_mount(mount), *instead]
    back = {"volumeMounts": [*(_without_mount(one) for one in instead), mount]}
    steps = change_container(
        ending.case, ending.blame, ending.container, {"volumeMounts": forth}, why, "the container starts", back=back
    )
    return first_of(steps, back_step(ending.case, ending.blame), read_spec(ending.blame))


def _without_mount(mount: Json) -> Json:
    """What takes a mount out of a template: mounts are told apart by their paths."""
    return {"mountPath": text(mount, "mountPath"), "$patch": "delete"}


def _joined(one: Json, other: Json) -> Json:
    """Two patches of the same object as one."""
    merged = dict(one)
    for key, value in other.items():
        here = merged.get(key)
        merged[key] = _joined(here, value) if isinstance(here, dict) and isinstance(value, dict) else value
    return merged
