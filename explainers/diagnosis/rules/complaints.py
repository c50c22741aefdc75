"""A target that is healthy, and whose log goes on about something that it calls (class 125)."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.health import health
from explainers.diagnosis.logs.lasting import LATEST, going_on, times_lately
from explainers.diagnosis.logs.stamps import Stamped
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.calls import Call, log_name, suspected_calls
from explainers.diagnosis.views.pods import Container
from explainers.document import Evidence
from explainers.operations.reads import Logs
from explainers.plan import Plan, Step


def goes_on(case: Case) -> Iterator[Finding]:
    """Every pod is ready and nothing is wrong with what is called, but the log goes on to complain.

    Reads nothing: only logs that other rules have asked for are looked at.
    """
    calls = [call for call in suspected_calls(case) if call.complaint]
    if not calls or not health(case).good:
        return
    for container in (one for pod in case.pods for one in pod.main_containers):
        own = [call for call in calls if call.source == log_name(container)]
        log = case.stamped_log(container) if own else Stamped("")
        still = {one.index: one for one in going_on(log, case.now)}
        for call in own:
            same = still.get(call.complaint.index) if call.complaint else None
            if same:
                yield _finding(case, call, times_lately(log, same), container)
                return


def _finding(case: Case, call: Call, count: int, container: Container) -> Finding:
    whom = f"`{call.address.host}`" if call.address.host else "something that it calls"
    line = call.complaint.line if call.complaint else ""
    clause = f"{health(case).serving}, but its log goes on about {whom}, where I find nothing wrong: {line}"
    seen = Evidence(call.source, f"{count} of its last {LATEST} lines are like this: {line}")
    look = Logs(container.pod.namespace, container.pod.name, container.name, tail=LATEST)
    plan = Plan((Step(look, "what it says now"),))
    return Finding(125, case.workload_ref or case.target, Layer.WORKLOAD, clause, (seen,), plan, benign=True)


RULES: tuple[Rule, ...] = (goes_on,)
