"""`pods` in a thread: the target's pods and what each is doing."""

from commands.base.ports import Services
from commands.base.registry import command
from commands.base.request import Reply, Request
from commands.base.scene import scene
from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.views.pods import Pod, table
from explainers.diagnosis.when import ago
from explainers.document import Document, Evidence, Tone
from explainers.operations.reads import List
from explainers.plan import Plan, Step, plan
from explainers.selectors import query

FORM = "pods TARGET [-n NAMESPACE]; in a thread about something, just `pods`"


@command("pods", "TARGET [-n NAMESPACE]", "@tessera pods", follow_up=True)
def pods(request: Request, services: Services) -> Reply:
    """List a target's pods: ready or not, what each container waits for, restarts, node."""
    at = scene(request, services, FORM)
    found, unseen = at.see(lambda case: case.all_pods), at.unseen(*at.behind)
    rows = tuple(Evidence(f"pod {pod.name}", doing(pod), ago(at.facts.now, pod.created)) for pod in found)
    ready = sum(1 for pod in found if pod.ready)
    many = f"{len(found)} pod{'' if len(found) == 1 else 's'}, {ready} ready" if found else "no pods"
    head = f"`{at.target.name}` has {many}."
    data = at.data(unseen, pods=[_data(pod) for pod in found])
    if unseen:
        head = f"{head} I cannot see all." if found else f"I cannot see the pods of `{at.target.name}`."
        document = Document(Tone.UNKNOWN, head, evidence=rows, unchecked=unseen)
        return Reply(document, str(at.target), at.target.namespace, "unknown", data)
    shown = Document(Tone.INFO, head, evidence=rows, plan=at.see(_by_hand))
    return Reply(shown, str(at.target), at.target.namespace, data=data)


def _data(pod: Pod) -> dict[str, object]:
    return {
        "name": pod.name,
        "phase": pod.phase,
        "ready": pod.ready,
        "terminating": pod.terminating,
        "node": pod.node,
        "created": pod.created.isoformat() if pod.created else None,
        "containers": [
            {"name": one.name, "ready": one.ready, "restarts": one.restarts, "waiting": one.waiting}
            for one in pod.containers
        ],
    }


def _by_hand(case: Case) -> Plan:
    selector = case.selector_of_service and {"matchLabels": case.selector_of_service}
    wanted = selector or table(case.workload, "spec", "selector")
    if not wanted:
        return Plan()
    return plan(Step(List(kinds.POD, case.namespace, labels=query(wanted)), "The same pods by hand."))


def doing(pod: Pod) -> str:
    """One line about a pod: `ready on node-1`, or what its containers wait for."""
    troubles = [f"{one.name}: {one.waiting}" for one in pod.containers if one.waiting]
    restarts = sum(one.restarts for one in pod.containers)
    state = (
        "terminating" if pod.terminating else "ready" if pod.ready else ", ".join(troubles) or f"{pod.phase}, not ready"
    )
    if pod.finished:
        state = pod.phase
    where = f" on {pod.node}" if pod.node else ", on no node yet"
    return state + where + (f", {restarts} restarts" if restarts else "")
