"""What platforms and people ask of a broker, and what they get: plain values, nothing of HTTP or chat in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commands.broker.records import Binding, Instance, Json


@dataclass(frozen=True)
class ProvisionWish:
    """An instance that should exist. Asked for again with the same attributes, it is the same wish.

    `organization` and `space` are the platform's guids, `namespace` and `name` the consumer's namespace and what the
    instance is called there (empty where the platform does not say). `maintenance` is the version that the platform
    believes the plan to have, None where it does not say. `incomplete`: the platform polls when it takes longer.
    `platform` is what sent it (`kubernetes`, `cloudfoundry`, `chat`), `by` the person as the audit writes it. In a chat
    `team` and `user` are the Slack workspace and user id; both are empty for platforms.
    """

    id: str
    service_id: str
    plan_id: str
    organization: str = ""
    space: str = ""
    namespace: str = ""
    name: str = ""
    parameters: Json = field(default_factory=dict, repr=False)
    maintenance: str | None = None
    incomplete: bool = False
    platform: str = ""
    by: str = ""
    team: str = ""
    user: str = ""


@dataclass(frozen=True)
class UpdateWish:
    """What should change on an instance; None leaves a thing as it is. `previous` is what the platform believes that
    the instance is now (`plan_id`, `maintenance_info`, …), for information only."""

    id: str
    service_id: str
    plan_id: str | None = None
    parameters: Json | None = field(default=None, repr=False)
    maintenance: str | None = None
    incomplete: bool = False
    previous: Json = field(default_factory=dict)
    by: str = ""


@dataclass(frozen=True)
class BindWish:
    """Credentials of an instance for one consumer: the `app` and `resource` that a platform names. `predecessor` is the
    id of the binding that this one takes over from, empty without one. `secret` is the Secret in the consumer's
    namespace that gets them, empty where the platform keeps them itself. `team` and `user` as in ProvisionWish."""

    instance: str
    id: str
    service_id: str
    plan_id: str
    app: str = ""
    resource: Json = field(default_factory=dict)
    parameters: Json = field(default_factory=dict, repr=False)
    predecessor: str = ""
    incomplete: bool = False
    by: str = ""
    secret: str = ""
    team: str = ""
    user: str = ""


@dataclass(frozen=True)
class Provisioned:
    """The instance; `made` is false for the repeat of a wish that is fulfilled already. It may still be working."""

    instance: Instance
    made: bool


@dataclass(frozen=True)
class Bound:
    """The binding with its credentials, empty while it is working; `made` is false for a repeat."""

    binding: Binding
    made: bool
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
