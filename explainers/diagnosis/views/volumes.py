"""The volumes of the cluster that a claim might be bound to: all while they are few, else by their rows."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, text
from explainers.diagnosis.views.rows import cells_of
from explainers.operations.reads import Get, List, Rows, continued, everything

FEW = 3


def volumes_of(case: Case, storage_class: str) -> list[Json] | None:
    """Volumes of a class, of many only the first, free ones before others; None where they may not be listed."""
    (page,) = case.ask(List(kinds.PERSISTENT_VOLUME, "", limit=FEW))
    found = page.items
    if continued(page):
        rows = cells_of(case.ask(Rows(kinds.PERSISTENT_VOLUME, ""))[0], {"name", "status", "storageclass"})
        if rows is None:
            (page,) = case.ask(everything(kinds.PERSISTENT_VOLUME, ""))
            found = page.items
        else:
            same = [row for row in rows if row["storageclass"] == storage_class]
            names = [str(row["name"]) for row in sorted(same, key=lambda row: (row["status"] == "Bound", row["name"]))]
            answers = case.ask(*(Get(kinds.PERSISTENT_VOLUME, "", name) for name in names[:FEW]))
            found = [answer.object for answer in answers if answer.ok]
    return [one for one in found if text(one, "spec", "storageClassName") == storage_class] if page.ok else None
