"""A target that is healthy, and whose log goes on about something that it calls, or is full of errors (class 125)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.health import health
from explainers.diagnosis.logs.connections import Connection, Failure, of_a_client
from explainers.diagnosis.logs.databases import missing_database, user_of
from explainers.diagnosis.logs.lasting import LATEST, LEAST, going_on, mostly_errors, not_worked_since, times_lately
from explainers.diagnosis.logs.replication import master, of_server
from explainers.diagnosis.model import Finding, Layer
from explainers.diagnosis.rules.access import allowed_now
from explainers.diagnosis.rules.dependencies import judged
from explainers.diagnosis.views.addresses import service_of
from explainers.diagnosis.views.calls import Call, done_without, lasting_complaints, log_name
from explainers.diagnosis.views.pods import Container, table
from explainers.diagnosis.views.proxied import named
from explainers.diagnosis.views.servers import is_server
from explainers.diagnosis.views.telemetry import of_telemetry
from explainers.diagnosis.views.unanswered import serves_since
from explainers.diagnosis.when import ago
from explainers.document import Evidence
from explainers.operations.reads import Get, Logs
from explainers.plan import Plan, Step

_OF_CLIENTS = (Failure.AUTH, Failure.TRUST, Failure.PLAIN, Failure.FULL)


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
        if same and same.at and (serves_since(case, complaint, same.at) or _ready_since(case, container, same.at)):
            yield _past(case, replace(complaint, at=same.at), container)
        elif same:
            yield _finding(case, complaint, times_lately(log, same), container)


def _ready_since(case: Case, container: Container, said: datetime) -> bool:
    """Whether a container that is asked whether it is ready said so after its last complaint, and has been silent
    since for more than a moment."""
    since = container.pod.ready_since if table(container.spec, "readinessProbe") and container.ready else None
    return since is not None and said < since and case.now - said > LEAST


def _finding(case: Case, complaint: Connection, count: int, container: Container) -> Finding:
    line, host = complaint.line, complaint.host
    like = f"{count} of its last {LATEST} lines are like this: {line}"
    if of_server(line):
        whom = f" `{found}`" if (found := master(case.stamped_log(container).text)) else ""
        clause = f"{health(case).serving}, but it is a replica, and its log goes on about its master{whom}: {line}"
        return _noted(case, container, clause, like)
    turned_down = complaint.failure in _OF_CLIENTS and not host and is_server(case, container)
    if turned_down or of_a_client(complaint):
        return _of_clients(case, complaint, container, like)
    whom = f"`{host}`" if host else "something that it calls"
    clause = f"{health(case).serving}, but its log goes on about {whom}, {_looked(case, host)}: {line}"
    return _noted(case, container, clause, like)


def _looked(case: Case, host: str) -> str:
    """What is known of what the log complains about."""
    if not host:
        return "which it does not name"
    meant = service_of(host, case.namespace)
    if meant is None:
        return "which is outside the cluster, where I do not look"
    if case.service(*meant).absent:
        return f"and there is no service `{meant[0]}` in `{meant[1]}`"
    return "where I find nothing wrong"


def _of_clients(case: Case, complaint: Connection, container: Container, like: str) -> Finding:
    """A server notes the clients that it turns down; what is wrong is on their side."""
    user = user_of(complaint.line) if complaint.failure is Failure.AUTH else ""
    whom = f"logins of the user `{user}`" if user else "clients"
    clause = f"{health(case).serving}; its log says that it turns down {whom}: {complaint.line}"
    return _noted(case, container, clause, like)


def goes_without_it(case: Case) -> Iterator[Finding]:
    """Every pod is ready, and the log says that it goes on without what it cannot reach: no fault, only a fact."""
    if len(case.trail) > 1 or not health(case).good:
        return
    for call in done_without(case)[:1]:
        why = next(iter(judged(case, call)), None) if call.name and case.service(call.name, call.namespace).ok else None
        told = why.clause if why else _without(case, call)
        ref, evidence = case.workload_ref or case.target, why.evidence if why else tuple(call.evidence)
        look = Step(Get(ref.type, ref.namespace, ref.name), "what it is told to call, and whether that is wanted")
        if_wanted = tuple(replace(one, why=f"if it is wanted: {one.why}") for one in why.plan.steps) if why else ()
        clause, plan = f"{health(case).serving}, and {told}", Plan((look,), if_wanted)
        yield Finding(125, ref, Layer.WORKLOAD, clause, evidence, plan, benign=True)


def _without(case: Case, call: Call) -> str:
    """What the log says of a call that it goes on without, or that only reports how the program does."""
    whom = f"`{call.address.host}`" if call.address.host else "what it cannot reach"
    if not of_telemetry(call.complaint, [call.address]):
        return f"its log says that it goes on without {whom}"
    absent = call.name and case.service(call.name, call.namespace).absent
    why = f": there is no service `{call.name}` in `{call.namespace}`" if absent else ""
    return f"its log says that {whom} takes none of its telemetry{why}"


def only_errors(case: Case) -> Iterator[Finding]:
    """Every pod is ready and nothing is known to be wrong, but the log is little else than errors.

    Reads no log: of the pods that run, that of which other rules have asked for the logs is looked at. A refusal of the
    API server is past when a review allows it.
    """
    if lasting_complaints(case) or case.unready_pods or not health(case).good:
        return
    running = next((pod for pod in case.pods if pod.phase == "Running"), None)
    for container in (one for one in (running.main_containers if running else []) if one.ran):
        log = case.stamped_log(container)
        found = mostly_errors(log, case.now)
        calls = [named(case, one) for one in not_worked_since(log)[:1] if found and one.line == found.line and one.at]
        if calls and service_of(calls[0].host, case.namespace):
            yield _past(case, calls[0], container)
        elif found and not allowed_now(case, found.line):
            line = found.line.rstrip(".")
            asked = missing_database(line) if is_server(case, container) else ""
            errors = f"its log goes on: {line}"
            if not found.requests:
                errors = f"its log is little else than errors, which I cannot place: {line}"
            if asked:
                errors = f"its log goes on about clients that ask for the database `{asked}`, which it does not have"
            told = f"{found.count} of its last {found.total} lines say so: {line}"
            yield _noted(case, container, f"{health(case).serving}, but {errors}", told)


def _past(case: Case, complaint: Connection, container: Container) -> Finding:
    """What the log complained of, and does no more."""
    line, when = complaint.line, ago(case.now, complaint.at)
    clause = (
        f"{health(case).serving}; its log complained about `{complaint.target}` until {when}, and not since: {line}"
    )
    return _noted(case, container, clause, line, when)


def _noted(case: Case, container: Container, clause: str, told: str, age: str = "") -> Finding:
    """What the log of a target that is well says, beside that it is well."""
    look = Logs(container.pod.namespace, container.pod.name, container.name, tail=LATEST)
    plan, seen = Plan((Step(look, "what it says now"),)), Evidence(log_name(container), told, age)
    return Finding(125, case.workload_ref or case.target, Layer.WORKLOAD, clause, (seen,), plan, benign=True)


RULES: tuple[Rule, ...] = (goes_on, goes_without_it, only_errors)
