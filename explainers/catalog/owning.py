"""Whose an entry is, also one that cannot be offered for a mistake in it."""

from explainers.catalog.assembling import Read
from explainers.catalog.entries import team_in
from explainers.catalog.fields import Notes, folded, read_keys
from explainers.catalog.model import Json, Owners
from explainers.catalog.tables import OWNERS


def team_of(read: Read) -> str:
    if read.entry:
        return read.entry.team
    return team_in(_raw(read)) or next((problem.team for problem in read.problems if problem.team), "")


def owners_of(read: Read) -> Owners:
    """As far as they can be read."""
    if read.entry:
        return read.entry.owners
    raw = _raw(read)
    held = next((raw[key] for key in folded(raw).get("owners", ())), None)
    return Owners(**read_keys(held, OWNERS, (), Notes("", lambda _: 0))) if isinstance(held, dict) else Owners()


def _raw(read: Read) -> Json:
    value = read.found.decoded.value if read.found else None
    return value if isinstance(value, dict) else {}
