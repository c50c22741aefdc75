"""A target that is healthy, and whose log goes on about something that it calls (class 125)."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.health import health
from explainers.diagnosis.logs.connections import failed_connections
from explainers.diagnosis.logs.lines import lines_of
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.calls import LATEST, Call, suspected_calls
from explainers.document import Evidence
from explainers.operations.reads import Logs
from explainers.plan import Plan, Step


def goes_on(case: Case) -> Iterator[Finding]:
    """Every pod is ready and nothing is wrong with what is called, but the latest lines complain, more than once.

    Reads nothing: only logs that other rules have asked for are looked at.
    """
    call = next((one for one in suspected_calls(case) if one.complaint), None)
    if call is None or call.complaint is None or not health(case).good:
        return
    for pod in case.pods:
        for container in pod.main_containers:
            if f"log of {pod.name}/{container.name}" != call.source:
                continue
            latest = lines_of(case.log(container).text)[-LATEST:]
            complaining = [line for line in latest if failed_connections(line)]
            if len(complaining) > 1 and complaining[-1] in latest[-LATEST // 2 :]:
                look = Logs(pod.namespace, pod.name, container.name, tail=LATEST)
                yield _finding(case, call, len(complaining), Step(look, "what it says now"))
            return


def _finding(case: Case, call: Call, count: int, look: Step) -> Finding:
    whom = f"`{call.address.host}`" if call.address.host else "something that it calls"
    line = call.complaint.line if call.complaint else ""
    clause = f"{health(case).serving}, but its log goes on about {whom}, where I find nothing wrong: {line}"
    seen = Evidence(call.source, f"{count} of its last {LATEST} lines are like this: {line}")
    return Finding(125, case.workload_ref or case.target, Layer.WORKLOAD, clause, (seen,), Plan((look,)), benign=True)


RULES: tuple[Rule, ...] = (goes_on,)
