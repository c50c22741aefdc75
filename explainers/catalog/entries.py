"""One mapping as an entry, whichever of the historical forms it has; Tessera's own keys are the same in both."""

import difflib
from typing import Any

from explainers.catalog.decoding import Path
from explainers.catalog.fields import Notes, folded, read_keys, shown
from explainers.catalog.model import Consumers, Entry, Json, Owners
from explainers.catalog.schemas import schema_problem
from explainers.catalog.tables import CREDENTIALS, ENTRY, NAME, NESTED, PROVISIONS, Block, Shape
from explainers.selectors import parse


def entry_of(raw: Any, source: str, notes: Notes) -> Entry | None:
    """The entry, or None after notes. `raw` is JSON-like."""
    if not isinstance(raw, dict):
        notes.add((), "An entry is a mapping: `team`, `offering`, `version`, `uuid` and what it provides.")
        return None
    notes.team = notes.team or team_in(raw)
    before = len(notes.problems)
    values = read_keys(raw, ENTRY, (), notes)
    nested = {name: _nested(name, raw, values, notes) for name in NESTED}
    _check_schema(values.get("schema", {}), raw, notes)
    provision = _made(raw, "provision", PROVISIONS, notes)
    credential = _made(raw, "credential", CREDENTIALS, notes)
    if len(notes.problems) > before:
        return None
    return Entry(
        team=values["team"],
        offering=values["offering"],
        version=values["version"],
        uuid=values["uuid"],
        description=values.get("description", ""),
        provision=provision,
        credential=credential,
        consumers=Consumers(*(values.get(name, ()) for name in ("namespaces", "teams", "users"))),
        owners=Owners(**nested["owners"]),
        schema=values.get("schema", {}),
        approval=values.get("approval", False),
        days=values.get("days", 0),
        maintenance=nested["maintenance"].get("version", ""),
        maintenance_text=nested["maintenance"].get("description", ""),
        type=values.get("type", ""),
        source=source,
        raw=raw,
    )


def team_in(raw: Json) -> str:
    """The team that an entry names, if that is a name."""
    team = next((raw[key] for key in folded(raw).get("team", ())), "")
    return team if isinstance(team, str) and NAME.fits(team) else ""


def _nested(name: str, raw: Json, values: dict[str, Any], notes: Notes) -> dict[str, Any]:
    if name not in values:
        return {}
    return read_keys(values[name], NESTED[name], (folded(raw)[name][0],), notes)


def _check_schema(schema: Json, raw: Json, notes: Notes) -> None:
    path, message = schema_problem(schema)
    if message:
        notes.add((folded(raw)["parameters"][0], *path), message)


def _made(raw: Json, what: str, blocks: tuple[Block, ...], notes: Notes) -> Any:
    """The provision or credential that the entry names, in form A (`provisionkind`) or B (a block of that name)."""
    found = found_block(raw, what, blocks, notes)
    if found is None:
        return None
    block, data, path = found
    if not isinstance(data, dict):
        notes.add(path, f"This must be a mapping of keys to values{_example(block)}.")
        return None
    before = len(notes.problems)
    values = read_keys(data, block.keys, path, notes)
    _check_more(values, data, path, notes)
    absent = {key.field: "" for key in block.keys if key.shape is Shape.TEXT}
    return block.makes(**{**absent, **values}) if len(notes.problems) == before else None


def found_block(raw: Json, what: str, blocks: tuple[Block, ...], notes: Notes) -> tuple[Block, Any, Path] | None:
    """The kind that is named, its data, and where that stands; None after a note."""
    keys = folded(raw)
    by_name = {name.casefold(): block for block in blocks for name in block.names}
    named = [key for name in by_name for key in keys.get(name, ())]
    kinds = [key for key in keys.get(f"{what}kind", ()) if raw[key] not in (None, "")]
    if len(named) + len(kinds) > 1:
        first, second = (*kinds, *named)[:2]
        notes.add((second,), f"`{first}` stands here already: an entry has one {what}.")
        return None
    if named:
        block = by_name[named[0].casefold()]
        return block, raw[named[0]] if raw[named[0]] is not None else {}, (named[0],)
    if not kinds:
        wanted = f"`{what}kind`, or a block named after a kind"
        notes.add((), f"The {what} is missing: write {wanted} ({_kinds(blocks)}).{_near(keys, by_name)}")
        return None
    said = raw[kinds[0]]
    if not isinstance(said, str) or said.casefold() not in by_name:
        near = difflib.get_close_matches(str(said).casefold(), by_name, 1)
        meant = f" Did you mean `{_proper(blocks, near[0])}`?" if near else ""
        notes.add((kinds[0],), f"I know no {what} `{shown(str(said))}`.{meant} There are {_kinds(blocks)}.")
        return None
    data = next(iter(keys.get(f"{what}data", ())), None)
    path: Path = (data,) if data else (kinds[0],)
    return by_name[said.casefold()], raw[data] if data and raw[data] is not None else {}, path


def _kinds(blocks: tuple[Block, ...]) -> str:
    return ", ".join(f"`{block.name}`" for block in blocks)


def _proper(blocks: tuple[Block, ...], folded_name: str) -> str:
    return next(name for block in blocks for name in block.names if name.casefold() == folded_name)


def _near(keys: dict[str, list[str]], by_name: dict[str, Block]) -> str:
    """A key that is nearly the name of a kind."""
    for key, spelled in keys.items():
        if near := difflib.get_close_matches(key, by_name, 1, 0.8):
            return f" `{spelled[0]}` is nearly `{by_name[near[0]].name}`."
    return ""


def _example(block: Block) -> str:
    return f": {', '.join(f'`{key.name}`' for key in block.keys if key.needed)}" if block.keys else ""


def _check_more(values: dict[str, Any], data: Json, path: Path, notes: Notes) -> None:
    """What a form of one value alone cannot say."""
    keys = folded(data)
    if "selector" in values:
        try:
            parse(values["selector"])
        except ValueError as error:
            notes.add((*path, keys["labelselector"][0]), f"{error}.")
    if "repository" in values and "://" in values.get("chart", ""):
        notes.add((*path, keys["repository"][0]), "`repository` belongs to a chart that is a name; this one is a URL.")
