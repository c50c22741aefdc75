"""The wizard's decision tree: every leaf is reached, and every step says why, how and what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.cluster.snapshot import SnapshotCluster
from commands.base.investigate import investigate
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts, Question
from explainers.diagnosis.views.pods import Json
from explainers.kinds import Ref
from explainers.network.leaves import CONCLUSIONS, Leaf
from explainers.network.probes import HttpGet, Probe, ReadResolver, Resolve, TcpConnect
from explainers.network.walk import Source, Walk, chosen_port, cluster_domain, walk
from explainers.operations.base import Answer
from tests.unit.clusters import NOW, cluster, deployment, pod, thing

RESOLV = "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.0.0.10\n"


@dataclass
class Network:
    """How the pods' network behaves in a test; answers probes as the one-time pod would."""

    service: bool = True
    pods: bool = True
    names: bool = True
    dns: bool = True
    allowed: bool = True
    http: str = "  HTTP/1.1 200 OK"
    took: float = 0.1
    asked: list[Probe] = field(default_factory=list)

    def ask(self, question: Question) -> Answer:
        assert isinstance(question, Probe)
        self.asked.append(question)
        if not self.allowed:
            return Answer(403, problem="pods is forbidden")
        worked, said = self._see(question)
        return Answer(200, {"exitCode": 0 if worked else 1, "stdout": said, "stderr": ""}, took=self.took)

    def _see(self, question: Probe) -> tuple[bool, str]:
        match question:
            case TcpConnect(host="web.shop"):
                return self.service, ""
            case TcpConnect():
                return self.pods, ""
            case HttpGet():
                return True, self.http
            case ReadResolver():
                return True, RESOLV
            case Resolve(host=host) if host.startswith("kubernetes.default"):
                return self.dns, ""
        return self.names and self.dns, ""


def refused(resource: str, namespace: str) -> Json:
    return {"resource": resource, "namespace": namespace, "status": 403, "problem": f"{resource} is forbidden"}


def service(**spec: Any) -> Json:
    ports = [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]
    return thing("Service", "web", spec={"selector": {"app": "web"}, "ports": ports, **spec})


def slices(ready: int, unready: int = 0) -> Json:
    endpoints = [{"addresses": [f"10.0.0.{n}"], "conditions": {"ready": n < ready}} for n in range(ready + unready)]
    labels = {"kubernetes.io/service-name": "web"}
    return thing("EndpointSlice", "web-x", labels=labels, endpoints=endpoints)


def dns_slice(ready: bool = True, label: str = "kube-dns") -> Json:
    endpoints = [{"addresses": ["10.0.0.53"], "conditions": {"ready": ready}}]
    found = thing("EndpointSlice", "kube-dns-x", labels={"k8s-app": label}, endpoints=endpoints)
    found["metadata"]["namespace"] = "kube-system"
    return found


def owned(found: Json, owner: str) -> Json:
    found["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": owner, "controller": True}]
    return found


def walked(
    network: Network, *objects: Json, made: Json | None = None, dns: Json | None = None, unread: Sequence[Json] = ()
) -> Walk:
    made = made or service()
    at: SnapshotCluster = cluster(made, dns or dns_slice(), *objects, unread=list(unread))
    target = Ref("Service", "shop", "web")
    return investigate(
        lambda facts: walk(Case(facts, target), made, Source("shop")), Facts(NOW), at, network.ask
    )  # fmt: skip


WEB = (deployment("web"), pod("web-1", {"app": "web"}), slices(1))


def test_a_service_that_connects_is_no_network_problem() -> None:
    path = walked(Network(http="  HTTP/1.1 503 Service Unavailable"), *WEB)
    assert path.leaf is Leaf.CONNECTS
    assert "503" in path.detail


def test_a_name_that_does_not_resolve_while_dns_works() -> None:
    assert walked(Network(service=False, names=False), *WEB).leaf is Leaf.NAME_UNKNOWN


def test_dns_that_answers_nobody() -> None:
    path = walked(Network(service=False, dns=False), *WEB)
    assert path.leaf is Leaf.DNS_BLOCKED
    assert "1 of 1 DNS pods ready" in path.detail


def test_dns_whose_pods_are_down() -> None:
    path = walked(Network(service=False, dns=False), *WEB, dns=dns_slice(ready=False))
    assert path.leaf is Leaf.DNS_DOWN
    assert "0 of 1 DNS pods ready" in path.detail


def test_dns_that_may_not_be_looked_at_is_not_called_down() -> None:
    hidden = refused("endpointslices.discovery.k8s.io", "kube-system")
    path = walked(Network(service=False, dns=False), *WEB, unread=[hidden])
    assert path.leaf is Leaf.DNS_UNSEEN
    assert "forbidden" in path.detail


def test_dns_that_bears_another_label_is_not_called_down() -> None:
    path = walked(Network(service=False, dns=False), *WEB, dns=dns_slice(label="dns-default"))
    assert path.leaf is Leaf.DNS_UNSEEN
    assert "labelled `k8s-app=kube-dns`" in path.detail


@pytest.mark.parametrize("resource", ["pods", "endpointslices.discovery.k8s.io"])
def test_what_may_not_be_read_is_not_absent(resource: str) -> None:
    path = walked(Network(allowed=False), deployment("web"), unread=[refused(resource, "shop")])
    assert path.leaf is Leaf.NOT_READ
    assert "forbidden" in path.detail


def test_no_endpoints_because_nothing_matches() -> None:
    assert walked(Network(service=False), deployment("web"), slices(0)).leaf is Leaf.NO_PODS


def test_no_endpoints_without_a_selector() -> None:
    assert walked(Network(service=False), made=service(selector=None)).leaf is Leaf.NO_SELECTOR


def test_pods_of_two_workloads() -> None:
    path = walked(
        Network(service=False), owned(pod("web-1", {"app": "web"}), "web"), owned(pod("job-1", {"app": "web"}), "job"),
        thing("StatefulSet", "web"), thing("StatefulSet", "job"), slices(2),
    )  # fmt: skip
    assert path.leaf is Leaf.WRONG_PODS
    assert "statefulset/job" in path.detail


def test_pods_that_are_not_ready() -> None:
    path = walked(Network(service=False), deployment("web"), pod("web-1", {"app": "web"}, ready=False), slices(0, 1))
    assert path.leaf is Leaf.PODS_NOT_RUNNING


def test_pods_that_do_not_listen() -> None:
    path = walked(Network(service=False, pods=False), *WEB)
    assert path.leaf is Leaf.PODS_SILENT
    assert "10.0.0.9:8080" in path.detail


def test_packets_that_are_dropped_between_the_caller_and_ready_pods() -> None:
    policy = thing("NetworkPolicy", "only-checkout", spec={"podSelector": {"matchLabels": {"app": "web"}}})
    path = walked(Network(service=False, pods=False, took=3.0), *WEB, policy)
    assert path.leaf is Leaf.PODS_CUT_OFF
    assert path.detail == "networkpolicy/only-checkout"


def test_packets_that_are_dropped_without_a_policy() -> None:
    assert walked(Network(service=False, pods=False, took=3.0), *WEB).leaf is Leaf.PODS_SILENT


def test_pods_that_answer_behind_a_service_that_does_not() -> None:
    assert walked(Network(service=False), *WEB).leaf is Leaf.PODS_ANSWER


def test_without_the_right_to_probe_the_walk_goes_on_and_says_so() -> None:
    path = walked(Network(allowed=False), *WEB)
    assert path.leaf is Leaf.NOT_PROBED
    assert "forbidden" in path.steps[0].verdict
    assert [step.title for step in path.steps] == [
        "service connects?",
        "endpoints?",
        "the right pods?",
        "pods running?",
    ]


@pytest.mark.parametrize(
    ("spec", "leaf"),
    [
        ({"ports": [{"port": 53, "protocol": "UDP"}]}, Leaf.UDP),
        ({"ports": []}, Leaf.NO_PORTS),
        ({"type": "ExternalName", "externalName": "example.com"}, Leaf.EXTERNAL_NAME),
    ],
)
def test_services_that_cannot_be_walked(spec: Json, leaf: Leaf) -> None:
    network = Network()
    assert walked(network, made=service(**spec)).leaf is leaf
    assert network.asked == []


def test_every_leaf_has_a_conclusion_with_a_way_on() -> None:
    assert set(CONCLUSIONS) == set(Leaf)
    for leaf, end in CONCLUSIONS.items():
        assert end.reading.startswith("https://kubernetes.io/")
        assert leaf is Leaf.UNKNOWN or (end.why and end.next)


def test_every_step_says_why_and_how() -> None:
    for step in walked(Network(service=False, pods=False), *WEB).steps:
        assert step.why.endswith(".")
        assert step.verdict
        assert all(look.line().startswith("kubectl") for look in step.looks)


def test_the_first_tcp_port_is_chosen() -> None:
    made = service(ports=[{"port": 53, "protocol": "UDP"}, {"port": 9153}])
    assert chosen_port(made) == {"port": 9153}


def test_the_cluster_s_domain_comes_from_the_search_list() -> None:
    assert cluster_domain("search shop.svc.corp.example svc.corp.example corp.example") == "corp.example"
    assert cluster_domain("") == "cluster.local"
