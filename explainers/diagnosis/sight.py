"""Whether enough could be read to call a target well: what may not be seen is unknown, never in order.

Only what is read where it decides about that very target counts, so that what is well needs no more rights than it
takes to see that.
"""

from explainers import kinds
from explainers.diagnosis.access import unread
from explainers.diagnosis.case import WORKLOADS, Case
from explainers.diagnosis.facts import Fact
from explainers.diagnosis.views.pods import dicts, text
from explainers.operations.reads import Get, GetMetadata, List

PLACES = (kinds.NODE, kinds.PERSISTENT_VOLUME_CLAIM, kinds.PERSISTENT_VOLUME, kinds.STORAGE_CLASS)
"""What a pod waits for that has not begun; read of such pods and claims alone."""
ON_ITS_PATH = (
    kinds.POD, kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.NETWORK_POLICY, kinds.DEPLOYMENT, kinds.JOB, kinds.EVENT,
    *PLACES,
)  # fmt: skip
"""Kinds that show whether a target is well; they are listed only where the target's path needs them."""
_GUESSED = (kinds.POD, kinds.NODE)
"""Kinds that are also looked for by the target's name, when only a name was given."""


def blind(case: Case) -> bool:
    """Whether something could not be read without which nobody may call the target healthy."""
    return any(_decides(case, fact) for fact in unread(case.facts))


def _decides(case: Case, fact: Fact) -> bool:
    if not isinstance(fact, (Get, List)) or (fact.kind.namespaced and fact.namespace != case.namespace):
        return False
    if case.target.kind == kinds.INGRESS.name and (_names_classes(fact) or fact in _certificates(case)):
        return True
    return fact.kind in ON_ITS_PATH if isinstance(fact, List) else _is_needed(case, fact)


def _names_classes(fact: Get | List) -> bool:
    """The classes are read only where no address in the Ingress shows that a controller serves it."""
    return isinstance(fact, List) and fact.kind == kinds.INGRESS_CLASS


def _certificates(case: Case) -> list[Fact]:
    secrets = [text(one, "secretName") for one in dicts(case.object, "spec", "tls")]
    return [GetMetadata(kinds.SECRET, case.namespace, name) for name in secrets]


def _is_needed(case: Case, fact: Get) -> bool:
    """Of a Service, the workload of its name shows whether all pods are there that it should lead to."""
    if fact.kind in WORKLOADS:
        return case.target.kind == kinds.HORIZONTAL_POD_AUTOSCALER.name or bool(case.selector_of_service)
    return fact.kind in (kinds.POD, *PLACES) and not (fact.kind in _GUESSED and fact.name == case.target.name)
