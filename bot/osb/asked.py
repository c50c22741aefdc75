"""A request, understood: from what was sent to what is wished. Raises Malformed; nothing here asks a broker."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from bot.osb import versions
from bot.osb.bodies import read_object
from bot.osb.fields import LONGEST_OPERATION, Fields, identifier, needed_parameter, parameter
from bot.osb.identity import Identity
from commands.broker.errors import Malformed
from commands.broker.records import Json
from commands.broker.wishes import BindWish, ProvisionWish, UpdateWish

MOST_PARAMETERS = 50
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Asked:
    """A request that is authenticated and of a version that is spoken.

    `instance` and `binding` are the ids of its path, checked. `known` is its If-None-Match header, `by` for the audit.
    """

    version: int
    instance: str = ""
    binding: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    known: str = ""
    identity: Identity = field(default_factory=Identity)
    by: str = ""

    @property
    def incomplete(self) -> bool:
        return self.query.get("accepts_incomplete") == "true"

    @property
    def incomplete_binding(self) -> bool:
        """Bindings may be asynchronous since 2.14."""
        return self.incomplete and self.version >= versions.ASYNCHRONOUS_BINDINGS

    def operation(self) -> tuple[str, str, str]:
        """Operation, service and plan of a poll; each may be left out."""
        operation = parameter(self.query, "operation", LONGEST_OPERATION)
        return operation, parameter(self.query, "service_id"), parameter(self.query, "plan_id")

    def hints(self) -> None:
        """Service and plan are hints where something is fetched: nothing depends on them, but empty is wrong."""
        parameter(self.query, "service_id")
        parameter(self.query, "plan_id")

    def removal(self) -> tuple[str, str]:
        """Service and plan of what is to be removed; both are required."""
        return needed_parameter(self.query, "service_id"), needed_parameter(self.query, "plan_id")


def read_query(raw: str) -> dict[str, str]:
    """Query parameters; the first of several with one name counts."""
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise Malformed(f"The query has more than {MOST_PARAMETERS} parameters.") from None
    return dict(reversed(pairs))


def read_ids(instance: str, binding: str | None = None) -> tuple[str, str]:
    """The ids of a path, which are percent-encoded there."""
    bound = identifier(unquote(binding), "binding id") if binding is not None else ""
    return identifier(unquote(instance), "instance id"), bound


def provision_wish(asked: Asked, raw: bytes) -> ProvisionWish:
    body = Fields(read_object(raw))
    context = _context(body)
    return ProvisionWish(
        asked.instance,
        body.needed("service_id"),
        body.needed("plan_id"),
        body.needed("organization_guid"),
        body.needed("space_guid"),
        _namespace(context),
        context.text("instance_name"),
        body.object("parameters"),
        _maintenance(asked, body),
        asked.incomplete,
        context.text("platform") or asked.identity.platform or "osb",
        asked.by,
    )


def update_wish(asked: Asked, raw: bytes) -> UpdateWish:
    body = Fields(read_object(raw))
    _namespace(_context(body))
    return UpdateWish(
        asked.instance,
        body.needed("service_id"),
        body.text("plan_id") or None,
        body.object_or_none("parameters"),
        _maintenance(asked, body),
        asked.incomplete,
        _previous(body),
        asked.by,
    )


def bind_wish(asked: Asked, raw: bytes) -> BindWish:
    """A rotation ("Request (Rotating a Service Binding)") may name its predecessor and nothing else: service and plan
    are empty then."""
    body = Fields(read_object(raw))
    _namespace(_context(body))
    predecessor = body.text("predecessor_binding_id") if asked.version >= versions.ROTATION else ""
    if predecessor:
        identifier(predecessor, "predecessor_binding_id")
    take = body.text if predecessor else body.needed
    resource = body.inside("bind_resource")
    resource.text("route")
    older, newer = body.text("app_guid"), resource.text("app_guid")
    return BindWish(
        asked.instance,
        asked.binding,
        take("service_id"),
        take("plan_id"),
        newer or older,
        body.object("bind_resource"),
        body.object("parameters"),
        predecessor,
        asked.incomplete_binding,
        asked.by,
    )


def _context(body: Fields) -> Fields:
    context = body.inside("context")
    context.text("platform")
    return context


def _namespace(context: Fields) -> str:
    namespace = context.text("namespace")
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise Malformed(
            "`context.namespace` must be the name of a Kubernetes namespace: small letters, digits and `-`."
        )
    return namespace


def _maintenance(asked: Asked, body: Fields) -> str | None:
    """The version that the platform expects; an object without one, or an empty object, says nothing."""
    if asked.version < versions.MAINTENANCE:
        return None
    return body.inside("maintenance_info").text("version") or None


def _previous(body: Fields) -> Json:
    previous = body.inside("previous_values")
    for name in ("service_id", "plan_id", "organization_id", "space_id"):
        previous.text(name)
    previous.inside("maintenance_info").text("version")
    return body.object("previous_values")
