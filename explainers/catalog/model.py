"""The shapes of a catalog: what a team offers, how it comes into being, where its credentials come from.

One ConfigMap is one `Entry`. Entries of one team and offering with different versions are the plans of one service.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Json = dict[str, Any]
_SERVICES = uuid.UUID("6f0d4f3e-3b0c-5f52-9a4e-7c1b6c6f0a11")
"""The name space of service ids (RFC 9562, version 5): the same service has the same id in every broker."""
EVERYBODY = "*"


@dataclass(frozen=True)
class ExternalURL:
    """Something outside of the cluster; the URL is handed on as it is."""

    url: str


@dataclass(frozen=True)
class ExistingService:
    """A Service that runs already. Without `port` and `scheme` they are taken from the Service itself."""

    namespace: str
    name: str
    port: int = 0
    scheme: str = ""


@dataclass(frozen=True)
class NewObjects:
    """Objects made for each instance, from the ConfigMaps that `selector` (a label selector) finds beside the entry.

    `namespace` is where they are made, `name` the Service that consumers call; both may be templates.
    """

    namespace: str
    name: str
    selector: str
    port: int = 0
    scheme: str = ""


@dataclass(frozen=True)
class HelmChart:
    """A chart, installed as a release of its own for each instance. `chart` is a repository's chart URL, an `oci://`
    reference, a path, or `name` with `repository`. `values` may be templates; `name` is the Service to call.

    The historical forms name no place: `namespace` empty is the broker's own, `name` empty the release's name."""

    namespace: str
    name: str
    chart: str
    repository: str = ""
    version: str = ""
    values: Json = field(default_factory=dict, hash=False)
    port: int = 0
    scheme: str = ""


Provision = ExternalURL | ExistingService | NewObjects | HelmChart


@dataclass(frozen=True)
class FromCatalog:
    """The same credential for everybody, in the entry itself."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class FromSecret:
    """The keys of a Secret in the broker's namespace."""

    name: str


@dataclass(frozen=True)
class FromVault:
    """What Vault gives at `path`: a version of a KV v2 secret, or a dynamic one with a lease. `auth` is the role of the
    Kubernetes auth method, as `role` or `mount/role`."""

    url: str
    auth: str
    path: str


@dataclass(frozen=True)
class Generated:
    """A password made for each instance, which the objects or chart take as `{{ credentials.password }}`."""

    username: str = ""
    length: int = 32


@dataclass(frozen=True)
class NoCredential:
    """Nothing is needed to use the service."""


Credential = FromCatalog | FromSecret | FromVault | Generated | NoCredential


@dataclass(frozen=True)
class Consumers:
    """Who may see and request an entry. Nobody is allowed unless a list names them; `*` names all, also platforms that
    know no namespaces.

    A person must be of a namespace that is listed, and, where Slack teams or users are listed, one of those too.
    """

    namespaces: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    def take(self, namespace: str, team: str = "", user: str = "", chat: bool = True) -> bool:
        """Whether that namespace may use the entry; with `chat`, also whether that person may."""
        if not _listed(namespace, self.namespaces):
            return False
        if not chat or not (self.teams or self.users):
            return True
        return _listed(team, self.teams) or _listed(user, self.users)


def _listed(name: str, names: tuple[str, ...]) -> bool:
    return EVERYBODY in names or (bool(name) and name in names)


@dataclass(frozen=True)
class Owners:
    """The people of the team that offers: Slack user ids, and Kubernetes groups of the policy."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.users or self.groups)

    def hold(self, user: str, groups: tuple[str, ...]) -> bool:
        return user in self.users or any(group in self.groups for group in groups)


@dataclass(frozen=True)
class Entry:
    """One plan that a team offers.

    `version` tells plans of a service apart. `schema` is the JSON Schema (draft-04) of the parameters. With `approval`,
    one of the owners must agree to each request. `days` is how long an instance lives unless it is extended; 0 for
    ever. `maintenance` is the version of what is provided, and `maintenance_text` what it brings. `type` is that of
    servicebinding.io (`postgresql`). `source` is the ConfigMap's name, `raw` what it held: the entry read anew from it
    is the same.
    """

    team: str
    offering: str
    version: str
    uuid: str
    description: str
    provision: Provision
    credential: Credential
    consumers: Consumers = field(default_factory=Consumers)
    owners: Owners = field(default_factory=Owners)
    schema: Json = field(default_factory=dict, hash=False)
    approval: bool = False
    days: int = 0
    maintenance: str = ""
    maintenance_text: str = ""
    type: str = ""
    source: str = ""
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @property
    def service(self) -> str:
        """The service's name in the broker API: `team-offering`."""
        return f"{self.team}-{self.offering}"

    @property
    def plan(self) -> str:
        """The plan's name: `team-offering-version`."""
        return f"{self.service}-{self.version}"

    @property
    def title(self) -> str:
        """What people type: `team/offering`."""
        return f"{self.team}/{self.offering}"

    @cached_property
    def service_id(self) -> str:
        return str(uuid.uuid5(_SERVICES, self.service))

    @property
    def plan_id(self) -> str:
        return self.uuid

    @property
    def at_once(self) -> bool:
        """Whether an instance exists as soon as it is asked for: nothing is made."""
        return isinstance(self.provision, ExternalURL | ExistingService)

    @property
    def rotatable(self) -> bool:
        """Whether a new binding can have newer credentials than its predecessor."""
        return isinstance(self.credential, FromSecret | FromVault | FromCatalog)


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a catalog. `source` is the ConfigMap (or file), `where` the path to the key (`provisiondata.url`),
    `line` counts from 1 in that file (0 where there is none). `team` is whose it is, as far as it can be read."""

    source: str
    line: int
    where: str
    message: str
    team: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        return f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"


@dataclass(frozen=True)
class Template:
    """One object to be made for each instance: the manifest with its templates, in the order of `order`, then name.

    One that cannot be read has `problems` and no manifest: it is kept, so that nothing is made without it.
    """

    source: str
    order: float
    manifest: Json = field(hash=False, repr=False)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Shelf:
    """A catalog as it was read: good entries, templates by ConfigMap with their labels, and what is wrong.

    `revision` changes whenever something in it does. `reads` are what each ConfigMap was read as, for lint, and `kinds`
    the kinds of objects that the broker may make besides the usual ones.
    """

    entries: tuple[Entry, ...] = ()
    templates: tuple[tuple[Mapping[str, str], Template], ...] = ()
    problems: tuple[Problem, ...] = ()
    revision: str = ""
    reads: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    kinds: tuple[str, ...] = ()

    def plan(self, plan_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.uuid == plan_id), None)

    def service(self, team: str, offering: str) -> tuple[Entry, ...]:
        """The plans of a service, by version."""
        return tuple(entry for entry in self.entries if (entry.team, entry.offering) == (team, offering))
