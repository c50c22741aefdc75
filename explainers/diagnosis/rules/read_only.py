"""What a workload writes is turned down by a server that is a replica (class 74): the server says so itself."""

from collections.abc import Iterator
from functools import partial

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.facts import at_once
from explainers.diagnosis.logs.lasting import LATEST, ONCE
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.logs.replication import Kind, master, turned_down
from explainers.diagnosis.logs.stamps import Stamped
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.views.addresses import addresses, service_of
from explainers.diagnosis.views.calls import log_name
from explainers.diagnosis.views.endings import in_trouble, last_log, source_of
from explainers.diagnosis.views.pods import Container, Pod
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get, Logs
from explainers.plan import Plan, Step

DEPTH = 3
"""How far a chain of dependencies is followed."""


def read_only(case: Case) -> Iterator[Finding]:
    """74: the last thing that the log says of a write is that a replica does not take it."""
    if len(case.trail) > DEPTH:
        return
    restless = (pod for pod in case.pods if any(in_trouble(case, one) for one in pod.containers))
    running = (pod for pod in case.pods if pod.phase == "Running")
    pods = case.unready_pods[:1] or list(restless)[:1] or list(running)[:1]
    ran = [one for pod in pods for one in pod.main_containers if one.ran]
    yield from at_once(partial(_of, case, one) for one in ran)


def _of(case: Case, container: Container) -> Iterator[Finding]:
    ended = bool(container.last_end) and in_trouble(case, container)
    log = Stamped(last_log(case, container).text) if ended else case.stamped_log(container)
    latest = lines_of(log.text)[-LATEST:]
    found = next(((line, kind) for line in reversed(latest) if (kind := turned_down(line))), None)
    if found is None or (log.times and case.now - log.times[-1] > ONCE):
        return
    line, server = clean(found[0]), _server(case, found[1])
    if server is None or not case.service(server.name, server.namespace).ok:
        return
    source = source_of(case, container, line) if ended else log_name(container)
    yield from _replica(case, server, Evidence(source, line))


def _server(case: Case, kind: Kind) -> Ref | None:
    """The Service that turned the write down: what is called by the name or on the port of such a server, else all
    that is called; none where these are several."""
    known = addresses(case)
    likely = [one for one in known if one.port == kind.port or kind.names.search(f"{one.scheme} {one.host}")] or known
    meant = {service_of(one.host, case.namespace) for one in likely}
    found = next(iter(meant)) if len(meant) == 1 else None
    return Ref("Service", found[1], found[0]) if found else None


def _replica(case: Case, server: Ref, said: Evidence) -> Iterator[Finding]:
    inner = case.follow(server)
    pod = next((one for one in inner.pods if one.phase == "Running"), None)
    container = pod.main_containers[0] if pod and pod.main_containers else None
    where = master(inner.stamped_log(container).text) if container else ""
    seen = (Evidence(log_name(container), f"Connecting to MASTER {where}"),) if container and where else ()
    of = f" of `{where}`" if where else ""
    clause = f"`{server.name}`, which it calls, is a replica{of} and takes no writes: {said.text.rstrip('.')}"
    yield Finding(
        74, server, Layer.DEPENDENCY, clause, (said, *seen), Plan((_look(server, pod, container),)), Confidence.LIKELY
    )


def _look(server: Ref, pod: Pod | None, container: Container | None) -> Step:
    why = "whose replica it is: writes must go to that one, or this one must be made the primary"
    if pod and container:
        return Step(Logs(pod.namespace, pod.name, container.name, tail=LATEST), why)
    return Step(Get(kinds.SERVICE, server.namespace, server.name), why)


RULES: tuple[Rule, ...] = (read_only,)
