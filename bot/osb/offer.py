"""The catalog as platforms read it: entries of one team and offering are the plans of one service ("Catalog
Management"). It is worked out once for each revision and version, with its ETag."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from bot.osb import versions
from bot.osb.answers import Answer, as_json
from commands.broker.records import Json
from explainers.catalog.model import Entry, Shelf

DRAFT = "http://json-schema.org/draft-04/schema#"
LARGEST_SCHEMA = 64_000
POLL_AT_MOST_SECONDS = 3600


@dataclass(frozen=True)
class _Page:
    body: bytes
    etag: str


class Offer:
    """The pages of the newest revision. May be asked by several threads: at worst a page is worked out twice."""

    def __init__(self) -> None:
        self._pages: tuple[str, dict[int, _Page]] = ("", {})

    def answer(self, shelf: Shelf, version: int, known: str) -> Answer:
        """`known` is the If-None-Match header: what the platform has already is not sent again (304)."""
        page = self._page(shelf, version)
        headers = {"ETag": page.etag, "Vary": "X-Broker-API-Version"}
        if _matches(known, page.etag):
            return Answer(304, b"", headers)
        return Answer(200, page.body, headers)

    def _page(self, shelf: Shelf, version: int) -> _Page:
        revision, pages = self._pages
        if revision != shelf.revision:
            pages = {}
            self._pages = (shelf.revision, pages)
        if version not in pages:
            body = as_json(catalog(shelf.entries, version))
            pages[version] = _Page(body, f'"{sha256(body).hexdigest()[:32]}"')
        return pages[version]


def catalog(entries: Sequence[Entry], version: int) -> Json:
    """The body of GET /v2/catalog. An entry that nobody may use is not offered; ids and names appear once."""
    services: dict[str, list[Entry]] = {}
    seen: set[str] = set()
    for entry in entries:
        plans = services.get(entry.service_id, [])
        taken = entry.plan_id in seen or any(plan.plan == entry.plan for plan in plans)
        if taken or not entry.consumers.namespaces:
            continue
        seen.add(entry.plan_id)
        services.setdefault(entry.service_id, plans).append(entry)
    return {"services": [_service(plans, version) for plans in services.values()]}


def _service(plans: Sequence[Entry], version: int) -> Json:
    first = plans[0]
    service: Json = {
        "id": first.service_id,
        "name": first.service,
        "description": first.description or first.title,
        "bindable": True,
        "plan_updateable": _changes_plans(plans),
        "metadata": {"displayName": first.title, "providerDisplayName": first.team},
        "plans": [_plan(entry, version) for entry in plans],
    }
    if first.type:
        service["tags"] = [first.type]
    if version >= versions.FETCHED:
        service |= {"instances_retrievable": True, "bindings_retrievable": True}
    return service


def _changes_plans(plans: Sequence[Entry]) -> bool:
    """Whether an instance can change its plan: only where nothing has to be made anew."""
    return len(plans) > 1 and all(entry.at_once for entry in plans)


def _plan(entry: Entry, version: int) -> Json:
    plan: Json = {
        "id": entry.plan_id,
        "name": entry.plan,
        "description": entry.description or entry.title,
        "free": True,
        "bindable": True,
        "metadata": {"displayName": entry.version},
    }
    schema = _schema(entry)
    if schema:
        inputs = {"parameters": schema}
        update = {"update": inputs} if entry.at_once else {}
        plan["schemas"] = {"service_instance": {"create": inputs} | update}
    if version >= versions.MAINTENANCE and entry.maintenance:
        told = {"description": entry.maintenance_text} if entry.maintenance_text else {}
        plan["maintenance_info"] = {"version": entry.maintenance} | told
    if version >= versions.POLLING_TIME and not entry.at_once:
        plan["maximum_polling_duration"] = POLL_AT_MOST_SECONDS
    if version >= versions.ROTATION:
        plan["binding_rotatable"] = entry.rotatable
    return plan


def _schema(entry: Entry) -> Json:
    """The schema with the `$schema` that it must have; nothing where it is larger than platforms take."""
    if not entry.schema:
        return {}
    schema = {"$schema": DRAFT} | entry.schema
    return schema if len(as_json(schema)) <= LARGEST_SCHEMA else {}


def _matches(known: str, etag: str) -> bool:
    """The weak comparison of RFC 9110, section 13.1.2."""
    tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
    return "*" in tags or etag in tags
