"""Files that may not be written, disks that are full, ports that are taken (classes 68, 69, 76, 98).

Used by rules/crashes.py, which asks for one cause at a time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.lines import Telling, clean, lines_of
from explainers.diagnosis.logs.summaries import NEAR
from explainers.diagnosis.logs.tongues import reader
from explainers.diagnosis.logs.words import CALM
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import owners, remedies
from explainers.diagnosis.rules import closed_folders
from explainers.diagnosis.rules.programs import words_of
from explainers.diagnosis.views.endings import Ending, last_log
from explainers.diagnosis.views.misspelt import unit_forgotten
from explainers.diagnosis.views.mounted import mount_at, volume_of
from explainers.diagnosis.views.node_ports import holder, on_node, port_wanted
from explainers.diagnosis.views.pods import Container, Json, dicts, dig, number, table, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern

_READ_ONLY = pattern(r"read-only file ?system|EROFS", re.IGNORECASE)
_DENIED = pattern(r"permission denied|EACCES|operation not permitted|AccessDenied", re.IGNORECASE)
_NOT_PERMITTED = pattern(r"operation not permitted|EPERM", re.IGNORECASE)
_OWNER = pattern(r"\b[fl]?ch(?:own|grp)|changing (?:ownership|group)|change (?:owner|group)", re.IGNORECASE)
_WRITES = pattern(r"mkdir|creat|touch|writ|unlink|remov|renam|truncat|append|cp:|mv:|rm:|tee:", re.IGNORECASE)
_PATH = pattern(r"(?<![\w./-])(/[\w.@+/-]*[\w@+-])")
_IN_USE = pattern(
    r"address (?:is )?already in use|EADDRINUSE|port (?:\d+ )?(?:is |was )?already (?:in use|allocated)", re.I
)
_FULL = pattern(r"no space left on device|ENOSPC|disk quota exceeded|database or disk is full", re.IGNORECASE)
_TOO_MANY = pattern(r"too many open files|EMFILE|ENFILE", re.IGNORECASE)
_PORT = pattern(r"(?::|\bport )(\d{2,5})\b", re.IGNORECASE)
_LISTENS = pattern(r"\b(?:bind|listen\w*|ports?|address(?:es)?|sockets?|server|start\w*|exit\w*)\b", re.I)
"""What a line may speak of that only sums up that a port could not be had."""
_LAST = 30
"""Lines at the end of a log that are looked at."""
_NUMBER = pattern(r"(?<![\w.])(\d{2,5})(?![\w.])")


def refused(ending: Ending) -> Finding | None:
    """68: the file system lets the program write nothing there."""
    said = (*ending.tells, *_closed_before(ending))
    return next((found for told in said if (found := _refused_by(ending, told))), None)


def _closed_before(ending: Ending) -> Iterator[Telling]:
    """The lines shortly before the telling one that say that a file system is read-only, where the container's spec
    makes it so: what the program says last of it may name no cause at all."""
    told = ending.told
    if told is None:
        return
    log = last_log(ending.case, ending.container).text
    lines, read = lines_of(log), reader(log)
    for at in range(told.index - 1, max(-1, told.index - 1 - NEAR), -1):
        if closed(ending.container, clean(lines[at]), read(lines[at])):
            yield Telling(clean(lines[at]), at, told.total, told.weight, read(lines[at]))


def _refused_by(ending: Ending, told: Telling) -> Finding | None:
    """What one line tells of it."""
    path = _PATH.search(told.line)
    if path is None:
        return None
    container, read_only = ending.container, bool(_READ_ONLY.search(told.english))
    if not read_only and not _DENIED.search(told.english):
        return None
    if _NOT_PERMITTED.search(told.english) and _OWNER.search(told.english):
        return _may_not_give(ending, told, path[1])
    user, mount, volume = run_as(container), *mount_at(container, path[1])
    root, name = dig(container.spec, "securityContext", "readOnlyRootFilesystem") is True, text(volume, "name")
    reads = not read_only and _only_reads(mount, volume, told.english)
    if reads and (shut := closed_folders.kept_out(ending, told, path[1], mount, volume, user)):
        return shut
    why = _read_only_because(root, name) if read_only else _no_right(user, volume if reads else {})
    stated = (read_only and bool(root or name)) or (not read_only and bool(user))
    return Finding(
        68,
        ending.blame,
        Layer.CONTAINER,
        f"container `{container.name}` may not {'read' if reads else 'write'} `{path[1]}`: {why}",
        (*ending.evidence, *ending.saying(told.line)),
        (read_only and owners.may_write(ending, mount, volume))
        or owners.opened(ending, path[1], mount, volume, owner=user if not read_only else ""),
        Confidence.SURE if stated else Confidence.LIKELY,
    )


@dataclass(frozen=True)
class Closed:
    """A `path` that the spec keeps from being written, why, and what is mounted there, if anything."""

    path: str
    why: str
    mount: Json
    volume: Json


def closed(container: Container, line: str, english: str) -> Closed | None:
    """What a line says that may not be written, where the spec says that too: a mount or a root file system that may
    only be read."""
    path = _PATH.search(line)
    if path is None or not _READ_ONLY.search(english):
        return None
    mount, volume = mount_at(container, path[1])
    root = dig(container.spec, "securityContext", "readOnlyRootFilesystem") is True
    held = mount.get("readOnly") is True or dig(volume, "persistentVolumeClaim", "readOnly") is True
    if not held and (volume or not root):
        return None
    return Closed(path[1], _read_only_because(root, text(volume, "name")), mount, volume)


def _may_not_give(ending: Ending, told: Telling, path: str) -> Finding:
    """68: it wants to change the owner of a file, for which writing it is not enough."""
    container, user, lacks = ending.container, run_as(ending.container), owners.lacks_chown(ending.container)
    only = "only root may, with the capability CHOWN"
    why = f"it runs as user {user}, and {only}" if user not in ("", "0") else only
    dropped = lacks and user in ("", "0")
    if dropped:
        why = "its `securityContext` drops the capability CHOWN, without which not even root may"
    return Finding(
        68,
        ending.blame,
        Layer.CONTAINER,
        f"container `{container.name}` may not change the owner of `{path}`: {why}",
        (*ending.evidence, *ending.saying(told.line)),
        owners.as_root(ending),
        Confidence.SURE if lacks or user not in ("", "0") else Confidence.LIKELY,
        about=cases.CAPABILITIES if dropped else None,
    )


def _no_right(user: str, volume: Json) -> str:
    """Why a user is kept out; `volume` gives a file that is read its mode, else it is empty."""
    kind = next((one for one in owners.READ_ONLY if one in volume), "")
    mode = dig(volume, kind, "defaultMode") if kind else None
    who = f"it runs as user {user}" if user else "it does not run as root"
    if isinstance(mode, int) and not mode & 0o004:
        return f"{who}, and the volume `{text(volume, 'name')}` gives its files to root with mode {mode:04o}"
    return f"it runs as user {user}, who has no right to" if user else "its user has no right to"


def _only_reads(mount: Json, volume: Json, line: str) -> bool:
    """Whether what was denied can only be reading: the volume is mounted to be read, and no word tells of a change."""
    to_read = mount.get("readOnly") is True or any(table(volume, kind) for kind in owners.READ_ONLY)
    return to_read and not _WRITES.search(line)


def full(ending: Ending) -> Finding | None:
    """98 or 76: no space is left, on a claimed volume or on the pod's own."""
    told = ending.told
    if told is None or not says_full(told.english):
        return None
    return without_space(ending, told.line, (*ending.evidence, *ending.log_evidence))


def says_full(line: str) -> bool:
    return _FULL.search(line) is not None


def without_space(ending: Ending, line: str, evidence: tuple[Evidence, ...]) -> Finding:
    """What is full, by the path in the line, or else by being the only volume of the container that can be."""
    container, path = ending.container, _PATH.search(line)
    _, volume = mount_at(container, path[1]) if path else ({}, _only_sized(container))
    mount = text(volume, "name")
    claim, limit = text(volume, "persistentVolumeClaim", "claimName"), text(volume, "emptyDir", "sizeLimit")
    where = f"`{path[1]}`" if path else "its disk"
    if claim:
        said = f"container `{container.name}` finds no space left at {where}: the volume of claim `{claim}` is full"
        subject = Ref("PersistentVolumeClaim", container.pod.namespace, claim)
        return Finding(98, subject, Layer.NEEDS, said, evidence, remedies.look_at_claim(subject))
    size = f", which has a limit of {limit}{unit_forgotten(limit)}" if limit else ""
    said = f"container `{container.name}` finds no space left at {where}" + (
        f", in volume `{mount}`{size}" if mount else ""
    )
    plan = remedies.larger_volume(ending, mount, limit)
    return Finding(
        76, ending.blame, Layer.CONTAINER, said, evidence, plan, Confidence.SURE if limit else Confidence.LIKELY
    )


def _only_sized(container: Container) -> Json:
    """The only volume of a container that has an end of its own: a claim, or memory. Other folders share the node's."""
    volumes = [volume_of(container, one) for one in dicts(container.spec, "volumeMounts") if not one.get("readOnly")]
    sized = [
        one for one in volumes
        if table(one, "persistentVolumeClaim") or text(one, "emptyDir", "medium") == "Memory"
    ]  # fmt: skip
    return sized[0] if len({text(one, "name") for one in sized}) == 1 else {}


def too_many_files(ending: Ending) -> Finding | None:
    """76: the limit of open files."""
    told = ending.told
    if told is None or not _TOO_MANY.search(told.english):
        return None
    said = f"container `{ending.container.name}` may open no more files and ends: {told.line}"
    evidence = (*ending.evidence, *ending.log_evidence)
    plan = remedies.go_back_or_look(ending)
    return Finding(76, ending.blame, Layer.CONTAINER, said, evidence, plan, Confidence.LIKELY)


def run_as(container: Container) -> str:
    """The user id that the spec sets for a container; empty when the image decides."""
    for where in (container.spec, container.pod.spec):
        user = dig(where, "securityContext", "runAsUser")
        if isinstance(user, int):
            return str(user)
    return ""


def _read_only_because(root: bool, mount: str) -> str:
    if mount:
        return f"the volume `{mount}` there is mounted read-only"
    return (
        "its root file system is read-only (`readOnlyRootFilesystem: true`)" if root else "the file system is read-only"
    )


def port_in_use(ending: Ending) -> Finding | None:
    """69: containers of one pod share its ports, with `hostNetwork` those of the node, and another program listens
    there already."""
    line, container = _says_in_use(ending), ending.container
    if not line:
        return None
    said = _PORT.search(line)
    port, other = _clash(container, int(said[1]) if said else 0)
    alone = on_node(container) and not other
    port = port or (port_wanted(container) if alone else 0)
    where = f"on port {port}" if port else "on its port"
    by = f"container `{other}` of the same pod has it already" if other else "something in the same pod has it already"
    by = holder(ending.case, container, port) if alone else by
    return Finding(
        69,
        ending.blame,
        Layer.CONTAINER,
        f"container `{container.name}` cannot listen {where}: {by} (address already in use)",
        (*ending.evidence, *ending.saying(line)),
        remedies.go_back_or_look(ending),
        Confidence.SURE if other and port else Confidence.LIKELY,
    )


def _says_in_use(ending: Ending) -> str:
    """The line of the log that says so: the telling one, or the last before one that tells no other cause."""
    told = ending.told
    if told is None or _IN_USE.search(told.english):
        return told.line if told else ""
    if told.weight and not _LISTENS.search(told.english):
        return ""
    log = last_log(ending.case, ending.container).text
    read = reader(log)
    last = (clean(line) for line in reversed(lines_of(log)[-_LAST:]) if _IN_USE.search(read(line)))
    return next((line for line in last if not CALM.search(line)), "")


def _clash(container: Container, port: int) -> tuple[int, str]:
    """The port and the container that has it: the one that both are told to use when the log does not say it."""
    mine = {port} if port else _ports(container)
    others = [one for one in container.pod.containers if one.name != container.name and (one.sidecar or not one.init)]
    for other in others:
        if shared := mine & _ports(other):
            return min(shared), other.name
    alike = [one.name for one in others if one.image == container.image and not words_of(one.spec)]
    return port, alike[0] if alike and not words_of(container.spec) else ""


def _ports(container: Container) -> set[int]:
    """Ports that a container declares or is told in its command, arguments and environment."""
    declared = {number(one, "containerPort") for one in dicts(container.spec, "ports")}
    told = [*words_of(container.spec), *(text(one, "value") for one in dicts(container.spec, "env"))]
    return (declared | {int(found) for word in told for found in _NUMBER.findall(word)}) - {0}
