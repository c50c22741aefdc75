"""A policy that lets namespaces in which do not exist by that label, beside others that do (class 31).

Those who get in show nothing of it, and packets of the others are dropped in silence: so the target looks healthy.
"""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import HEALTHY
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import policies as plans
from explainers.diagnosis.rules.network import asked_directly, nobody_may_enter
from explainers.diagnosis.views.dead_peers import DeadPeer, dead_peers
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.network.policies import governs


def namespace_is_none(case: Case) -> Iterator[Finding]:
    """31: a peer's selector of namespaces fits none, and one of that name is there: a remark where none is."""
    if not asked_directly(case) or not any(pod.ready for pod in case.pods) or not case.policies:
        return
    policies = [one for one in case.policies if governs(one, "ingress")]
    found = sorted(dead_peers(case, policies), key=lambda one: (not one.meant, one.policy, one.rule, one.place))
    if not found or any(nobody_may_enter(case)):
        return
    dead = found[0]
    if dead.meant:
        yield _fault(case, dead)
    elif health(case).good:
        yield _remark(case, dead)


def _fault(case: Case, dead: DeadPeer) -> Finding:
    clause = (
        f"policy `{dead.policy}` lets namespaces with `{dead.asks}` in, and none carries that; `{dead.meant}`, which "
        "is probably meant, does not get in"
    )
    return _finding(case, dead, 31, clause, Confidence.LIKELY)


def _remark(case: Case, dead: DeadPeer) -> Finding:
    clause = (
        f"{health(case).serving}; policy `{dead.policy}` lets namespaces with `{dead.asks}` in, and there is none, "
        "so this entry lets nobody in"
    )
    return _finding(case, dead, HEALTHY, clause, Confidence.POSSIBLE, benign=True)


def _finding(
    case: Case, dead: DeadPeer, number: int, clause: str, confidence: Confidence, *, benign: bool = False
) -> Finding:
    ref = Ref("NetworkPolicy", case.namespace, dead.policy)
    near = f"; {dead.meant} is there" if dead.meant else ""
    seen = [
        Evidence(
            f"networkpolicy {dead.policy}",
            f"selects these pods; ingress[{dead.rule}].from[{dead.place}].namespaceSelector {dead.asks}",
        ),
        Evidence("namespaces", f"none with {dead.asks}{near}"),
    ]
    plan = plans.let_namespace_in(case, dead)
    return Finding(number, ref, Layer.POLICY, clause, tuple(seen), plan, confidence, benign=benign)


RULES: tuple[Rule, ...] = (namespace_is_none,)
