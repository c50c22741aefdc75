"""What nobody looks at for an Ingress that is called healthy: it is said, with the way to see it.

No value of a Secret is ever read, so neither is a certificate; and which pods the controller is stands in no object.
"""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Missing
from explainers.diagnosis.rules.ingresses import backends
from explainers.diagnosis.views.pods import Json, dicts, text
from explainers.document import Unchecked
from explainers.kinds import Ref
from explainers.network.policies import governs
from explainers.operations.byhand import ReadSecretKey

_SHOWS = "openssl x509 -noout -ext subjectAltName -dates"


def left_out(case: Case) -> tuple[Unchecked, ...]:
    """One short row for each thing of that kind."""
    if case.target.kind != kinds.INGRESS.name:
        return ()
    try:
        return (*_certificates(case), *_entry(case))
    except Missing:
        return ()


def _certificates(case: Case) -> Iterator[Unchecked]:
    secrets = list(dict.fromkeys(text(one, "secretName") for one in dicts(case.object, "spec", "tls")))
    for name in [one for one in secrets if one][:1]:
        line = f"{ReadSecretKey(case.namespace, name, 'tls.crt').line()} | {_SHOWS}"
        more = f" and of {len(secrets) - 1} more" if len(secrets) > 1 else ""
        yield Unchecked(f"hosts and dates of the certificate in secret `{name}`{more}; `{line}` shows them")


def _entry(case: Case) -> Iterator[Unchecked]:
    """Policies that let not everybody in to the pods behind: whether the controller is among them is not known. Where
    there are several Services they have not been read."""
    services = sorted({one.service for one in backends(case.object)})
    if len(services) != 1:
        return
    inner = case.follow(Ref(kinds.SERVICE.name, case.namespace, services[0]))
    policies = [one for one in inner.policies if governs(one, "ingress")]
    rules = [rule for one in policies for rule in dicts(one, "spec", "ingress")]
    if policies and not any(_everybody(rule) for rule in rules):
        told = " and ".join(f"`{text(one, 'metadata', 'name')}`" for one in policies[:3])
        lets = f"policy {told} lets" if len(policies) == 1 else f"the policies {told} let"
        yield Unchecked(f"whether {lets} the ingress controller in to `{services[0]}`")


def _everybody(rule: Json) -> bool:
    peers = dicts(rule, "from")
    return not peers or any(peer == {"namespaceSelector": {}} for peer in peers)
