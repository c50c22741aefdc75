"""The network wizard's decision tree: seven steps, each with why, command, verdict and what comes next.

A pure function over a case: each probe that it asks for is answered by the caller, wave by wave.

    connects? → name resolves? → DNS up? → endpoints? → the right pods? → pods running? → pods answer?
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.health import endpoints
from explainers.diagnosis.views.pods import Json, Pod, dicts, dig, number, table, text
from explainers.kinds import Ref
from explainers.network.dns import dns_service, dns_state
from explainers.network.leaves import Leaf
from explainers.network.probes import HttpGet, LabelPairs, ReadResolver, Resolve, Seen, TcpConnect, seen
from explainers.operations.base import Look
from explainers.selectors import matches

WEB_PORTS = frozenset({80, 3000, 5000, 8000, 8080, 8888, 9000, 9090})


@dataclass(frozen=True)
class Source:
    """Where the probes come from: a namespace, and the labels that NetworkPolicies will judge."""

    namespace: str
    labels: LabelPairs = ()


@dataclass(frozen=True)
class StepTaken:
    """One step: its question, why it is asked, the commands that answer it, and what they said."""

    title: str
    why: str
    looks: tuple[Look, ...]
    verdict: str


@dataclass
class Walk:
    """The steps taken so far and, at the end, the leaf that was reached."""

    case: Case
    service: Json
    source: Source
    steps: list[StepTaken] = field(default_factory=list)
    leaf: Leaf = Leaf.UNKNOWN
    detail: str = ""

    @property
    def name(self) -> str:
        return text(self.service, "metadata", "name")

    @property
    def namespace(self) -> str:
        return text(self.service, "metadata", "namespace") or self.case.namespace

    @property
    def host(self) -> str:
        return f"{self.name}.{self.namespace}"

    @property
    def ref(self) -> Ref:
        return Ref("Service", self.namespace, self.name)

    def took(self, title: str, why: str, verdict: str, *looks: Look) -> None:
        self.steps.append(StepTaken(title, why, looks, verdict))

    def end(self, leaf: Leaf, detail: str = "") -> "Walk":
        self.leaf, self.detail = leaf, detail
        return self

    def tcp(self, host: str, port: int) -> tuple[TcpConnect, Seen]:
        probe = TcpConnect(self.source.namespace, self.source.labels, host, port)
        return probe, seen(self.case.ask(probe)[0])


def walk(case: Case, service: Json, source: Source) -> Walk:
    """Go down the tree for one Service, `case` being its case; raises Missing while something is to be read."""
    path = Walk(case, service, source)
    if text(service, "spec", "type") == "ExternalName":
        return path.end(Leaf.EXTERNAL_NAME, text(service, "spec", "externalName"))
    port = chosen_port(service)
    if port is None:
        return path.end(Leaf.UDP if dicts(service, "spec", "ports") else Leaf.NO_PORTS)
    for step in (_connects, _resolves, _endpoints, _right_pods, _running, _answer):
        if step(path, port):
            return path
    return path


Step = Callable[[Walk, Json], bool]


def chosen_port(service: Json) -> Json | None:
    """The port that is tried: the first TCP one; None where there is none."""
    tcp = [port for port in dicts(service, "spec", "ports") if (text(port, "protocol") or "TCP") == "TCP"]
    return tcp[0] if tcp else None


def looks_like_http(port: Json) -> bool:
    name = f"{text(port, 'name')} {text(port, 'appProtocol')}".lower()
    return "http" in name or number(port, "port") in WEB_PORTS


def _connects(path: Walk, port: Json) -> bool:
    wanted = number(port, "port")
    probe, found = path.tcp(path.host, wanted)
    why = "If a pod reaches the service, the network is not the problem."
    if not found.asked:
        path.took("service connects?", why, f"not probed: {found.why}", probe.operation())
        return False
    if not found.worked:
        how = "refused" if found.refused else "no answer in time"
        path.took("service connects?", why, f"no: {path.host}:{wanted} {how}", probe.operation())
        return False
    path.took("service connects?", why, f"yes: {path.host}:{wanted} accepts connections", probe.operation())
    path.end(Leaf.CONNECTS, _http_status(path, wanted) if looks_like_http(port) else "")
    return True


def _http_status(path: Walk, port: int) -> str:
    """The status line of an HTTP answer, e.g. `HTTP/1.1 503 Service Unavailable`; empty when it is not HTTP."""
    probe = HttpGet(path.source.namespace, path.source.labels, path.host, port)
    found = seen(path.case.ask(probe)[0])
    lines = [line.strip() for line in found.output.splitlines() if line.strip().startswith("HTTP/")]
    path.took(
        "what does it say?",
        "Any HTTP status counts as connected.",
        lines[-1] if lines else "no HTTP",
        probe.operation(),
    )
    return lines[-1] if lines else ""


def _resolves(path: Walk, _port: Json) -> bool:
    resolver = ReadResolver(path.source.namespace, path.source.labels)
    config = seen(path.case.ask(resolver)[0])
    if not config.asked:
        return False
    domain = cluster_domain(config.output)
    probe = Resolve(path.source.namespace, path.source.labels, f"{path.host}.svc.{domain}.")
    found = seen(path.case.ask(probe)[0])
    why = "A service is reached by name; the name must become an address first."
    told = "yes" if found.worked else "no"
    path.took("name resolves?", why, f"{told}: {probe.host}", resolver.operation(), probe.operation())
    return False if found.worked else _dns_up(path, domain)


def cluster_domain(resolver: str) -> str:
    """The cluster's domain from a pod's search list; `cluster.local` when the list does not tell."""
    for line in resolver.splitlines():
        for word in line.split()[1:] if line.startswith("search") else ():
            if word.startswith("svc."):
                return word.removeprefix("svc.").rstrip(".")
    return "cluster.local"


def _dns_up(path: Walk, domain: str) -> bool:
    probe = Resolve(path.source.namespace, path.source.labels, f"kubernetes.default.svc.{domain}.")
    found = seen(path.case.ask(probe)[0])
    state = dns_state(path.case)
    why = "If no name resolves, the cluster's DNS is the cause, not this service."
    path.took("DNS up?", why, f"{'yes' if found.worked else 'no'}: {state.told}", probe.operation(), dns_service())
    if found.worked:
        path.end(Leaf.NAME_UNKNOWN)
    else:
        leaf = {True: Leaf.DNS_BLOCKED, False: Leaf.DNS_DOWN, None: Leaf.DNS_UNSEEN}[state.up]
        path.end(leaf, state.told)
    return True


def _endpoints(path: Walk, _port: Json) -> bool:
    ready, every = endpoints(path.case, path.service)
    look = path.case.slices_of(path.service)
    why = "A service hands connections to its ready endpoints; without one there is nobody to answer."
    answer = path.case.ask(look)[0]
    told = f"{ready} ready, {every - ready} not ready" if answer.ok else f"could not be read: {answer.problem}"
    path.took("endpoints?", why, told, look)
    unread = [one.problem for one in (answer, path.case.ask(path.case.pods_of(path.service))[0]) if not one.ok]
    if unread and not every:
        path.end(Leaf.NOT_READ, unread[0])
        return True
    if every:
        return False
    if not dig(path.service, "spec", "selector"):
        path.end(Leaf.NO_SELECTOR)
    else:
        path.end(Leaf.NO_PODS) if not path.case.all_pods else path.end(Leaf.PODS_NOT_RUNNING)
    return True


def _right_pods(path: Walk, _port: Json) -> bool:
    owners = sorted({str(owner) for pod in path.case.pods if (owner := path.case.top_owner(pod.object))})
    why = "Connections go to every pod that the selector matches, wanted or not."
    path.took("the right pods?", why, f"pods of {', '.join(owners) or 'no workload'}", path.case.pods_of(path.service))
    if len(owners) > 1:
        path.end(Leaf.WRONG_PODS, ", ".join(owners))
        return True
    return False


def _running(path: Walk, _port: Json) -> bool:
    ready = [pod for pod in path.case.pods if pod.ready]
    why = "Only pods that run and are ready get connections."
    told = f"{len(ready)} of {len(path.case.pods)} pods ready"
    path.took("pods running?", why, told, path.case.pods_of(path.service))
    if not ready and path.case.pods:
        path.end(Leaf.PODS_NOT_RUNNING, told)
        return True
    return False


def _answer(path: Walk, port: Json) -> bool:
    results = [(pod, number_, *path.tcp(pod.ip, number_)) for pod in path.case.pods[:3]
               if pod.ready and pod.ip and (number_ := target_port(pod, port))]  # fmt: skip
    if not results or any(not found.asked for *_, found in results):
        path.end(Leaf.NOT_PROBED, next((found.why for *_, found in results), "no ready pod"))
        return True
    told = ", ".join(f"{pod.ip}:{at} {'answers' if found.worked else 'does not'}" for pod, at, _, found in results)
    why = "Asked directly, a pod shows whether the container listens where the service sends."
    path.took("pods answer?", why, told, *(probe.operation() for _, _, probe, _ in results))
    if all(found.worked for *_, found in results):
        path.end(Leaf.PODS_ANSWER, told)
    elif any(found.refused for *_, found in results) or not _ways_shut(path):
        path.end(Leaf.PODS_SILENT, told)
    else:
        path.end(Leaf.PODS_CUT_OFF, ", ".join(_ways_shut(path)))
    return True


def _ways_shut(path: Walk) -> list[str]:
    """NetworkPolicies that judge the way: those that select the pods, and those that select the caller."""
    callers = path.case.find(kinds.NETWORK_POLICY, namespace=path.source.namespace).items
    judging = [one for one in callers if matches(table(one, "spec", "podSelector"), dict(path.source.labels))]
    return sorted({f"networkpolicy/{text(one, 'metadata', 'name')}" for one in [*path.case.policies, *judging]})


def target_port(pod: Pod, port: Json) -> int:
    """The number of the container port that a service port means for this pod; 0 when a name is unknown there."""
    wanted = dig(port, "targetPort", default=number(port, "port"))
    if isinstance(wanted, int):
        return wanted
    for container in pod.main_containers:
        for declared in dicts(container.spec, "ports"):
            if declared.get("name") == wanted:
                return number(declared, "containerPort")
    return 0
