"""Names that never reach DNS, because the pod spec says what they mean (class 37)."""

from collections.abc import Iterator, Sequence

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.dns import without_alias
from explainers.diagnosis.views.calls import suspected_calls
from explainers.diagnosis.views.host_aliases import Elsewhere, led_elsewhere
from explainers.document import Evidence


def told_otherwise(case: Case) -> Iterator[Finding]:
    """`hostAliases` gives the name of a Service another address, and the calls to it fail."""
    for call in suspected_calls(case):
        found = led_elsewhere(case, call.address.host) if call.complaint else None
        if found:
            yield led_past(case, call.address.host, found, call.evidence)
            return


def led_past(case: Case, host: str, found: Elsewhere, said: Sequence[Evidence]) -> Finding:
    """37: the name means another address than the Service's; `said` shows that a call to it fails."""
    clause = (
        f"`{host}` never reaches DNS: `hostAliases` of the pods says that it is {found.ip}, and service `{found.name}` "
        f"has {found.own}"
    )
    ref = case.workload_ref or case.target
    seen = (Evidence(str(ref), f"spec.hostAliases: {found.ip} {host}"), Evidence(f"service {found.name}", found.own))
    return Finding(37, ref, Layer.NEEDS, clause, (*said, *seen), without_alias(case, found.alias))


RULES: tuple[Rule, ...] = (told_otherwise,)
