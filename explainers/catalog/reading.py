"""ConfigMaps of the broker's namespace as a catalog. One that is wrong is named and left out; the others stay."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from explainers.catalog.assembling import Read, assemble
from explainers.catalog.decoding import Decoded, Unreadable, plain
from explainers.catalog.entries import entry_of
from explainers.catalog.fields import Notes
from explainers.catalog.labels import enabled_problem, has_order, is_enabled, is_entry
from explainers.catalog.model import Entry, Json, Shelf
from explainers.catalog.objects import broken, is_object, read_object
from explainers.catalog.sources import BadCatalog, Source, find, refusal, source
from explainers.catalog.tables import ENTRY_DATA

Pairs = tuple[tuple[str, str], ...]
Data = tuple[tuple[str, str | Decoded], ...]
_REMEMBERED = 16 * 1024
"""ConfigMaps with more characters than this are read anew each time, so that little is kept."""

__all__ = ["BadCatalog", "read_entry", "read_shelf", "read_source"]


def read_shelf(configmaps: Sequence[Any], kinds: Sequence[str] = ()) -> Shelf:
    """The catalog of a namespace, from all of its ConfigMaps. Lines are those in the data value. `kinds` of objects may
    be made besides the usual ones."""
    sources = [source(each) for each in configmaps]
    shelf = assemble([_read_anew(one) for one in sources], revision(sources))
    return replace(shelf, kinds=tuple(kinds))


def read_entry(raw: Json, source: str) -> Entry:
    """One entry, decoded already; `source` is the ConfigMap's name. Raises BadCatalog with every mistake in it."""
    notes = Notes(source, lambda _: 0)
    try:
        entry = entry_of(plain(raw), source, notes)
    except Unreadable as error:
        notes.add((), error.message)
        entry = None
    if entry is None:
        raise BadCatalog(notes.problems)
    return entry


def read_source(one: Source) -> Read:
    """What one ConfigMap is to the catalog: an entry, an object, something wrong, or nothing."""
    if is_entry(one.labels):
        return _read_entry(one)
    return _read_object(one) if is_object(one) else Read(one)


def _read_entry(one: Source) -> Read:
    if not is_enabled(one.labels):
        return _switched_off(one)
    try:
        found = find(one, ENTRY_DATA)
    except BadCatalog as error:
        return Read(one, problems=error.problems)
    notes = one.notes(found.path, found.decoded)
    entry = entry_of(found.decoded.value, one.name, notes)
    return Read(one, entry, found=found, problems=tuple(notes.problems))


def _read_object(one: Source) -> Read:
    if not is_enabled(one.labels):
        return _switched_off(one) if has_order(one.labels) else Read(one)
    try:
        template, found = read_object(one)
    except BadCatalog as error:
        return Read(one, template=broken(one, error), problems=error.problems)
    return Read(one, template=template, found=found)


def _switched_off(one: Source) -> Read:
    message = enabled_problem(one.labels)
    return Read(one, problems=refusal(one, ("metadata", "labels"), message).problems if message else ())


def _read_anew(one: Source) -> Read:
    """A catalog is read as a whole whenever one ConfigMap in it changes; the others are remembered."""
    if sum(len(text) for text in one.data.values() if isinstance(text, str)) > _REMEMBERED:
        return read_source(one)
    return _remembered(one.name, tuple(one.labels.items()), tuple(one.data.items()), one.created, one.shown)


@lru_cache(2048)
def _remembered(name: str, labels: Pairs, data: Data, created: str, shown: str) -> Read:
    return read_source(Source(name, dict(labels), dict(data), created, shown))


def revision(sources: Sequence[Source]) -> str:
    """The same for the same ConfigMaps in any order; another one when a label or a datum of them changes."""
    parts = sorted(json.dumps([one.name, one.created, dict(one.labels), _data(one)], sort_keys=True) for one in sources)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _data(one: Source) -> dict[str, Any]:
    return {key: text.text if isinstance(text, Decoded) else text for key, text in one.data.items()}
