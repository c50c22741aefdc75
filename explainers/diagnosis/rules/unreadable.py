"""Crashes of programs whose user may not read a volume that the kubelet fills (class 68); used by rules/crashes.py.

Its files belong to root, and without `fsGroup` to root's group. Many programs take a file that they may not read for
one that is not there, or that is empty, and go on to complain of what they miss in it.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.model import Confidence, Finding
from explainers.diagnosis.plans import owners
from explainers.diagnosis.views.endings import Ending, last_log
from explainers.diagnosis.views.mounted import volume_of
from explainers.diagnosis.views.pods import Container, Json, dicts, dig, text
from explainers.document import Evidence
from explainers.patterns import pattern

_MISSES = pattern(r"\b(?:no|not|none|null|miss\w*|empty|lack\w*|without|undefined|require\w*|KeyError|unset)\b", re.I)
_READS = 0o004
_GROUP_READS = 0o040


def with_closed_volume(ending: Ending, found: Finding) -> Finding:
    """A crash that misses something and speaks of no connection, of a program whose user can read none of a volume."""
    told = ending.told
    if told is None or not told.weight or not _MISSES.search(told.english) or ending.change:
        return found
    closed = next(_closed(ending.container), None)
    if closed is None or failed_connections(last_log(ending.case, ending.container).text):
        return found
    mount, volume, mode = closed
    user, path = str(_of(ending.container, "runAsUser")), text(mount, "mountPath")
    who = f"it runs as user {user}, who may not read the files of the volume `{text(volume, 'name')}` at `{path}`"
    clause = f"{found.clause}; {who}: they are root's, with mode {mode:04o}, and no `fsGroup` is set"
    seen = Evidence(str(ending.blame), f"mode {mode:04o} at {path}, runAsUser {user}, no fsGroup")
    plan = owners.opened(ending, path, mount, volume, owner=user)
    return replace(
        found, number=68, clause=clause, evidence=(*found.evidence, seen), plan=plan, confidence=Confidence.LIKELY
    )


def _closed(container: Container) -> Iterator[tuple[Json, Json, int]]:
    """The mounts of volumes none of whose files the container's user can read, each with its volume and their mode."""
    security = container.pod.spec.get("securityContext")
    group = dig(security, "fsGroup")
    if not _of(container, "runAsUser") or group is not None or dig(security, "supplementalGroups"):
        return
    for mount in dicts(container.spec, "volumeMounts"):
        volume = volume_of(container, mount)
        kind = next((one for one in owners.READ_ONLY if one in volume), "")
        mode = dig(volume, kind, "defaultMode") if kind else None
        if not isinstance(mode, int) or mode & _READS or _own_modes(volume[kind]):
            continue
        if not mode & _GROUP_READS or _of(container, "runAsGroup"):
            yield mount, volume, mode


def _of(container: Container, field: str) -> int:
    """A number of the security context of a container, else of its pod; 0 where the image decides, or it is root's."""
    found = [dig(one, "securityContext", field) for one in (container.spec, container.pod.spec)]
    return next((one for one in found if isinstance(one, int)), 0)


def _own_modes(filled: Json) -> bool:
    """Whether a file of a volume has a mode of its own, or belongs to the user, as a token of its account does."""
    parts = [filled, *(part for source in dicts(filled, "sources") for part in source.values())]
    items = [item for part in parts for item in dicts(part, "items")]
    tokens = any("serviceAccountToken" in source for source in dicts(filled, "sources"))
    return tokens or any("mode" in item for item in items)
