"""What a broker remembers: instances, bindings, and the operation that is under way on each.

A record is written before anything outside changes (write ahead), so whatever a crash leaves is known. `hidden` holds
what may be secret; a ledger stores it encrypted and nothing prints it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

Json = dict[str, Any]
NOWHERE = ""
"""The name of no Secret."""


class State(StrEnum):
    """`asked` waits for approval, `working` for its operation; `failed` keeps what was made until it is removed."""

    ASKED = "asked"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class Doing(StrEnum):
    """What an operation does."""

    PROVISION = "provision"
    UPDATE = "update"
    DEPROVISION = "deprovision"
    BIND = "bind"
    UNBIND = "unbind"


class Progress(StrEnum):
    """The states of the specification ("Polling Last Operation")."""

    RUNNING = "in progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class Operation:
    """One operation; `told` is how far it is or why it failed, in words fit to leave. `asynchronous`: the platform
    polls for it. `began` is ISO 8601."""

    id: str
    doing: Doing
    began: str
    progress: Progress = Progress.RUNNING
    told: str = ""
    asynchronous: bool = False

    def ended(self, progress: Progress, told: str) -> "Operation":
        return replace(self, progress=progress, told=told)


@dataclass(frozen=True)
class Thing:
    """Something made for an instance or binding: an object, or a Helm release (`kind` HelmRelease). `uid` is empty
    until it is known to exist; only what has this uid is ever deleted."""

    kind: str
    api_version: str
    namespace: str
    name: str
    uid: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True)
class Instance:
    """A service instance.

    `namespace` is the consumer's. `organization` and `space` are the platform's guids. `platform` is `chat`,
    `terminal`, or the one that a platform names. `by` is who asked, as people or platforms write it, `user` their Slack
    id, `approved` who agreed, `announced` that those who decide were told. `coordinates` say where it is (`host`,
    `port`, `scheme`, `uri`). `hidden` has `asked` (as they came), `parameters` (with the defaults), `entry` (as it was
    when it was asked for), `source`, `credentials` (generated) and `manifests` (of `things`). Times are ISO 8601.
    """

    id: str
    service_id: str
    plan_id: str
    team: str
    offering: str
    version: str
    namespace: str
    name: str = ""
    organization: str = ""
    space: str = ""
    platform: str = "chat"
    by: str = ""
    user: str = ""
    approved: str = ""
    state: State = State.WORKING
    operation: Operation | None = None
    coordinates: Mapping[str, str] = field(default_factory=dict)
    things: tuple[Thing, ...] = ()
    maintenance: str = ""
    created: str = ""
    expires: str = ""
    warned: bool = False
    announced: bool = False
    hidden: Json = field(default_factory=dict, repr=False)
    revision: int = 0

    @property
    def title(self) -> str:
        return f"{self.team}/{self.offering}"


@dataclass(frozen=True)
class Binding:
    """A service binding: credentials of an instance for one consumer.

    `secret` is the name of the Secret in the instance's consumer namespace; empty where the platform keeps the
    credentials itself. `predecessor` is the binding that this one takes over from, `until` when that one ends.
    `hidden` has `parameters`, `credentials` (merged with the coordinates) and `lease` (what revokes them). `app` and
    `resource` are what the platform says it is for.
    """

    id: str
    instance: str
    service_id: str
    plan_id: str
    namespace: str
    secret: str = ""
    app: str = ""
    resource: Json = field(default_factory=dict)
    predecessor: str = ""
    until: str = ""
    by: str = ""
    user: str = ""
    state: State = State.WORKING
    operation: Operation | None = None
    things: tuple[Thing, ...] = ()
    created: str = ""
    hidden: Json = field(default_factory=dict, repr=False)
    revision: int = 0

    def relieved(self, until: str) -> "Binding":
        """The same without its Secret, which a successor has now; its credentials end then."""
        return replace(self, secret=NOWHERE, things=(), until=until)


Record = Instance | Binding
