"""A catalog to ask for: a plan that is made at once in two versions, and one that takes its time."""

from typing import Any

from explainers.catalog.model import Entry
from explainers.catalog.reading import read_shelf
from tests.unit.commands.broker.bench import Json, entry, objects, objects_entry

SCHEMA = {"type": "object", "properties": {"size": {"type": "integer"}}}
INDEX: Json = {"team": "search", "offering": "index", "whitelist": ["*"], "description": "A search index"}
DATABASE: Json = {
    "team": "data",
    "offering": "postgres",
    "version": "16",
    "description": "A database of your own",
    "whitelist": ["*"],
    "parameters": SCHEMA,
    "maintenance": {"version": "16.4.0", "description": "Minor release"},
    "type": "postgresql",
}


def configmaps(**more: Any) -> list[Json]:
    """The catalog's ConfigMaps; `more` replaces or adds keys in every entry."""
    ids = [f"2f1c6e0a-0000-4000-8000-00000000000{number}" for number in range(1, 5)]
    first: Json = {"uuid": ids[0], "version": "1", "parameters": SCHEMA, "type": "elasticsearch"}
    return [
        entry("one", **INDEX | first | more),
        entry("two", **INDEX | {"uuid": ids[1], "version": "2"} | more),
        objects_entry("pg", **DATABASE | {"uuid": ids[2]} | more),
        *objects("pg"),
        entry("nobody", team="data", offering="secret", uuid=ids[3], whitelist=[]),
    ]


SHELF = read_shelf(configmaps())


def _plan(uuid: str) -> Entry:
    found = SHELF.plan(uuid)
    assert found, SHELF.problems
    return found


FAST = _plan("2f1c6e0a-0000-4000-8000-000000000001")
FAST_2 = _plan("2f1c6e0a-0000-4000-8000-000000000002")
SLOW = _plan("2f1c6e0a-0000-4000-8000-000000000003")
