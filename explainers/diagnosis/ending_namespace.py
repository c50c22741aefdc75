"""Namespaces that are being deleted (class 124): what was in them goes, and nobody puts it back.

Asked last, where nothing else explains the state: that a controller may make nothing there, rules/admission.py says.
"""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.plans.admission import see_what_holds
from explainers.diagnosis.views.pods import dicts, dig, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref

_LEFT = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure",
         "NamespaceDeletionDiscoveryFailure")  # fmt: skip
"""Conditions that say, while they are true, what the namespace still waits for."""


def ending_namespace(case: Case) -> list[Finding]:
    """124: the namespace of the target is being deleted; raises Missing until it is read."""
    if not case.namespace or not case.target.type.namespaced:
        return []
    namespace = case.get(kinds.NAMESPACE, case.namespace).object
    since = moment(dig(namespace, "metadata", "deletionTimestamp"))
    if since is None:
        return []
    conditions = [one for one in dicts(namespace, "status", "conditions") if one.get("status") == "True"]
    left = [text(one, "message") for kind in _LEFT for one in conditions if one.get("type") == kind]
    clause = f"its namespace `{case.namespace}` is being deleted, and all that is in it goes"
    clause += f"; it waits for what is left: {left[0].rstrip('.')}" if left else ""
    phase = text(namespace, "status", "phase") or "Terminating"
    seen = [Evidence(f"namespace {case.namespace}", f"phase {phase}, deletionTimestamp", ago(case.now, since))]
    seen += [Evidence(f"namespace {case.namespace}", " ".join(one.split())) for one in left]
    ref = Ref(kinds.NAMESPACE.name, "", case.namespace)
    plan = see_what_holds(case.namespace)
    return [Finding(124, ref, Layer.CLUSTER, clause, tuple(seen), plan, since=since)]
