"""Which ConfigMaps and Secrets a pod spec refers to, and the patch that lets it refer to another one.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (EnvVarSource, EnvFromSource,
ConfigMapVolumeSource, SecretVolumeSource, ProjectedVolumeSource).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explainers.diagnosis.views.pods import Json, dicts, dig, table, text


@dataclass(frozen=True)
class Reference:
    """One reference. `kind` is ConfigMap or Secret, `key` empty for the whole object; `container` is empty for volumes.

    `place` says where it stands, as a sentence needs it: "variable `LOG_LEVEL` of container `web`".
    `fixed` marks what a running container reads once: variables, and files mounted by `subPath`.
    """

    kind: str
    name: str
    key: str
    optional: bool
    place: str
    container: str = ""
    fixed: bool = False


ENV_FIELDS = (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef"))
_ENV_FROM = (("ConfigMap", "configMapRef"), ("Secret", "secretRef"))
VOLUME = (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName"))
PROJECTED = (("ConfigMap", "configMap", "name"), ("Secret", "secret", "name"))
_SIDES = ("initContainers", "containers")


def references(spec: Json) -> list[Reference]:
    """Every reference of a pod spec, in the order of containers, volumes last."""
    of_containers = [one for side in _SIDES for container in dicts(spec, side) for one in _of_container(container)]
    return [*of_containers, *(one for volume in dicts(spec, "volumes") for one in _of_volume(volume, spec))]


def _of_container(container: Json) -> Iterator[Reference]:
    name = text(container, "name")
    for entry in dicts(container, "env"):
        for kind, field in ENV_FIELDS:
            source = table(entry, "valueFrom", field)
            if text(source, "name"):
                place = f"variable `{text(entry, 'name')}` of container `{name}`"
                yield Reference(
                    kind, text(source, "name"), text(source, "key"), _optional(source), place, name, fixed=True
                )
    for entry in dicts(container, "envFrom"):
        for kind, field in _ENV_FROM:
            source = table(entry, field)
            if text(source, "name"):
                place = f"the environment of container `{name}`"
                yield Reference(kind, text(source, "name"), "", _optional(source), place, name, fixed=True)


def _of_volume(volume: Json, spec: Json) -> Iterator[Reference]:
    name = text(volume, "name")
    place = f"volume `{name}`"
    for kind, field, named in VOLUME:
        yield from _of_source(kind, table(volume, field), named, place, _subpaths(name, spec))
    for source in dicts(volume, "projected", "sources"):
        for kind, field, named in PROJECTED:
            yield from _of_source(kind, table(source, field), named, place, _subpaths(name, spec))


def _of_source(kind: str, source: Json, named: str, place: str, subpaths: frozenset[str]) -> Iterator[Reference]:
    if not text(source, named):
        return
    items = [text(item, "key") for item in dicts(source, "items")]
    for key in items or sorted(subpaths) or [""]:
        asked = key if items else ""
        yield Reference(kind, text(source, named), asked, _optional(source), place, fixed=bool(subpaths))


def _subpaths(volume: str, spec: Json) -> frozenset[str]:
    """The files that are mounted one by one out of a volume."""
    mounts = [one for side in _SIDES for container in dicts(spec, side) for one in dicts(container, "volumeMounts")]
    return frozenset(text(one, "subPath") for one in mounts if text(one, "name") == volume and text(one, "subPath"))


def _optional(source: Json) -> bool:
    return source.get("optional") is True


@dataclass(frozen=True)
class Renaming:
    """Point the references to `name` (and, if given, its `key`) of a kind at `new` (and `new_key`)."""

    kind: str
    name: str
    new: str
    key: str = ""
    new_key: str = ""

    def patch(self, spec: Json) -> Json:
        """The strategic merge patch of a pod spec: only what changes; lists without a merge key are sent whole."""
        found: Json = {}
        for side in _SIDES:
            changed = [one for container in dicts(spec, side) if (one := self._container(container))]
            if changed:
                found[side] = changed
        volumes = [one for volume in dicts(spec, "volumes") if (one := self._volume(volume))]
        return found | ({"volumes": volumes} if volumes else {})

    def _container(self, container: Json) -> Json:
        field = dict(ENV_FIELDS)[self.kind]
        env = [
            {"name": text(entry, "name"), "valueFrom": {field: self._source(table(entry, "valueFrom", field), "name")}}
            for entry in dicts(container, "env")
            if self._meant(table(entry, "valueFrom", field), "name")
        ]
        whole, changed = dict(_ENV_FROM)[self.kind], False
        every = []
        for entry in dicts(container, "envFrom"):
            hit = not self.key and self._meant(table(entry, whole), "name")
            changed = changed or hit
            every.append(entry | {whole: self._source(table(entry, whole), "name")} if hit else entry)
        found: Json = {"env": env} if env else {}
        found |= {"envFrom": every} if changed else {}
        return {"name": text(container, "name"), **found} if found else {}

    def _volume(self, volume: Json) -> Json:
        name = text(volume, "name")
        field, named = next((field, named) for kind, field, named in VOLUME if kind == self.kind)
        source = table(volume, field)
        if self._meant(source, named):
            return {"name": name, field: self._source(source, named)}
        sources = dicts(volume, "projected", "sources")
        if not any(self._meant(table(one, field), "name") for one in sources):
            return {}
        every = [
            one | {field: self._source(table(one, field), "name")} if self._meant(table(one, field), "name") else one
            for one in sources
        ]
        return {"name": name, "projected": {"sources": every}}

    def _meant(self, source: Json, named: str) -> bool:
        if text(source, named) != self.name:
            return False
        keys = {text(source, "key"), *(text(item, "key") for item in dicts(source, "items"))}
        return not self.key or self.key in keys

    def _source(self, source: Json, named: str) -> Json:
        changed: dict[str, Any] = {**source, named: self.new}
        if self.key and dig(source, "key") == self.key:
            changed["key"] = self.new_key
        items = dicts(source, "items")
        if self.key and items:
            changed["items"] = [one | {"key": self.new_key} if one.get("key") == self.key else one for one in items]
        return changed
