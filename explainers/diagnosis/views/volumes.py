"""The volumes of the cluster that a claim might be bound to, or was: by their rows, and a few whole."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, table, text
from explainers.diagnosis.views.rows import cells_of
from explainers.operations.reads import Get, Rows, everything

FEW = 3


def volumes_of(case: Case, storage_class: str) -> list[Json] | None:
    """Volumes of a class, of many only the first, free ones before others; None where they may not be listed."""
    (printed,) = case.ask(Rows(kinds.PERSISTENT_VOLUME, ""))
    rows = cells_of(printed, {"name", "status", "storageclass"})
    if rows is None:
        (page,) = case.ask(everything(kinds.PERSISTENT_VOLUME, ""))
        same = [one for one in page.items if text(one, "spec", "storageClassName") == storage_class]
        return same if page.ok else None
    named = [row for row in rows if row["storageclass"] == storage_class]
    names = [str(row["name"]) for row in sorted(named, key=lambda row: (row["status"] == "Bound", row["name"]))]
    answers = case.ask(*(Get(kinds.PERSISTENT_VOLUME, "", name) for name in names[:FEW]))
    return [answer.object for answer in answers if answer.ok]


def any_of_class(case: Case, storage_class: str) -> bool:
    """Whether a volume of a class is seen, so that what makes them works, or did."""
    (printed,) = case.ask(Rows(kinds.PERSISTENT_VOLUME, ""))
    return any(row["storageclass"] == storage_class for row in cells_of(printed, {"storageclass"}) or ())


def free_names(case: Case) -> list[str] | None:
    """The names of the volumes that no claim has; None where they may not be listed."""
    (printed,) = case.ask(Rows(kinds.PERSISTENT_VOLUME, ""))
    rows = cells_of(printed, {"name", "status"})
    if rows is None:
        (page,) = case.ask(everything(kinds.PERSISTENT_VOLUME, ""))
        free = [one for one in page.items if text(one, "status", "phase") == "Available"]
        return [text(one, "metadata", "name") for one in free] if page.ok else None
    return [str(row["name"]) for row in rows if row["status"] == "Available"]


def left_by(case: Case, claim: str) -> list[Json] | None:
    """The volumes that a claim of this name had, and that outlived it; None where they may not be listed."""
    (printed,) = case.ask(Rows(kinds.PERSISTENT_VOLUME, ""))
    rows = cells_of(printed, {"name", "status", "claim"})
    if rows is None:
        (page,) = case.ask(everything(kinds.PERSISTENT_VOLUME, ""))
        return [one for one in page.items if _released(one, case.namespace, claim)] if page.ok else None
    mine = [str(row["name"]) for row in rows if row["claim"] == f"{case.namespace}/{claim}"]
    answers = case.ask(*(Get(kinds.PERSISTENT_VOLUME, "", name) for name in mine[:FEW]))
    return [answer.object for answer in answers if _released(answer.object, case.namespace, claim)]


def _released(volume: Json, namespace: str, claim: str) -> bool:
    of = table(volume, "spec", "claimRef")
    named = (of.get("namespace"), of.get("name")) == (namespace, claim)
    kept = text(volume, "spec", "persistentVolumeReclaimPolicy") != "Delete"
    return named and kept and text(volume, "status", "phase") == "Released"
