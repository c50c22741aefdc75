"""Old complaints of a program that is well, about what cannot answer now either.

Silence says that nobody has called since, not that it works again: a Service that has no ready endpoint now takes no
call, and neither does a name that the program is told to call and that does not exist. One more read tells.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.connections import Connection, Failure
from explainers.diagnosis.views.addresses import addresses, service_of
from explainers.diagnosis.views.pods import text
from explainers.diagnosis.views.proxied import named
from explainers.diagnosis.views.serving import changed_since, ready_endpoints

_NOBODY_THERE = (Failure.NXDOMAIN, Failure.REFUSED, Failure.TIMEOUT, Failure.UNREACHABLE, Failure.FAILED)
"""What a Service without a ready endpoint makes of a call."""
MOST = 2
"""Things that were called once of which it is looked whether they could answer."""


def unanswered(case: Case, old: Iterable[tuple[Connection, str]]) -> Iterator[tuple[Connection, str]]:
    """Those of these complaints, with where they are read, that are about what cannot answer now."""
    seen: dict[str, bool] = {}
    for line, source in old:
        meant = named(case, line)
        if meant.host not in seen and len(seen) < MOST and _own(case, meant.host):
            seen[meant.host] = _nobody(case, meant.host)
        if seen.get(meant.host):
            yield replace(meant, old=True), source


def _own(case: Case, host: str) -> bool:
    """Whether a host is a name of this namespace."""
    meant = service_of(host, case.namespace) if host else None
    return meant is not None and meant[1] == case.namespace


def _nobody(case: Case, host: str) -> bool:
    name, _ = service_of(host, case.namespace) or ("", "")
    service = case.service(name)
    if not service.ok:
        return service.absent and bool(case.template) and any(one.host == host for one in addresses(case))
    if text(service.object, "spec", "type") == "ExternalName":
        return False
    (slices,) = case.ask(case.slices_of(service.object))
    return slices.ok and not ready_endpoints(slices.items)


def serves_since(case: Case, line: Connection, said: datetime) -> bool:
    """Whether the Service that could not be reached has got an endpoint after that was said last. Reads nothing: where
    its endpoints were not looked at, nothing is known."""
    name, namespace = service_of(line.host, case.namespace) or ("", "")
    service = case.service(name) if namespace == case.namespace and line.failure in _NOBODY_THERE else None
    answer = case.facts.answers.get(case.slices_of(service.object)) if service and service.ok else None
    return answer is not None and bool(ready_endpoints(answer.items)) and changed_since(answer.items, said)
