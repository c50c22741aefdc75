"""Names that never reach DNS, because the pod spec says what they mean (class 37)."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.dns import without_alias
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.calls import suspected_calls
from explainers.diagnosis.views.host_aliases import alias_of
from explainers.diagnosis.views.pods import dig, text
from explainers.document import Evidence


def told_otherwise(case: Case) -> Iterator[Finding]:
    """`hostAliases` gives the name of a Service of this namespace another address, and the calls to it fail."""
    for call in suspected_calls(case):
        alias, host = alias_of(case, call.address.host), call.address.host
        if call.complaint is None or not alias:
            continue
        meant, ip = service_of(host, case.namespace) or ("", ""), text(alias, "ip")
        found = case.service(meant[0]).object if meant[1] == case.namespace else {}
        if not found or text(found, "spec", "clusterIP") in (ip, "None"):
            continue
        own = dig(found, "spec", "clusterIP", default="")
        clause = (
            f"`{host}` never reaches DNS: `hostAliases` of the pods says that it is {ip}, and service `{meant[0]}` "
            f"has {own}"
        )
        ref = case.workload_ref or case.target
        seen = (Evidence(str(ref), f"spec.hostAliases: {ip} {host}"), Evidence(f"service {meant[0]}", str(own)))
        yield Finding(37, ref, Layer.NEEDS, clause, (*call.evidence, *seen), without_alias(case, alias))
        return


RULES: tuple[Rule, ...] = (told_otherwise,)
