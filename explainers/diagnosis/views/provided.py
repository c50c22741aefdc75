"""The files that the kubelet puts into a volume, of whatever they are made, and the sources that give none.

Source: https://kubernetes.io/docs/concepts/storage/projected-volumes/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.configuration import configuration
from explainers.diagnosis.views.mounted import keys_in
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.diagnosis.views.references import Reference
from explainers.operations.base import Answer

_OF_OBJECTS = {"configMap": ("ConfigMap", "name"), "secret": ("Secret", "name")}
_OF_PATHS = ("serviceAccountToken", "clusterTrustBundle", "podCertificate")


@dataclass(frozen=True)
class Provided:
    """A file by its path in the volume; `at` leads from the volume to the field that names it, where one does."""

    path: str
    at: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Lacking:
    """An optional source that gives nothing under a path: its object, or the key of it, is not there."""

    path: str
    use: Reference
    absent: bool
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Filled:
    """What a volume holds and lacks. `known` says that there is no more to it."""

    files: tuple[Provided, ...] = ()
    lacks: tuple[Lacking, ...] = ()
    known: bool = False


@dataclass(frozen=True)
class _Part:
    """One source: what it is, its spec, and the way from the volume to it."""

    kind: str
    spec: Json = field(repr=False)
    at: tuple[str | int, ...]

    @property
    def items(self) -> list[Json]:
        return dicts(self.spec, "items")


def filled(case: Case, volume: Json) -> Filled:
    """What is in a volume that the kubelet fills; nothing is known of others. Raises Missing until it is read."""
    parts = list(_parts(volume))
    uses = {at: use for at, part in enumerate(parts) if (use := _object(part))}
    answers = configuration(case, uses.values())
    files: list[Provided] = []
    lacks: list[Lacking] = []
    known = bool(parts)
    for at, part in enumerate(parts):
        if use := uses.get(at):
            whole = _of_object(part, use, answers[use.kind, use.name], files, lacks)
            known = known and whole
        else:
            files += _of_paths(part)
    return Filled(tuple(files), tuple(lacks), known)


def _parts(volume: Json) -> Iterator[_Part]:
    for kind in ("configMap", "secret", "downwardAPI"):
        if spec := table(volume, kind):
            yield _Part(kind, {**spec, "name": text(spec, "secretName") or text(spec, "name")}, (kind,))
    for at, source in enumerate(dicts(volume, "projected", "sources")):
        for kind in ("configMap", "secret", "downwardAPI", *_OF_PATHS):
            if kind in source:
                yield _Part(kind, table(source, kind), ("projected", "sources", at, kind))


def _object(part: _Part) -> Reference | None:
    kind, named = _OF_OBJECTS.get(part.kind, ("", ""))
    name = text(part.spec, named) if kind else ""
    return Reference(kind, name, "", part.spec.get("optional") is True, "") if name else None


def _of_paths(part: _Part) -> Iterator[Provided]:
    if part.kind == "downwardAPI":
        for at, item in enumerate(part.items):
            yield Provided(text(item, "path"), (*part.at, "items", at, "path"))
    for key in ("path", "credentialBundlePath", "keyPath", "certificateChainPath"):
        if part.kind in _OF_PATHS and text(part.spec, key):
            yield Provided(text(part.spec, key), (*part.at, key))


def _of_object(
    part: _Part, use: Reference, answer: Answer, files: list[Provided], lacks: list[Lacking]
) -> bool:  # fmt: skip
    """What a ConfigMap or Secret gives; whether that is known. What must be there is, as the container was started."""
    keys = set[str]() if answer.absent else keys_in(answer, use.kind)
    for at, item in enumerate(part.items):
        key, path = text(item, "key"), text(item, "path")
        if keys is not None and key not in keys and use.optional:
            missed = Reference(use.kind, use.name, key, True, "")
            lacks.append(Lacking(path, missed, answer.absent, frozenset(keys)))
        else:
            files.append(Provided(path, (*part.at, "items", at, "path")))
    if not part.items:
        files += [Provided(key) for key in sorted(keys or ())]
        if answer.absent:
            lacks.append(Lacking("", use, True))
    return keys is not None or bool(part.items)
