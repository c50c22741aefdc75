"""Fault classes: NetworkPolicies and DNS. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        30,
        "Default-deny ingress",
        "As soon as one NetworkPolicy selects a pod for ingress, only what some policy allows may enter; "
        "policies add up, none takes away. A policy without rules therefore closes the pod, and packets are "
        "dropped in silence.",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic",
    ),
    FaultClass(
        31,
        "Peer labels wrong",
        "A NetworkPolicy names who may enter by labels of pods and of namespaces. A caller that lacks one of "
        "them is dropped without an answer, so it sees a time-out.",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
    ),
    FaultClass(
        32,
        "Policy port wrong",
        "A NetworkPolicy acts on the pod's own port, after the Service has translated its port. Allowing the "
        "Service's port opens nothing when the pod listens on another one.",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    ),
    FaultClass(
        33,
        "DNS egress blocked",
        "As soon as a policy restricts what a pod may send, name look-ups need a rule too: port 53, UDP and "
        "TCP, to the cluster's DNS. Without it every name fails, before any connection is tried.",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic",
    ),
    FaultClass(
        34,
        "Dependency egress blocked",
        "As soon as a policy selects a pod for egress, it may send only what some policy allows. A dependency"
        " that no rule names is out of reach, whatever its own policies say.",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic",
    ),
    FaultClass(
        35,
        "CoreDNS down",
        "Every look-up of a service name goes to the cluster's DNS, usually CoreDNS in kube-system. With none"
        " of its pods ready, no name resolves for anybody.",
        "https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/",
    ),
    FaultClass(
        36,
        "Corefile broken",
        "CoreDNS reads its configuration from the ConfigMap coredns. A mistake there stops it or sends look-"
        "ups the wrong way.",
        "https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/",
    ),
    FaultClass(
        37,
        "dnsPolicy/dnsConfig wrong",
        "`dnsPolicy` decides which name server a pod asks. Only `ClusterFirst` (for pods on the host network "
        "`ClusterFirstWithHostNet`) asks the cluster's DNS with its search domains; others know no service "
        "names. `hostAliases` writes names into the pod's own hosts file, which is asked before DNS.",
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy",
    ),
    FaultClass(
        38,
        "Hostname typo",
        "A name inside the cluster resolves only if a Service of exactly that name exists in that namespace. "
        "DNS answers a misspelt name with NXDOMAIN.",
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
    ),
    FaultClass(
        39,
        "CNI/sandbox failure",
        "Before any container starts, the network plugin gives the pod its network. When it fails, the pod "
        "stays in ContainerCreating.",
        "https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/",
    ),
    FaultClass(
        40,
        "kube-proxy down",
        "On each node kube-proxy turns Service addresses into pod addresses. Where it does not run, Services "
        "lead nowhere while pod addresses still answer.",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/",
    ),
)
