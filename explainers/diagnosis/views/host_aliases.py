"""Names that never reach DNS, because `hostAliases` of the pod spec says what they mean."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Json, dicts, table, words


def alias_of(case: Case, host: str) -> Json:
    """The entry that gives a host name its address; empty where none does."""
    aliases = dicts(table(case.template, "spec"), "hostAliases")
    return next((one for one in aliases if host in (name.lower() for name in words(one, "hostnames"))), {})
