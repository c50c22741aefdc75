"""Files that are mounted one by one and that their volume does not have (class 51; 49 and 50 where that is optional).

For a `subPath` that names no file of the volume the kubelet makes an empty folder. So the container gets a folder where
it wants a file: the runtime cannot mount it over a file of the image, or the program finds that it cannot read it.
Source: https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.logs.lines import clean
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.plans import config as fixes
from explainers.diagnosis.plans import subpaths as plans
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.endings import Ending, in_trouble
from explainers.diagnosis.views.mounted import Source, files_in, keys_in, sources, volume_of
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, text
from explainers.diagnosis.views.references import Reference
from explainers.diagnosis.views.tls_files import same_part
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.kinds import Ref

MOST = 6
"""Mounts that are looked at, at most."""
_NUMBERS = {kinds.CONFIG_MAP.name: 49, kinds.SECRET.name: 50}
_SHOWN = 6


def not_held(case: Case) -> Iterable[Finding]:
    """51: what a container that is not well mounts by a `subPath` that names nothing."""
    wanted: dict[tuple[str, str], tuple[Container, Json]] = {}
    for container in _unwell(case):
        for mount in dicts(container.spec, "volumeMounts"):
            if _alone(mount) and sources(volume_of(container, mount)):
                wanted.setdefault((container.name, text(mount, "mountPath")), (container, mount))
    looks = [partial(_looked_at, case, container, mount) for container, mount in [*wanted.values()][:MOST]]
    return at_once(looks)


def _looked_at(case: Case, container: Container, mount: Json) -> list[Finding]:
    found = empty_folder(case, container, mount)
    return [found] if found else []


def _unwell(case: Case) -> Iterator[Container]:
    """Containers that end, or run and are not ready."""
    ready = [pod for pod in case.pods if pod.ready]
    for pod in [*(pod for pod in case.unready_pods if not _history(pod)), *ready]:
        for container in pod.containers:
            running = container.running_since and not container.ready and not (container.init and not container.sidecar)
            if running or in_trouble(case, container):
                yield container


def _history(pod: Pod) -> bool:
    """Whether this is a finished try of a Job, which may have had another since."""
    return pod.finished and pod.owner is not None and pod.owner.kind == "Job"


def _alone(mount: Json) -> bool:
    """Whether it mounts one file of a volume by a plain name."""
    return "/" not in (text(mount, "subPath") or "/") and not text(mount, "subPathExpr")


def empty_folder(case: Case, container: Container, mount: Json) -> Finding | None:
    """51: the mount shows an empty folder, as its volume has no such file; None where it has, or nobody can tell."""
    volume, path = volume_of(container, mount), text(mount, "subPath")
    if not _alone(mount) or not path:
        return None
    files = files_in(case, volume)
    if files is None or path in files or any(one.startswith(f"{path}/") for one in files):
        return None
    parts = sources(volume)
    asked = [(one, key) for one in parts for key, at in one.items if at == path]
    source, key = asked[0] if asked else (parts[0], path)
    (answer,) = configuration(case, [source.reference]).values()
    one = Reference(source.kind, source.name, key, source.optional, f"volume `{text(volume, 'name')}`")
    held = sorted(keys_in(answer, source.kind) or ()) if asked else sorted(files)
    if answer.absent:
        number, plan = _NUMBERS[source.kind], plans.for_absent_optional(case, container, one)
    elif asked:
        number, plan = 51, fixes.for_key(case, one, _meant(key, held))
    else:
        number, plan = 51, plans.for_subpath(case, container, mount, one, _meant(key, held))
    return Finding(
        number,
        Ref(source.kind, case.namespace, source.name),
        Layer.NEEDS,
        _clause(container, mount, one, _has(answer.absent, parts, held)),
        (*_evidence(case, container, mount), *_keys(one, held, answer.absent)),
        plan,
        since=container.pod.created,
    )


def _meant(key: str, held: list[str]) -> str:
    """The file that is probably meant: the nearest, the same part of a certificate, the only one of its sort."""
    only = held[0] if len(held) == 1 and PurePosixPath(held[0]).suffix == PurePosixPath(key).suffix else ""
    return nearest_one(key, held) or same_part(key, held) or only


def _clause(container: Container, mount: Json, one: Reference, has: str) -> str:
    at = text(mount, "mountPath")
    return (
        f"container `{container.name}` gets an empty folder at `{at}` and not a file: the {one.place} mounts the key "
        f"`{one.key}` of the {one.kind} `{one.name}`, {has}"
    )


def _has(absent: bool, parts: list[Source], held: list[str]) -> str:
    if absent:
        return "which does not exist; it is marked `optional`, so that nobody says so"
    files = ", ".join(f"`{file}`" for file in held[:_SHOWN])
    if len(parts) > 1:
        others = ", ".join(f"`{one.name}`" for one in parts[1:])
        return f"and neither it nor {others} has that: the files are {files or 'none'}"
    if not held:
        return "which has no key at all"
    if parts[0].items and not parts[0].optional:
        return f"of which the volume holds only {files}"
    return f"which has only {files}" if len(held) <= _SHOWN else f"which has no such key (it has {files} and others)"


def _evidence(case: Case, container: Container, mount: Json) -> Iterator[Evidence]:
    pod, at = container.pod, text(mount, "mountPath")
    said = f"container {container.name} mounts {text(mount, 'name')} at {at} with subPath {text(mount, 'subPath')}"
    yield Evidence(f"pod {pod.name}", said, ago(case.now, pod.created))
    refused = Ending(case, container, pod.ref, 1).start_error
    if at in refused:
        why = refused.removesuffix(": unknown").rpartition(": ")[2]
        yield Evidence(f"pod {pod.name}", f"the runtime cannot mount it there: {clean(why)}")


def _keys(one: Reference, held: list[str], absent: bool) -> tuple[Evidence, ...]:
    said = "does not exist" if absent else f"keys: {', '.join(held[:12]) or 'none'}"
    return (Evidence(f"{one.kind.lower()} {one.name}", said),)
