"""Fault classes: scheduling. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        78,
        "CPU or memory short",
        "The scheduler adds up the requests of the pods on each node and places a pod only where its own requests "
        "still fit. What a node really uses does not count: a request of 16 CPU needs a node with 16 free. Ask "
        "for less, or add a bigger node.",
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    ),
    FaultClass(
        79,
        "Device short",
        "Devices such as GPUs are counted per node by a device plugin, as an extended resource. A pod that asks "
        "for one fits only on a node whose plugin offers it and has one free. Where the plugin does not run, a "
        "node offers none.",
        "https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/",
    ),
    FaultClass(
        80,
        "Node selector or affinity matches no node",
        "A node selector or a required node affinity names labels that a node must carry. When no node carries "
        "them, the pod waits for one for ever. A misspelt value is as good as a missing node.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
    ),
    FaultClass(
        81,
        "Taint not tolerated",
        "A taint on a node keeps away every pod that does not tolerate it: that is how nodes are kept for a "
        "purpose. The pod needs a toleration with the same key, value and effect, or the taint has to go.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
    ),
    FaultClass(
        82,
        "Pod affinity or anti-affinity",
        "A required anti-affinity forbids two such pods in one place, so there can never be more replicas than "
        "places. A preferred one keeps them apart where that is possible and still lets them run.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity",
    ),
    FaultClass(
        83,
        "Topology spread",
        "A topology spread constraint with `DoNotSchedule` refuses nodes that would make the spread uneven, and "
        "nodes without the label that it counts by. `ScheduleAnyway` turns the rule into a wish.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    ),
    FaultClass(
        84,
        "Node cordoned",
        "A cordoned node takes no new pods; those that run there stay. Nodes are cordoned for maintenance, and a "
        "forgotten cordon shows only when a pod needs that very node.",
        "https://kubernetes.io/docs/concepts/architecture/nodes/#manual-node-administration",
    ),
    FaultClass(
        85,
        "Host port busy",
        "A host port is a port of the node itself, so only one pod a node can have it. A Service reaches pods on "
        "their own ports and needs none.",
        "https://kubernetes.io/docs/concepts/configuration/overview/#services",
    ),
    FaultClass(
        86,
        "Too many pods",
        "Every node has a greatest number of pods, 110 by default, whatever their size. When all nodes are at it, "
        "new pods wait for a free place or a new node.",
        "https://kubernetes.io/docs/setup/best-practices/cluster-large/",
    ),
    FaultClass(
        87,
        "Scheduling gate",
        "A scheduling gate tells the scheduler to leave the pod alone until somebody removes the gate, usually a "
        "controller that checks something first. When that controller is gone, the pod waits for ever.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/",
    ),
    FaultClass(
        88,
        "Unknown scheduler",
        "A pod may name the scheduler that shall place it. Every scheduler looks only at its own pods, so with a "
        "name that nobody answers to there is not even an event.",
        "https://kubernetes.io/docs/tasks/extend-kubernetes/configure-multiple-schedulers/",
    ),
    FaultClass(
        89,
        "Bound to a node that does not exist",
        "A pod with `nodeName` skips the scheduler and belongs to that node at once. If no such node exists, no "
        "kubelet starts it, and the pod is removed and made again in an endless circle.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename",
    ),
    FaultClass(
        90,
        "Preempted",
        "When a pod of higher priority finds no room, the scheduler evicts pods of lower priority to make some. "
        "They come back only where there is room left.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
    ),
)
