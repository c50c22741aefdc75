"""Entries and objects put together to a catalog: what clashes is found here, the order is made here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from explainers.catalog.model import Entry, NewObjects, Problem, Shelf, Template
from explainers.catalog.sources import Found, Source
from explainers.selectors import matches, parse


@dataclass(frozen=True)
class Read:
    """What one ConfigMap was read as; `found` is the text that it came from."""

    source: Source
    entry: Entry | None = None
    template: Template | None = None
    found: Found | None = None
    problems: tuple[Problem, ...] = ()


Offer = tuple[Read, Entry]


def assemble(reads: Sequence[Read], revision: str = "") -> Shelf:
    """Who came first keeps what two of them claim, so that nobody can push another's offer out of the catalog."""
    entries: list[Entry] = []
    problems = [problem for read in reads for problem in read.problems]
    claimed: dict[tuple[str, ...], Offer] = {}
    offers = [(read, read.entry) for read in reads if read.entry]
    for read, entry in sorted(offers, key=lambda offer: (offer[0].source.created, offer[0].source.name)):
        clash = claim((read, entry), claimed)
        if clash:
            problems.append(clash)
        else:
            entries.append(entry)
    templates = tuple((read.source.labels, read.template) for read in reads if read.template)
    entries.sort(key=lambda entry: (entry.team, entry.offering, natural(entry.version)))
    owned = tuple(sorted(_owned(problem, reads, entries) for problem in dict.fromkeys(problems)))
    return Shelf(tuple(entries), templates, owned, revision, tuple(reads))


def natural(version: str) -> tuple[tuple[int, int, str], ...]:
    """`10` comes after `9`."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", version) if part
    )


def claim(offer: Offer, claimed: dict[tuple[str, ...], Offer]) -> Problem | None:
    """Take the entry's names and ids, or say who has them already."""
    keys = _claims(offer[1])
    for key, (where, what) in keys.items():
        if key not in claimed:
            continue
        read, other = claimed[key]
        if key[0] != "service" or other.title != offer[1].title:
            taken = f"{what} is taken by `{read.source.shown}` ({other.title} {other.version})."
            return _at(offer, where, f"{taken} {_REMEDY[key[0]]}")
    for key in keys:
        claimed.setdefault(key, offer)
    return None


_REMEDY = {
    "id": "Give this one its own, for example with `uuidgen`.",
    "plan": "Give this one another version, or remove one of the two.",
    "service": "Rename one of the two: the broker API joins team and offering.",
}


def _claims(entry: Entry) -> dict[tuple[str, ...], tuple[str, str]]:
    return {
        ("id", entry.uuid.lower()): ("uuid", f"The uuid `{entry.uuid}`"),
        ("service", entry.service): ("offering", f"The service name `{entry.service}`"),
        ("plan", entry.team, entry.offering, entry.version): ("version", f"{entry.title} version `{entry.version}`"),
    }


def _at(offer: Offer, name: str, message: str) -> Problem:
    read, entry = offer
    path, decoded = (read.found.path, read.found.decoded) if read.found else ((), None)
    notes = read.source.notes(path, decoded, entry.team)
    notes.add((next((key for key in entry.raw if key.casefold() == name), name),), message)
    return notes.problems[0]


def _owned(problem: Problem, reads: Iterable[Read], entries: Iterable[Entry]) -> Problem:
    """With the team whose entry uses the object that is wrong."""
    if problem.team:
        return problem
    for read in reads:
        if problem in read.problems and read.template:
            for entry in entries:
                if isinstance(entry.provision, NewObjects) and selects(entry.provision, read.source):
                    return replace(problem, team=entry.team)
    return problem


def selects(provision: NewObjects, source: Source) -> bool:
    try:
        return matches(parse(provision.selector), source.labels)
    except ValueError:
        return False
