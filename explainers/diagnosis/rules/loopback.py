"""A program that listens for itself only, behind a Service that sends others to it (class 8)."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans import binding as plans
from explainers.diagnosis.rules.ports import pairs
from explainers.diagnosis.views.binding import bound
from explainers.diagnosis.views.pods import text
from explainers.diagnosis.views.ports import listeners, number_of, probed
from explainers.document import Evidence
from explainers.network.probes import TcpConnect, seen


def only_for_itself(case: Case) -> Iterator[Finding]:
    """Its pods are ready, because no probe asks that port, and refuse every connection from outside."""
    pod = next((one for one in case.pods if one.ready and one.ip), None)
    if pod is None:
        return
    blame = case.workload_ref or pod.ref
    for service, port, _ in pairs(case):
        number = number_of(port, pod.spec)
        if port.protocol != "TCP" or not number or number in probed(pod.spec):
            continue
        for container in listeners(pod, number):
            found = bound(case, container, number)
            if found is None:
                continue
            (answer,) = case.ask(TcpConnect(case.namespace, (), pod.ip, number, policed=case.policed))
            tested, name = seen(answer), text(service, "metadata", "name")
            if tested.worked:
                continue  # it listens for others too
            clause = f"container `{container.name}` listens on port {number} only for itself, on {found.address}: "
            clause += f"what service `{name}` sends there is refused"
            said = "refused" if tested.refused else "not answered"
            told = f"{pod.ip}:{number} {said} from inside {case.namespace}"
            seen_so = (Evidence(f"connection to pod {pod.name}", told),) if tested.asked else ()
            yield Finding(
                8,
                blame,
                Layer.CONTAINER,
                clause,
                (*seen_so, found.evidence),
                plans.for_everybody(case, blame, container, found),
                Confidence.SURE if tested.refused else Confidence.LIKELY,
            )
            return


RULES: tuple[Rule, ...] = (only_for_itself,)
