"""A target that is healthy, and whose log goes on about something that it calls, or is full of errors (class 125)."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.health import health
from explainers.diagnosis.logs.connections import Connection
from explainers.diagnosis.logs.lasting import LATEST, going_on, mostly_errors, times_lately
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.calls import lasting_complaints, log_name
from explainers.diagnosis.views.pods import Container
from explainers.document import Evidence
from explainers.operations.reads import Logs
from explainers.plan import Plan, Step


def goes_on(case: Case) -> Iterator[Finding]:
    """Every pod is ready and nothing is wrong with what is called, but the log goes on to complain.

    Reads nothing: only logs that other rules have asked for are looked at.
    """
    complaint, source = next(iter(lasting_complaints(case)), (None, ""))
    if complaint is None or not health(case).good:
        return
    for container in (one for pod in case.pods for one in pod.main_containers if log_name(one) == source):
        log = case.stamped_log(container)
        same = next((one for one in going_on(log, case.now) if one.index == complaint.index), None)
        if same:
            yield _finding(case, complaint, times_lately(log, same), container)


def _finding(case: Case, complaint: Connection, count: int, container: Container) -> Finding:
    line, host = complaint.line, complaint.host
    whom = f"`{host}`" if host else "something that it calls"
    outside = bool(host) and service_of(host, case.namespace) is None
    looked = "which is outside the cluster, where I do not look" if outside else "where I find nothing wrong"
    clause = f"{health(case).serving}, but its log goes on about {whom}, {looked}: {line}"
    return _noted(case, container, clause, f"{count} of its last {LATEST} lines are like this: {line}")


def only_errors(case: Case) -> Iterator[Finding]:
    """Every pod is ready and nothing is known to be wrong, but the log is little else than errors.

    Reads nothing: of the pods that run, that of which other rules have asked for the logs is looked at.
    """
    if lasting_complaints(case) or case.unready_pods or not health(case).good:
        return
    running = next((pod for pod in case.pods if pod.phase == "Running"), None)
    for container in (one for one in (running.main_containers if running else []) if one.ran):
        found = mostly_errors(case.stamped_log(container), case.now)
        if found:
            line = found.line.rstrip(".")
            errors = f"its log is little else than errors, which I cannot place: {line}"
            told = f"{found.count} of its last {found.total} lines say so: {line}"
            yield _noted(case, container, f"{health(case).serving}, but {errors}", told)


def _noted(case: Case, container: Container, clause: str, told: str) -> Finding:
    """What the log of a target that is well says, beside that it is well."""
    look = Logs(container.pod.namespace, container.pod.name, container.name, tail=LATEST)
    plan, seen = Plan((Step(look, "what it says now"),)), Evidence(log_name(container), told)
    return Finding(125, case.workload_ref or case.target, Layer.WORKLOAD, clause, (seen,), plan, benign=True)


RULES: tuple[Rule, ...] = (goes_on, only_errors)
