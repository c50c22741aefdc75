"""What a broker needs from outside: a ledger, the catalog, what makes things, where credentials come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from commands.broker.records import Binding, Instance, Json, Thing
from explainers.catalog.model import Entry, Shelf, Template

Note = Callable[[Thing], None]
"""Told of each thing as soon as it exists, with its uid. Raises `Stopped` when the work is to end."""
Tell = Callable[[str], None]
"""Told how far the work is, in words, often; holds no credential. May raise `Stopped`, too."""
R = TypeVar("R", Instance, Binding)


class Stopped(Exception):  # not an error: somebody wanted it
    """The operation is not wanted any more: another one has taken its place."""


class Catalog(Protocol):
    """The catalog of one broker, as it is now (at most two seconds old)."""

    def shelf(self) -> Shelf:
        """Raises Unavailable when it cannot be read: that is never an empty catalog."""


class Ledger(Protocol):
    """Instances and bindings, kept over restarts. What is hidden in them is encrypted at rest.

    Every method raises Unavailable when the store does not answer.
    """

    def instance(self, id: str) -> Instance | None: ...

    def binding(self, id: str) -> Binding | None: ...

    def instances(self) -> Sequence[Instance]:
        """All of them, without what is hidden."""

    def bindings(self, instance: str = "") -> Sequence[Binding]:
        """All of them, or those of an instance, without what is hidden."""

    def save(self, record: R) -> R:
        """Store a record that was read at its `revision` (0: a new one); gives it with its new revision.

        Raises Conflict when it was stored or removed meanwhile.
        """

    def remove(self, record: Instance | Binding) -> None:
        """Forget it, but for having been there. Raises Conflict like `save`."""

    def gone(self, id: str) -> bool:
        """Whether something with that id was removed within the last week."""


@dataclass(frozen=True)
class Order:
    """What is to be made: for which instance, with which values. Whose it is is written on every object (owners.py)."""

    broker: str
    instance: str
    entry: Entry
    namespace: str
    parameters: Json = field(default_factory=dict, repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    templates: tuple[Template, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """What will be made, in order, and what it looks like (a manifest for each thing; the values of a release)."""

    things: tuple[Thing, ...] = ()
    manifests: tuple[Json, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Drift:
    """Something that is not as the ledger says: `missing` or `changed`."""

    thing: Thing
    what: str


class Provisioner(Protocol):
    """Makes and removes what instances consist of, for every kind of provision. Every method may be repeated after a
    crash at any point and then goes on. All raise TesseraError in words for people, Unavailable where trying again may
    help."""

    def draw(self, order: Order) -> Blueprint:
        """What would be made; reads at most, changes nothing. Raises TesseraError for what must not or cannot be."""

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        """Make every thing, wait until it is ready, and say where it is: `host`, `port`, `scheme`, `uri` as far as
        known. An object of that name that is somebody else's is an error and stays as it is."""

    def remove(self, things: Sequence[Thing], order: Order, tell: Tell) -> None:
        """Remove in reverse order what has the uid, or the labels of instance and broker (made just before a crash);
        return when it is gone. Raises Unavailable that names what still exists and why (finalizers)."""

    def look(self, things: Sequence[Thing], blueprint: Blueprint, order: Order) -> Sequence[Drift]:
        """What is missing or changed."""


@dataclass(frozen=True)
class Issued:
    """Credentials as one source gives them; `lease` is what revokes them, empty where nothing has to."""

    values: Mapping[str, str] = field(repr=False)
    lease: str = ""


class CredentialSource(Protocol):
    """Credentials of every kind that an entry can name. Raises TesseraError, Unavailable where it may heal."""

    def issue(self, order: Order, binding: str) -> Issued: ...

    def revoke(self, order: Order, lease: str) -> None:
        """End what was issued; fine when it has ended already."""


class Delivery(Protocol):
    """Secrets in consumers' namespaces. Every method may be repeated."""

    def put(self, namespace: str, name: str, data: Mapping[str, str], type: str, owner: Mapping[str, str]) -> str:
        """Create or renew the Secret with these values; `owner` are its labels. Gives its uid. Raises Denied when the
        namespace has not let the broker in (says the line that does), Clash when the name is somebody else's."""

    def take_back(self, namespace: str, name: str, uid: str, owner: Mapping[str, str]) -> None:
        """Delete what has the uid, or the owner's labels; fine when it, or the namespace, is gone."""

    def differs(self, namespace: str, name: str, uid: str, data: Mapping[str, str]) -> str:
        """`missing`, `changed`, or nothing when it is as it should be."""


Place = tuple[str, str]
"""Namespace and name of a Service."""


@dataclass(frozen=True)
class Standing:
    """Whether a Service serves now, and what was seen of it. None: it is not known, for lack of the permission that is
    `missing`, for what is `told`, or, without either, because what it stands for was not looked at."""

    serves: bool | None
    told: str = ""
    missing: str = ""


class Standings(Protocol):
    """How the Services are that entries point to."""

    def of(self, places: Sequence[Place]) -> Mapping[Place, Standing]:
        """Each of them. Raises nothing: what cannot be read is not known."""


class Unseen:
    """The Standings of who does not look."""

    def of(self, places: Sequence[Place]) -> Mapping[Place, Standing]:
        return {}
