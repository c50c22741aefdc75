"""The objects of a Helm release: what a chart may make, whose they are, what is left of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from bot.broker.removing import Removing, kind_of
from bot.broker.steps import Steps
from commands.base.errors import UsageError
from commands.base.ports import Clock
from commands.broker.owners import INSTANCE, belongs
from commands.broker.ports import Order, Tell
from commands.broker.records import Thing
from explainers.catalog.allowed import refusals
from explainers.kinds import PERSISTENT_VOLUME_CLAIM, STATEFUL_SET
from explainers.operations.base import Json
from explainers.operations.objects import mapping
from explainers.operations.patches import Label
from explainers.operations.reads import Get, GetMetadata, List
from explainers.selectors import query

_HOOK = "helm.sh/hook"
_NAME, _NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"


def documents(manifest: str) -> list[Json]:
    """The objects of a stream of YAML, as helm prints it."""
    try:
        found: list[Any] = list(yaml.safe_load_all(manifest))
    except yaml.YAMLError:
        raise UsageError("What the chart makes cannot be read as YAML.", "`helm template` shows it") from None
    return [one for one in found if isinstance(one, dict) and one.get("kind")]


def parsed(manifest: str, release: Thing) -> tuple[Thing, ...]:
    """The things that a release consists of."""
    return tuple(
        Thing(
            str(one["kind"]),
            str(one.get("apiVersion") or ""),
            str(mapping(one, "metadata").get("namespace") or release.namespace),
            str(mapping(one, "metadata").get("name") or ""),
        )
        for one in documents(manifest)
    )


@dataclass(frozen=True)
class HelmObjects:
    """What is done with the objects of a release beside helm."""

    steps: Steps
    clock: Clock
    seconds: float

    @staticmethod
    def check(manifest: str) -> None:
        """Raises UsageError for what no instance may consist of; a chart may make kinds of every namespaced sort."""
        made = documents(manifest)
        kinds = {str(one["kind"]) for one in made}
        accounts = {str(mapping(one, "metadata").get("name")) for one in made if one["kind"] == "ServiceAccount"}
        found = [
            f"{one['kind']} {mapping(one, 'metadata').get('name')}: {refused}"
            for one in made
            for refused in refusals(one, kinds, accounts)
        ]
        if found:
            raise UsageError(f"The chart makes what may not be made: {'; '.join(found[:5])}")

    def label(self, objects: Sequence[Thing], labels: Mapping[str, str]) -> None:
        """Write on every object whose it is."""
        for thing in objects:
            self._label(thing, labels)

    def label_claims(self, objects: Sequence[Thing], labels: Mapping[str, str]) -> None:
        """The same on the claims that StatefulSets made, which helm does not know of and leaves behind."""
        for thing in objects:
            if thing.kind != STATEFUL_SET.name:
                continue
            live = self.steps.send(Get(STATEFUL_SET, thing.namespace, thing.name)).object
            wanted = mapping(live, "spec", "selector")
            if not wanted:
                continue
            for claim in self.steps.send(List(PERSISTENT_VOLUME_CLAIM, thing.namespace, query(wanted))).items:
                kind, name = PERSISTENT_VOLUME_CLAIM, str(mapping(claim, "metadata").get("name"))
                self._label(Thing(kind.name, kind.api_version, thing.namespace, name), labels)

    def _label(self, thing: Thing, labels: Mapping[str, str]) -> None:
        kind = kind_of(thing)
        metadata = mapping(self.steps.send(GetMetadata(kind, thing.namespace, thing.name)).object, "metadata")
        own = {key: value for key, value in labels.items() if not key.startswith("app.kubernetes.io/")}
        if metadata and not own.items() <= mapping(metadata, "labels").items():
            self.steps.send(Label(kind, thing.namespace, thing.name, tuple(own.items())))

    def remove_claims(self, namespace: str, order: Order, tell: Tell) -> None:
        """Raises Unavailable for one that stays."""
        Removing(self.steps, self.clock, self.seconds).claims((namespace,), order, tell)

    def remove_hooks(self, hooks: Sequence[Thing], ours: Mapping[str, str], tell: Tell) -> None:
        """The objects of hooks that are still there, except those that another instance has made anew."""
        found = []
        for thing in hooks:
            metadata = self._metadata(thing) or {}
            mine = INSTANCE not in mapping(metadata, "labels") or belongs(metadata["labels"], ours)
            if mine and _HOOK in mapping(metadata, "annotations"):
                found.append(replace(thing, uid=str(metadata["uid"])))
        Removing(self.steps, self.clock, self.seconds).exactly(found, tell)

    def missing(self, objects: Sequence[Thing]) -> list[Thing]:
        return [one for one in objects if self._metadata(one) is None]

    def remove(self, objects: Sequence[Thing], release: Thing, tell: Tell) -> None:
        """What is left of a release that helm took away: what goes slowly, and what the chart tells helm to keep.
        Raises Unavailable that names it and the finalizers that hold it."""
        found = []
        for thing in objects:
            metadata = self._metadata(thing) or {}
            annotations = mapping(metadata, "annotations")
            if (annotations.get(_NAME), annotations.get(_NAMESPACE)) == (release.name, release.namespace):
                found.append(replace(thing, uid=str(metadata["uid"])))
        Removing(self.steps, self.clock, self.seconds).exactly(found[::-1], tell)

    def _metadata(self, thing: Thing) -> Json | None:
        answer = self.steps.send(GetMetadata(kind_of(thing), thing.namespace, thing.name))
        return mapping(answer.object, "metadata") or None
