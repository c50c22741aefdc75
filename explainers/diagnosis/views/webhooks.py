"""Where a webhook is configured, found by its name among those of the cluster."""

from dataclasses import dataclass

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, dicts, table, text
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import List, continued
from explainers.selectors import query

KINDS = (kinds.VALIDATING_WEBHOOK_CONFIGURATION, kinds.MUTATING_WEBHOOK_CONFIGURATION)
MOST = 5
"""Configurations of a kind that are looked through: each may hold certificates of many kB."""


@dataclass(frozen=True)
class Configured:
    """The configuration that holds a webhook, and its entry there; `gone` says that none holds it any more."""

    ref: Ref | None
    entry: Json
    gone: bool

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What it is asked about, and what its silence means."""
        if self.ref is None:
            return ()
        chosen = table(self.entry, "namespaceSelector")
        where = f"in namespaces with {query(chosen)}" if query(chosen) else "in every namespace"
        policy = text(self.entry, "failurePolicy") or "Fail"
        return (Evidence(str(self.ref), f"asks {text(self.entry, 'name')} {where}; failurePolicy {policy}"),)


def configured(case: Case, webhook: str) -> Configured:
    """Raises Missing until the configurations have been read."""
    answers = case.ask(*(List(kind, "", limit=MOST) for kind in KINDS))
    for kind, answer in zip(KINDS, answers, strict=True):
        for item in answer.items:
            found = next((one for one in dicts(item, "webhooks") if text(one, "name") == webhook), None)
            if found is not None:
                return Configured(Ref(kind.name, "", text(item, "metadata", "name")), found, False)
    return Configured(None, {}, all(answer.ok and not continued(answer) for answer in answers))
