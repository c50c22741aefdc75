"""The objects that are made for each instance: ConfigMaps that hold one manifest each."""

from typing import Any

from explainers.catalog.allowed import modern
from explainers.catalog.fields import Notes
from explainers.catalog.labels import has_order, is_enabled, is_entry, order
from explainers.catalog.model import Problem, Shelf, Template
from explainers.catalog.sources import BadCatalog, Found, Source, find
from explainers.catalog.tables import OBJECT_DATA
from explainers.selectors import matches, parse


def is_object(one: Source) -> bool:
    """Whether this holds an object: by its data key, or because it has a place in an order."""
    return not is_entry(one.labels) and (
        has_order(one.labels) or any(key.casefold() in OBJECT_DATA for key in one.data)
    )


def read_object(one: Source) -> tuple[Template, Found]:
    """Raises BadCatalog."""
    found = find(one, OBJECT_DATA)
    notes = one.notes(found.path, found.decoded)
    place, wrong = order(one.labels)
    if wrong:
        notes.add((), wrong)
    _check(found.decoded.value, notes)
    if notes.problems:
        raise BadCatalog(notes.problems)
    return Template(one.name, place, modern(found.decoded.value)), found


def _check(manifest: Any, notes: Notes) -> None:
    if not isinstance(manifest, dict):
        notes.add((), "This must be one object, a mapping with `apiVersion`, `kind` and `metadata`.")
        return
    for key, example in (("apiVersion", "apps/v1"), ("kind", "Deployment")):
        if not isinstance(manifest.get(key), str) or not manifest[key]:
            notes.add((key,) if key in manifest else (), f"`{key}` must be a text, like `{example}`.")
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
        notes.add(("metadata",), "`metadata.name` must be a text, like `{{ instance.name }}`.")


def broken(one: Source, error: BadCatalog) -> Template | None:
    """What stands for an object that cannot be read, so that nothing is made without it."""
    return Template(one.name, 0, {}, error.problems) if is_enabled(one.labels) else None


def templates_for(shelf: Shelf, selector: str) -> tuple[Template, ...]:
    """The objects that a label selector (`mesitis/offering=db`) finds, in their order, ties by name.

    Raises BadCatalog when one of them cannot be read, or the selector cannot: half of an instance is never made.
    """
    try:
        wanted = parse(selector)
    except ValueError as error:
        raise BadCatalog([Problem("", 0, "labelselector", str(error))]) from None
    found = [template for labels, template in shelf.templates if matches(wanted, labels)]
    wrong = [problem for template in found for problem in template.problems]
    if wrong:
        raise BadCatalog(wrong)
    return tuple(sorted(found, key=lambda template: (template.order, template.source)))
