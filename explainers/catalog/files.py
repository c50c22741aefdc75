"""Files as catalogs are kept in a repository: ConfigMaps in YAML or JSON, several in a file, or entries alone."""

from pathlib import PurePath
from typing import Any

from explainers.catalog.decoding import Decoded, Path, Unreadable, documents
from explainers.catalog.fields import folded
from explainers.catalog.model import Problem
from explainers.catalog.sources import Place, Source, source
from explainers.catalog.tables import ENTRY_DATA, ENTRY_KIND, LABEL_PREFIXES, OBJECT_DATA

ENDINGS = (".yaml", ".yml", ".json")
_SIGNS = (ENTRY_KIND, *OBJECT_DATA, *(f"{prefix}{name}" for prefix in LABEL_PREFIXES for name in ("kind", "order")))
_ALONE = {f"{LABEL_PREFIXES[0]}kind": ENTRY_KIND, f"{LABEL_PREFIXES[0]}enabled": "true"}
"""The labels of an entry without a ConfigMap around it."""


def mentions_catalog(text: str) -> bool:
    """Whether a file that cannot be read is likely to be one of a catalog."""
    return any(sign in text for sign in _SIGNS)


def sources_of(file: str, text: str) -> tuple[list[Source], list[Problem]]:
    """The ConfigMaps and entries in a file, and what keeps it from being read. Lines are those of the file."""
    try:
        found = documents(text)
    except Unreadable as error:
        return [], [Problem(file, error.line, "", error.message)]
    return [each for one in found for each in _sources(file, one, one.value, ())], []


def _sources(file: str, decoded: Decoded, value: Any, path: Path) -> list[Source]:
    if not isinstance(value, dict):
        return []
    if value.get("kind") == "ConfigMap":
        return [source(value, file, _places(decoded, path))]
    if str(value.get("kind")).endswith("List") and isinstance(value.get("items"), list):
        items = enumerate(value["items"])
        return [each for at, item in items for each in _sources(file, decoded, item, (*path, "items", at))]
    if not path and "kind" not in value and folded(value).keys() & {"team", "offering"}:
        return [Source(PurePath(file).stem, _ALONE, {ENTRY_DATA[0]: decoded}, shown=file, place=lambda _, line: line)]
    return []


def _places(decoded: Decoded, prefix: Path) -> Place:
    """A line in the text of a data key is counted from where that text begins, if it has lines of its own there."""

    def place(path: Path, line: int) -> int:
        whole = (*prefix, *path)
        return decoded.blocks[whole] + line if line and whole in decoded.blocks else decoded.line(whole)

    return place
