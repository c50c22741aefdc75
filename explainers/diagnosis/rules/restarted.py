"""Containers that run again after their node or its container runtime was restarted (61; 125 for one that is well), or
after the kubelet ended them once for their liveness probe (125)."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.health import health
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.nodes import look_at_node
from explainers.diagnosis.views.endings import SETTLED, blame, ended_with_its_node, last_end_of, well_again
from explainers.diagnosis.views.pods import Container, Pod, text
from explainers.diagnosis.views.probe_specs import Failed, failed, probe_of
from explainers.diagnosis.views.warming import EARLY, age
from explainers.diagnosis.when import moment, span
from explainers.plan import Plan


def with_its_node(case: Case) -> Iterator[Finding]:
    """Each container that its node took with it lately, as far as it runs again: not ready yet, or well."""
    for pod in case.pods:
        swept = [one for one in pod.main_containers if _lately(case, one)]
        if swept:
            yield from _told(case, pod, swept[0])
            return


def _lately(case: Case, container: Container) -> bool:
    finished = moment(text(container.last_end, "finishedAt"))
    again = container.running_since is not None and ended_with_its_node(container)
    return again and finished is not None and case.now - finished <= SETTLED


def _told(case: Case, pod: Pod, container: Container) -> Iterator[Finding]:
    node, runs = f" `{pod.node}`" if pod.node else "", span(age(case, container))
    said = (
        f"container `{container.name}` was started again {runs} ago because its node{node} or the node's container "
        "runtime was restarted, not because of an error of its own"
    )
    ref, seen, plan = blame(case, pod), (last_end_of(case, container),), look_at_node(pod)
    if not container.ready and age(case, container) < EARLY:
        clause = f"{said}; it is not ready yet"
        yield Finding(61, ref, Layer.CONTAINER, clause, seen, plan, Confidence.LIKELY)
    elif container.ready and health(case).good:
        yield Finding(125, ref, Layer.WORKLOAD, f"{health(case).serving}; {said}", seen, plan, benign=True)


def ended_once(case: Case) -> Iterator[Finding]:
    """125: a container that the kubelet ended once lately, and that is well again: worth a word, and no fault."""
    again = [one for pod in case.pods for one in pod.main_containers if _of_late(case, one) and well_again(case, one)]
    probe = probe_of(again[0], "liveness") if again else None
    if probe is None or not health(case).good:
        return
    fails, one = failed(case, probe), again[0]
    got = f" ({fails.said})" if fails and fails.said else ""
    said = (
        f"{health(case).serving}; container `{one.name}` was started again {span(age(case, one))} ago because its "
        f"liveness probe failed{got}, which has not failed {_for(case, one, fails)}"
    )
    rows = (last_end_of(case, one),)
    yield Finding(125, blame(case, one.pod), Layer.WORKLOAD, said, rows, Plan(), benign=True)


def _for(case: Case, container: Container, fails: Failed | None) -> str:
    since, last = container.running_since, fails.last if fails else None
    return f"for {span(case.now - last)}" if last and since and last > since else "since"


def _of_late(case: Case, container: Container) -> bool:
    finished = moment(text(container.last_end, "finishedAt"))
    return finished is not None and case.now - finished <= SETTLED


RULES: tuple[Rule, ...] = (with_its_node, ended_once)
