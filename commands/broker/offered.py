"""Which entry a wish means, and whether the one who wishes may have it."""

from commands.broker.errors import Malformed
from commands.broker.records import Instance, Json
from explainers.catalog.model import Entry, Shelf
from explainers.catalog.reading import read_entry


def wanted(shelf: Shelf, service_id: str, plan_id: str, namespace: str, team: str = "", user: str = "") -> Entry:
    """The entry of a plan, if that namespace (and, where `user` is given, that person) may use it.

    What somebody may not use does not exist for them: the error is the same. Raises Malformed.
    """
    entry = shelf.plan(plan_id)
    if entry is None or service_id not in (entry.service_id, entry.plan_id):
        raise Malformed(
            f"The catalog has no plan `{plan_id}` of a service `{service_id}`.", "GET /v2/catalog lists them"
        )
    if not entry.consumers.take(namespace, team, user, chat=bool(user)):
        raise Malformed(
            f"The catalog has no plan `{plan_id}` for the namespace `{namespace or '(none)'}`.",
            "the team that offers it lists the namespaces that may use it",
        )
    return entry


def held_entry(instance: Instance) -> Entry:
    """The entry as it was when the instance was asked for, or last updated."""
    raw: Json = instance.hidden["entry"]
    return read_entry(raw, instance.hidden["source"])
