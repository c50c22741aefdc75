"""What of a broker exists in the cluster, found by its label in every namespace that the broker has to do with."""

from collections.abc import Sequence

from commands.base.errors import Denied
from commands.base.ports import Cluster
from commands.broker.broker import Broker
from commands.broker.owners import BROKER, INSTANCE, label_value
from commands.broker.records import Thing
from explainers import kinds
from explainers.catalog.model import EVERYBODY, Entry, ExistingService, ExternalURL
from explainers.kinds import Kind, kind_named
from explainers.operations.base import Json
from explainers.operations.objects import listed, mapping
from explainers.operations.owned import DeleteExactly
from explainers.operations.reads import List

USUAL = (kinds.SECRET, kinds.CONFIG_MAP, kinds.SERVICE, kinds.DEPLOYMENT, kinds.REPLICA_SET, kinds.POD)
"""What a broker may make without being told of more kinds."""


class OwnObjects:
    """The port Own. What somebody else made from an object of the broker (pods of a Deployment) is not listed."""

    def __init__(self, cluster: Cluster, broker: Broker, more: Sequence[str] = ()) -> None:
        """`more` are the kinds that this broker may make besides the usual ones."""
        self._cluster = cluster
        self._broker = broker
        named = (kind_named(name) for name in more)
        self._kinds = (*USUAL, *(kind for kind in named if kind and kind not in USUAL))
        self.unread: list[str] = []
        """What could not be listed for lack of a permission."""

    def listed(self) -> Sequence[tuple[Thing, str]]:
        mine = f"{BROKER}={label_value(self._broker.parts.name)}"
        homes = self._homes()
        places = [(kind, namespace) for namespace in sorted(homes) for kind in self._kinds]
        places += [(kinds.SECRET, namespace) for namespace in sorted(self._consumers() - homes)]
        looks = [List(kind, namespace, labels=mine, metadata_only=True) for kind, namespace in places]
        found: list[tuple[Thing, str]] = []
        for look, answer in zip(looks, self._cluster.read(looks), strict=True):
            if not answer.ok:
                self.unread.append(f"{look.kind.plural} in {look.namespace}: {answer.problem}")
            found += [_thing(look.kind, one) for one in answer.items if not _owned(one)]
        return found

    def remove(self, thing: Thing) -> None:
        """Raises Denied when the cluster does not take it."""
        kind = kind_named(thing.kind)
        if kind is None:
            return
        answer = self._cluster.run(DeleteExactly(kind, thing.namespace, thing.name, thing.uid))
        if not answer.ok and not answer.absent:
            raise Denied(f"The cluster did not delete {thing}: {answer.problem}")

    def _homes(self) -> set[str]:
        """Where instances are made."""
        shelf, ledger = self._broker.shelf(), self._broker.parts.ledger
        found = {thing.namespace for one in ledger.instances() for thing in one.things}
        return _names(found | {_home(entry) for entry in shelf.entries})

    def _consumers(self) -> set[str]:
        """Where Secrets of bindings may be."""
        shelf, ledger = self._broker.shelf(), self._broker.parts.ledger
        found = {one.namespace for one in ledger.bindings() if one.secret}
        return _names(found | {name for entry in shelf.entries for name in entry.consumers.namespaces})


def _home(entry: Entry) -> str:
    """Where an entry's instances are made; nowhere for what is only pointed to."""
    provision = entry.provision
    return "" if isinstance(provision, ExternalURL | ExistingService) else provision.namespace


def _names(found: set[str]) -> set[str]:
    """Those that are names; templates and `*` are none."""
    return {name for name in found if name and name != EVERYBODY and "{" not in name}


def _thing(kind: Kind, one: Json) -> tuple[Thing, str]:
    metadata = mapping(one, "metadata")
    labels = mapping(metadata, "labels")
    place = (str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))
    return Thing(kind.name, kind.api_version, *place, str(metadata.get("uid") or "")), str(labels.get(INSTANCE) or "")


def _owned(one: Json) -> bool:
    return bool(listed(mapping(one, "metadata").get("ownerReferences")))
