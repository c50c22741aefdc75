"""Whether anything that exists is named by the peers of a NetworkPolicy's rule."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, dicts, table
from explainers.operations.reads import List
from explainers.selectors import query


def somebody(case: Case, rule: Json) -> bool:
    """Whether a rule lets anybody in who is there; what may not be read counts as there. Raises Missing."""
    entries = dicts(rule, "from")
    return not entries or any(_exists(case, entry) for entry in entries)


def _exists(case: Case, entry: Json) -> bool:
    if "ipBlock" in entry:
        return True
    if "namespaceSelector" in entry:
        wanted = List(kinds.NAMESPACE, "", query(table(entry, "namespaceSelector")), limit=1, metadata_only=True)
    else:
        labels = query(table(entry, "podSelector"))
        wanted = List(kinds.POD, case.namespace, labels, limit=1, metadata_only=True)
    (answer,) = case.ask(wanted)
    return not answer.ok or bool(answer.items)
