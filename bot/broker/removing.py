"""Removing what was made: in reverse order, by uid, until it is gone; what stays is named with what holds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.broker.steps import Steps
from commands.base.errors import Unavailable
from commands.base.ports import Clock
from commands.broker.owners import belongs, owner, selector
from commands.broker.ports import Order, Tell
from commands.broker.records import Thing
from explainers.kinds import NAMESPACE, PERSISTENT_VOLUME_CLAIM, Kind, kind_named
from explainers.operations.base import Answer, Json
from explainers.operations.objects import mapping
from explainers.operations.owned import DeleteExactly
from explainers.operations.reads import Get, GetMetadata, List

PAUSE = 0.5
OWNING = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"})
"""Kinds whose pods are waited for, too."""


@dataclass(frozen=True)
class Removing:
    """Removes objects. `seconds` is how long one is waited for; the others are removed nevertheless."""

    steps: Steps
    clock: Clock
    seconds: float = 120

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        """Raises Unavailable that names what still exists and why."""
        ours = owner(order.broker, order.instance, order.entry.team)
        for namespace in sorted({thing.namespace for thing in things}):
            self._say(namespace, tell)
        stuck = [why for thing in reversed(things) if (why := self._removed(thing, ours, tell))]
        self._end(stuck + self._without_claims(_with_claims(things), ours, tell))

    def exactly(self, things: Sequence[Thing], tell: Tell) -> None:
        """Remove what has these uids. Raises Unavailable."""
        self._end([why for thing in things if (why := self._removed(thing, {}, tell))])

    def claims(self, namespaces: Iterable[str], order: Order, tell: Tell) -> None:
        """Remove the claims of an instance in these namespaces. Raises Unavailable."""
        self._end(self._without_claims(namespaces, owner(order.broker, order.instance, order.entry.team), tell))

    def _without_claims(self, namespaces: Iterable[str], ours: Mapping[str, str], tell: Tell) -> list[str]:
        claims = [claim for namespace in namespaces for claim in self._claims(namespace, ours)]
        return [why for claim in claims if (why := self._removed(claim, ours, tell))]

    def _end(self, stuck: Sequence[str]) -> None:
        if stuck:
            raise Unavailable(f"Not everything is gone yet: {'; '.join(stuck)}.", _hint(stuck))

    def _removed(self, thing: Thing, ours: Mapping[str, str], tell: Tell) -> str:
        """Why it still exists; empty when it is gone, or the name is somebody else's by now.

        What has our labels and another uid was made anew, just before the work broke off.
        """
        kind = kind_of(thing)
        metadata = _metadata(self.steps.send(GetMetadata(kind, thing.namespace, thing.name)))
        uid = str(metadata.get("uid") or "")
        if not uid or not (uid == thing.uid or (ours and belongs(metadata.get("labels"), ours))):
            return ""
        tell(f"removing {thing}")
        if not self.steps.send(DeleteExactly(kind, thing.namespace, thing.name, uid, thing.kind in OWNING)).ok:
            return ""  # gone, or another one, since it was read
        return self._gone(thing, kind, uid, tell)

    def _say(self, namespace: str, tell: Tell) -> None:
        """That a whole namespace goes or has gone, and what was made with it; nothing where that cannot be read."""
        answer = self.steps.cluster.run(Get(NAMESPACE, "", namespace))
        if answer.absent:
            tell(f"the namespace {namespace} is gone, and everything in it")
        elif mapping(answer.object, "status").get("phase") == "Terminating":
            tell(f"the namespace {namespace} is being deleted, with everything in it")

    def _gone(self, thing: Thing, kind: Kind, uid: str, tell: Tell) -> str:
        waited = 0.0
        while True:
            answer = self.steps.send(GetMetadata(kind, thing.namespace, thing.name))
            metadata = _metadata(answer)
            if answer.absent or metadata.get("uid") != uid:
                return ""
            if waited >= self.seconds:
                return self._held(thing, metadata)
            tell(f"waiting until {thing} is gone")
            self.clock.wait(PAUSE)
            waited += PAUSE

    def _held(self, thing: Thing, metadata: Json) -> str:
        finalizers = [str(one) for one in metadata.get("finalizers") or [] if one != "foregroundDeletion"]
        held = f"is held by the finalizer {', '.join(finalizers)}" if finalizers else "is still being deleted"
        namespace = self.steps.cluster.run(Get(NAMESPACE, "", thing.namespace)).object
        going = mapping(namespace, "status").get("phase") == "Terminating"
        return f"{thing} {held}" + (" (its namespace is being deleted, too)" if going else "")

    def _claims(self, namespace: str, ours: Mapping[str, str]) -> list[Thing]:
        """The claims that a StatefulSet made from its templates: Kubernetes keeps them when the set goes."""
        kind = PERSISTENT_VOLUME_CLAIM
        found = self.steps.send(List(kind, namespace, labels=selector(ours))).items
        names = [mapping(claim, "metadata") for claim in found]
        return [Thing(kind.name, kind.api_version, namespace, str(one["name"]), str(one["uid"])) for one in names]


def kind_of(thing: Thing) -> Kind:
    """The kind of a thing. One that this program does not list is addressed by the customary plural of its name."""
    group, _, version = thing.api_version.rpartition("/")
    known = kind_named(thing.kind)
    if known and known.group == group:
        return known
    return Kind(thing.kind, _plural(thing.kind.lower()), group, version)


def _plural(word: str) -> str:
    """As tools that generate custom resources form it: `policies`, `databases`, `caches`, `gateways`."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"


def _metadata(answer: Answer) -> Json:
    return mapping(answer.object, "metadata")


def _with_claims(things: Sequence[Thing]) -> list[str]:
    return sorted({thing.namespace for thing in things if thing.kind == "StatefulSet"})


def _hint(stuck: Sequence[str]) -> str:
    if any("finalizer" in why for why in stuck):
        return "Whatever set the finalizer has to take it away; the removal goes on by itself then."
    return "The removal goes on by itself."
