"""The names that the objects of a kind have: by their metadata while they are few, else by their rows. No row of a
Secret shows a value either."""

from collections.abc import Iterable

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, table, text
from explainers.kinds import Kind
from explainers.operations.reads import PAGE, List, Rows, continued, printed_names

MOST = 4
SHOWN = 6
"""Names that a list in a verdict has at most."""


def some_of(ordered: Iterable[str]) -> str:
    """The first of these names as a list, which says how many more there are."""
    every = list(ordered)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more or "none"


def named(case: Case, kind: Kind) -> dict[str, Json] | None:
    """The objects of the target's namespace by name, each with its metadata, or with nothing where only the name is
    known; None where they could not be listed."""
    (page,) = case.ask(List(kind, case.namespace, limit=MOST, metadata_only=True))
    if not page.ok:
        return None
    others: set[str] = set()
    if continued(page):
        others = printed_names(case.ask(Rows(kind, case.namespace))[0])
        if not others:
            (page,) = case.ask(List(kind, case.namespace, limit=PAGE, metadata_only=True))
    return {**{name: {} for name in others}, **{text(item, "metadata", "name"): item for item in page.items}}


def names_of(workload: Json) -> tuple[object, ...]:
    """The names that a workload goes by: its own, that of the Service that governs it, that of its label."""
    labels = table(workload, "spec", "template", "metadata", "labels")
    own = (text(workload, "metadata", "name"), text(workload, "spec", "serviceName"))
    return (*own, labels.get("app"), labels.get("app.kubernetes.io/name"))
