"""Where the wizard can end: what each leaf means, what to do next, and where to read about it."""

from dataclasses import dataclass
from enum import Enum

DOCS = "https://kubernetes.io/docs/"


class Leaf(Enum):
    CONNECTS = "connects"
    NAME_UNKNOWN = "name unknown"
    DNS_DOWN = "DNS down"
    DNS_BLOCKED = "DNS blocked"
    DNS_UNSEEN = "DNS unseen"
    NO_PODS = "no pods"
    NO_SELECTOR = "no selector"
    WRONG_PODS = "wrong pods"
    PODS_NOT_RUNNING = "pods not running"
    PODS_SILENT = "pods silent"
    PODS_CUT_OFF = "pods cut off"
    PODS_ANSWER = "pods answer, service does not"
    EXTERNAL_NAME = "external name"
    UDP = "UDP"
    NO_PORTS = "no ports"
    NOT_PROBED = "not probed"
    NOT_READ = "not read"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Conclusion:
    """`sentence` completes "`web`: …"; `why` explains, `next` says what to look at."""

    sentence: str
    why: str
    next: str
    reading: str


CONCLUSIONS: dict[Leaf, Conclusion] = {
    Leaf.CONNECTS: Conclusion(
        "the network is fine, a pod reaches it",
        "The name resolves, the service has ready endpoints and one of them accepted the connection.",
        "If people still see errors, look at the application: its status code above and its logs.",
        DOCS + "tasks/debug/debug-application/debug-service/",
    ),
    Leaf.NAME_UNKNOWN: Conclusion(
        "its name does not resolve, though DNS works",
        "A name resolves only if a Service of that name exists in that namespace; short names work only inside it.",
        "Check the name and namespace, the caller's `dnsPolicy` and search list, and its egress policies.",
        DOCS + "concepts/services-networking/dns-pod-service/",
    ),
    Leaf.DNS_DOWN: Conclusion(
        "no name resolves, the cluster's DNS is down",
        "Every name in the cluster is answered by the pods behind the service `kube-dns`.",
        "Look at the DNS pods, their ConfigMap `coredns` and their node.",
        DOCS + "tasks/administer-cluster/dns-debugging-resolution/",
    ),
    Leaf.DNS_BLOCKED: Conclusion(
        "no name resolves from there, though the DNS pods are ready",
        "A NetworkPolicy for egress that does not allow port 53 to the DNS pods cuts the caller off from every name.",
        "Allow egress to `kube-dns` on port 53, UDP and TCP, for the calling pods.",
        DOCS + "concepts/services-networking/network-policies/",
    ),
    Leaf.DNS_UNSEEN: Conclusion(
        "no name resolves from there, and whether the cluster's DNS is up could not be read",
        "Either the DNS pods are down, or an egress policy keeps the caller from port 53 of them.",
        "Ask somebody who may read `kube-system` whether the DNS pods are ready; until then both are possible.",
        DOCS + "tasks/administer-cluster/dns-debugging-resolution/",
    ),
    Leaf.NO_PODS: Conclusion(
        "its selector matches no pod",
        "A service finds its pods by labels: every label in its selector must stand on the pod, letter by letter.",
        "Compare the selector with the labels of the pods.",
        DOCS + "tasks/debug/debug-application/debug-service/#does-the-service-have-any-endpointslices",
    ),
    Leaf.NO_SELECTOR: Conclusion(
        "it has no selector and no endpoints",
        "A service without a selector sends connections only to EndpointSlices that somebody writes by hand.",
        "Create an EndpointSlice, or give the service a selector.",
        DOCS + "concepts/services-networking/service/#services-without-selectors",
    ),
    Leaf.WRONG_PODS: Conclusion(
        "its selector matches pods of several workloads",
        "Connections are spread over every pod that the selector matches, so some reach the wrong program.",
        "Make the selector as narrow as the labels of the one workload.",
        DOCS + "concepts/services-networking/service/#defining-a-service",
    ),
    Leaf.PODS_NOT_RUNNING: Conclusion(
        "none of its pods is ready",
        "Pods that are not ready get no connections.",
        "Diagnose the workload: why its pods do not run is the cause.",
        DOCS + "tasks/debug/debug-application/debug-pods/",
    ),
    Leaf.PODS_SILENT: Conclusion(
        "its pods do not accept connections on the target port",
        "The container listens on another port, or only on its loopback address, or a policy drops the packets.",
        "Compare the service's `targetPort` with the port that the program listens on.",
        DOCS + "tasks/debug/debug-application/debug-service/#are-the-pods-working",
    ),
    Leaf.PODS_CUT_OFF: Conclusion(
        "its pods are ready, but packets from there are dropped on the way to them",
        "The node's readiness checks reach the pods, the caller's packets do not: a refused connection answers at "
        "once, a dropped one never. That is what a NetworkPolicy does to a caller that no rule allows.",
        "Compare the rules of the policies that select the pods, and of those that select the caller, with the "
        "caller's labels, namespace and port; `--as` probes with a workload's labels.",
        DOCS + "concepts/services-networking/network-policies/",
    ),
    Leaf.PODS_ANSWER: Conclusion(
        "its pods answer, the service does not",
        "The pods accept connections; between the service's address and them stands the port mapping, the traffic "
        "policy, kube-proxy or a NetworkPolicy.",
        "Compare `port` and `targetPort`, look at `internalTrafficPolicy` and at kube-proxy on the node.",
        DOCS + "tasks/debug/debug-application/debug-service/#is-the-kube-proxy-working",
    ),
    Leaf.EXTERNAL_NAME: Conclusion(
        "it is only another name for a host outside",
        "An ExternalName service has no endpoints: DNS answers with the other name, and clients connect there.",
        "Look the other name up, and connect to it.",
        DOCS + "concepts/services-networking/service/#externalname",
    ),
    Leaf.UDP: Conclusion(
        "its ports are not TCP, which cannot be tested this way",
        "Over UDP silence means nothing: a server may have received the packet and simply not answer.",
        "Ask it with a client that speaks its protocol.",
        DOCS + "concepts/services-networking/service/#protocol-support",
    ),
    Leaf.NO_PORTS: Conclusion(
        "it declares no ports",
        "A headless service may have none: its name leads straight to the pods.",
        "Connect to a pod's own address and port.",
        DOCS + "concepts/services-networking/service/#headless-services",
    ),
    Leaf.NOT_PROBED: Conclusion(
        "nothing read so far is wrong, and a live probe was not possible",
        "Only a connection from inside the cluster can show more.",
        "Grant the right to create, exec into and delete pods, or run the commands by hand.",
        DOCS + "tasks/debug/debug-application/debug-service/",
    ),
    Leaf.NOT_READ: Conclusion(
        "its endpoints or its pods could not be read, so nothing is known of them",
        "What may not be read is unknown, not absent.",
        "Grant the right to read them, below, then ask again.",
        DOCS + "tasks/debug/debug-application/debug-service/",
    ),
    Leaf.UNKNOWN: Conclusion("the walk came to no end", "", "", DOCS + "tasks/debug/debug-application/debug-service/"),
}
