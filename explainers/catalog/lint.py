"""Every mistake in a catalog with its place: what keeps an entry from being offered, and what would fail later.

What only the cluster knows (does that Secret exist?) is asked through `Neighbours`; without one it is not looked at.
"""

import difflib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from explainers.catalog.assembling import Read, assemble
from explainers.catalog.decoding import Path
from explainers.catalog.entries import found_block
from explainers.catalog.examples import example_parameters, in_order
from explainers.catalog.fields import Notes, folded
from explainers.catalog.labels import is_entry, kind_problem
from explainers.catalog.lint_objects import Making, lint_making
from explainers.catalog.model import (
    Entry,
    ExistingService,
    ExternalURL,
    FromSecret,
    Generated,
    HelmChart,
    Json,
    NewObjects,
    Problem,
    Shelf,
)
from explainers.catalog.owning import owners_of, team_of
from explainers.catalog.parameters import MOST_FIELDS, BadParameters, complete
from explainers.catalog.tables import CREDENTIALS, ENTRY, KIND_KEYS, NESTED, PROVISIONS, Key


class Neighbours(Protocol):
    """The cluster beside a catalog, as far as it can be seen."""

    def exists(self, kind: str, namespace: str, name: str) -> bool | None:
        """Whether an object is there; None when that cannot be seen."""


@dataclass(frozen=True)
class Rules:
    """What a broker's settings allow: kinds of objects besides the usual ones, service accounts besides the default
    one. `namespace` is the broker's."""

    kinds: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    namespace: str = ""


def lint(
    reads: Sequence[Read], rules: Rules | None = None, neighbours: Neighbours | None = None
) -> tuple[Problem, ...]:
    """All mistakes, in the order of their places."""
    rules = rules or Rules()
    shelf = assemble(reads)
    problems = list(shelf.problems)
    used: set[str] = set()
    for read in reads:
        found, objects = _one(read, reads, rules, neighbours)
        problems += [*_labels(read), *found]
        used |= objects
    idle = (read for read in reads if read.template and read.source.name not in used)
    return in_order([*problems, *(problem for read in idle for problem in _unused(read))])


def mistakes(shelf: Shelf, teams: Collection[str], neighbours: Neighbours | None = None) -> tuple[Problem, ...]:
    """The same for what some teams offer: only their entries are looked at closely."""
    problems = [problem for problem in shelf.problems if problem.team in teams]
    rules = Rules(shelf.kinds)
    for read in shelf.reads:
        if is_entry(read.source.labels) and team_of(read) in teams:
            problems += _one(read, shelf.reads, rules, neighbours)[0]
    return in_order(problems)


def teams_of(shelf: Shelf, user: str, groups: tuple[str, ...]) -> frozenset[str]:
    """The teams that name this person among their owners, also those whose entries cannot be offered for a mistake."""
    offered = {entry.team for entry in shelf.entries if entry.owners.hold(user, groups)}
    entries = (read for read in shelf.reads if is_entry(read.source.labels))
    return frozenset(offered | {team_of(read) for read in entries if owners_of(read).hold(user, groups)}) - {""}


def _one(
    read: Read, reads: Sequence[Read], rules: Rules, neighbours: Neighbours | None
) -> tuple[list[Problem], set[str]]:
    """What is wrong with one entry and its objects, and the names of these."""
    problems: list[Problem] = []
    if is_entry(read.source.labels) and read.found and isinstance(read.found.decoded.value, dict):
        problems += _unknown(read, read.found.decoded.value)
    if not read.entry:
        return problems, set()
    problems += _entry(read, read.entry, rules, neighbours)
    making = Making(read, read.entry, tuple(reads), rules.kinds, rules.accounts)
    problems += lint_making(making)
    return problems, {each.source.name for each in making.objects}


def _labels(read: Read) -> list[Problem]:
    notes = read.source.notes(("metadata", "labels"))
    if message := kind_problem(read.source.labels):
        notes.add((), message)
    return notes.problems


def _unused(read: Read) -> list[Problem]:
    notes = read.source.notes(("metadata", "labels"))
    notes.add((), "No entry's `labelselector` finds this object, so it is never made.")
    return notes.problems


def _unknown(read: Read, raw: Json) -> list[Problem]:
    """Keys that nothing reads."""
    notes = notes_of(read)
    blocks = (*PROVISIONS, *CREDENTIALS)
    known = {name for key in ENTRY for name in key.names} | set(KIND_KEYS)
    known |= {name for block in blocks for name in block.names}
    _unread(raw, known, (), notes)
    for name, keys in NESTED.items():
        for spelled in folded(raw).get(name, ()):
            _unread(raw[spelled], _names(keys), (spelled,), notes)
    for what, kinds in (("provision", PROVISIONS), ("credential", CREDENTIALS)):
        found = found_block(raw, what, kinds, Notes("", lambda _: 0))
        if found and found[2][0].casefold() != f"{what}kind":  # type: ignore[union-attr]
            _unread(found[1], _names(found[0].keys), found[2], notes)
    return notes.problems


def _names(keys: tuple[Key, ...]) -> set[str]:
    return {name for key in keys for name in key.names}


def _unread(raw: object, known: Collection[str], path: Path, notes: Notes) -> None:
    if not isinstance(raw, dict):
        return
    proper = {name.casefold(): name for name in known}
    for key in raw:
        if key.casefold() in proper:
            continue
        near = difflib.get_close_matches(key.casefold(), proper, 1)
        hint = f" Did you mean `{proper[near[0]]}`?" if near else f" There is {', '.join(sorted(known)) or 'none'}."
        notes.add((*path, key), f"No such key is read here.{hint if near or path else ''}")


def notes_of(read: Read) -> Notes:
    """For mistakes in the text of an entry or object."""
    team = team_of(read)
    if read.found is None:
        return read.source.notes((), None, team)
    return read.source.notes(read.found.path, read.found.decoded, team)


def _entry(read: Read, entry: Entry, rules: Rules, neighbours: Neighbours | None) -> list[Problem]:
    notes = notes_of(read)
    if not entry.consumers.namespaces:
        notes.add((), 'Nobody may use this: `whitelist` names no namespace. `["*"]` lets all of them.')
    if entry.approval and not entry.owners:
        notes.add(_key(entry, "approval"), "Nobody can approve: `owners` names no user and no group.")
    _parameters(entry, notes)
    for path, message in _provision(entry, rules, neighbours):
        notes.add(path, message)
    return notes.problems


def _key(entry: Entry, name: str) -> Path:
    return tuple(folded(entry.raw).get(name, ())[:1])


def _parameters(entry: Entry, notes: Notes) -> None:
    path = _key(entry, "parameters")
    try:
        complete(entry.schema, example_parameters(entry.schema, needed_alone=True))
    except BadParameters as error:
        defaults = {name for name, part in entry.schema.get("properties", {}).items() if "default" in part}
        for name, said in error.problems.items():
            if name in defaults:
                notes.add((*path, "properties", name, "default"), f"The default breaks the schema. {said}")
    if len(entry.schema.get("properties", {})) > MOST_FIELDS:
        notes.add(path, f"A form asks for {MOST_FIELDS} parameters at most; the others can be given by the API alone.")


def _provision(entry: Entry, rules: Rules, neighbours: Neighbours | None) -> Iterator[tuple[Path, str]]:
    """What is wrong with where it comes from and what it hands over."""
    quiet = Notes("", lambda _: 0)
    places = {}
    for what, blocks in (("provision", PROVISIONS), ("credential", CREDENTIALS)):
        found = found_block(entry.raw, what, blocks, quiet)
        places[what] = found[2] if found else ()
    provision, credential = entry.provision, entry.credential
    match provision:
        case ExternalURL():
            yield from ((places["provision"], message) for message in _url(provision.url))
        case ExistingService() if _gone(neighbours, "Service", provision.namespace, provision.name):
            where = f"{provision.namespace}/{provision.name}"
            yield places["provision"], f"There is no Service `{where}`: consumers would call nothing."
        case HelmChart() if not provision.repository and "/" not in provision.chart:
            yield places["provision"], f"`{provision.chart}` is a name: say in which `repository` that chart is."
    if isinstance(credential, FromSecret) and _gone(neighbours, "Secret", rules.namespace, credential.name):
        where = f"{rules.namespace}/{credential.name}"
        yield places["credential"], f"There is no Secret `{where}`: no binding can be made."
    if isinstance(credential, Generated) and not isinstance(provision, NewObjects | HelmChart):
        yield places["credential"], "A generated password is known to nobody else: nothing is made here that takes it."


def _gone(neighbours: Neighbours | None, kind: str, namespace: str, name: str) -> bool:
    """Whether the cluster says that there is no such object."""
    return neighbours is not None and bool(namespace) and neighbours.exists(kind, namespace, name) is False


def _url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        password, scheme = parts.password, parts.scheme
    except ValueError:
        yield "This URL cannot be read: see its host and port."
        return
    if password:
        yield "This URL holds a password, which all who see the catalog would see: write `CredentialFromCatalog`."
    if not scheme or "://" not in url:
        yield "This URL has no scheme: consumers need one, like `https://`."
