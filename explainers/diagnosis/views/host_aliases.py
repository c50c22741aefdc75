"""Names that never reach DNS, because `hostAliases` of the pod spec says what they mean."""

from dataclasses import dataclass

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.pods import Json, dicts, table, text, words
from explainers.diagnosis.views.ports import headless

MOST = 3
"""Addresses of pods behind a Service that are named."""


@dataclass(frozen=True)
class Elsewhere:
    """A host name that `alias` leads past the Service `name` of `namespace`; `own` is where the Service leads."""

    alias: Json
    name: str
    namespace: str
    own: str

    @property
    def ip(self) -> str:
        """The address that the pods are told instead."""
        return text(self.alias, "ip")


def alias_of(case: Case, host: str) -> Json:
    """The entry that gives a host name its address; empty where none does."""
    aliases = dicts(table(case.template, "spec"), "hostAliases")
    return next((one for one in aliases if host in (name.lower() for name in words(one, "hostnames"))), {})


def led_elsewhere(case: Case, host: str) -> Elsewhere | None:
    """What gives the name of a Service another address than its own; of a headless one, than those of its pods, as
    far as it has any."""
    alias, meant = alias_of(case, host), service_of(host, case.namespace)
    if not alias or meant is None:
        return None
    service = case.service(*meant).object
    own = [text(service, "spec", "clusterIP")] if service else []
    if service and headless(service):
        own = [
            ip for piece in case.slices(service) for one in dicts(piece, "endpoints") for ip in words(one, "addresses")
        ]
    if not any(own) or text(alias, "ip") in own:
        return None
    return Elsewhere(alias, *meant, ", ".join(own[:MOST]))
