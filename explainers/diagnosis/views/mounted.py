"""The files that ConfigMaps and Secrets give to volumes, and which of them stands at a path in a container.

Of a Secret only the names of its keys are known, by its managed fields.
Source: https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
"""

import base64
import binascii
from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.config import keys_of
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.pods import Container, Json, dicts, table, text
from explainers.diagnosis.views.references import PROJECTED, VOLUME, Reference
from explainers.kinds import Ref
from explainers.operations.base import Answer


@dataclass(frozen=True)
class Source:
    """A ConfigMap or Secret (`kind`, `name`) of a volume; `items` are its keys with their paths, empty for all."""

    kind: str
    name: str
    optional: bool
    items: tuple[tuple[str, str], ...] = ()

    @property
    def reference(self) -> Reference:
        return Reference(self.kind, self.name, "", self.optional, "")


@dataclass(frozen=True)
class File:
    """Where the text of a file is kept: the key of a ConfigMap or Secret."""

    kind: str
    name: str
    key: str


def sources(volume: Json) -> list[Source]:
    """The ConfigMaps and Secrets that a volume is made of; none where something else has a part in it."""
    for kind, field, named in VOLUME:
        if name := text(volume, field, named):
            return [_source(kind, name, table(volume, field))]
    parts = dicts(volume, "projected", "sources")
    found = [
        _source(kind, name, table(part, field))
        for part in parts
        for kind, field, named in PROJECTED
        if (name := text(part, field, named))
    ]
    return found if len(found) == len(parts) else []


def _source(kind: str, name: str, spec: Json) -> Source:
    items = tuple((text(one, "key"), text(one, "path")) for one in dicts(spec, "items"))
    return Source(kind, name, spec.get("optional") is True, items)


def files_in(case: Case, volume: Json) -> dict[str, File] | None:
    """The files of a volume by their paths in it; None where that cannot be told. Raises Missing until it is read."""
    parts = sources(volume)
    answers = configuration(case, [one.reference for one in parts])
    given = [_given(one, answers[one.kind, one.name]) for one in parts]
    known = [one for one in given if one is not None]
    return {path: file for one in known for path, file in one.items()} if parts and known == given else None


def _given(source: Source, answer: Answer) -> dict[str, File] | None:
    """The files of one source. The kubelet starts no container without the items that must be there, so those are."""
    if answer.absent and source.optional:
        return {}
    keys = keys_in(answer, source.kind)
    if keys is None and (source.optional or not source.items):
        return None
    items = source.items or tuple((key, key) for key in keys or ())
    return {path: File(source.kind, source.name, key) for key, path in items if keys is None or key in keys}


def keys_in(answer: Answer, kind: str) -> set[str] | None:
    """The keys of a ConfigMap or Secret that was read; None where they cannot be told: those of a Secret, of which
    nothing but its metadata is read, only its managed fields name."""
    if not answer.ok:
        return None
    keys = {*table(answer.object, "data"), *table(answer.object, "binaryData")}
    return keys if kind == kinds.CONFIG_MAP.name else keys or keys_of(answer.object) or None


def volume_of(container: Container, mount: Json) -> Json:
    """The volume that a mount shows, or an empty object."""
    name = text(mount, "name")
    return next((one for one in dicts(container.pod.spec, "volumes") if name and text(one, "name") == name), {})


def mount_at(container: Container, path: str) -> tuple[Json, Json]:
    """The mount at or above a path, and its volume; both empty where there is none."""
    mounts = [(text(one, "mountPath").rstrip("/"), one) for one in dicts(container.spec, "volumeMounts")]
    covering = [one for one in mounts if one[0] and (path == one[0] or path.startswith(f"{one[0]}/"))]
    mount = max(covering, key=lambda one: len(one[0]))[1] if covering else {}
    return mount, volume_of(container, mount)


def file_at(case: Case, container: Container, path: str) -> File | None:
    """The file that a volume gives to a path in a container; None where none does. Raises Missing until it is read."""
    if mount := innermost(container, path):
        inside = path.removeprefix(text(mount, "mountPath").rstrip("/")).lstrip("/")
        within = "/".join(part for part in (text(mount, "subPath").strip("/"), inside) if part)
        return (files_in(case, volume_of(container, mount)) or {}).get(within)
    return None


def innermost(container: Container, path: str) -> Json:
    """The mount over a path, the innermost of several; empty where there is none, or one that a variable names."""
    mounts = [one for one in dicts(container.spec, "volumeMounts") if text(one, "mountPath").rstrip("/")]
    over = [one for one in mounts if f"{path}/".startswith(f"{text(one, 'mountPath').rstrip('/')}/")]
    found = max(over, key=lambda one: len(text(one, "mountPath").rstrip("/")), default={})
    return {} if text(found, "subPathExpr") else found


def text_of(case: Case, file: File) -> str:
    """The text of a file of a ConfigMap; empty for a Secret, whose values are never read."""
    if file.kind != kinds.CONFIG_MAP.name:
        return ""
    (answer,) = configuration(case, [Reference(file.kind, file.name, file.key, False, "")]).values()
    if plain := text(answer.object, "data", file.key):
        return plain
    try:
        return base64.b64decode(text(answer.object, "binaryData", file.key)).decode(errors="replace")
    except binascii.Error:
        return ""


def ref_of_file(case: Case, file: File) -> Ref:
    """The object that holds a file."""
    return Ref(file.kind, case.namespace, file.name)
