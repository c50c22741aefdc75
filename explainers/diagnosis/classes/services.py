"""Fault classes: services and their endpoints. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        1,
        "Service absent",
        "A name inside the cluster resolves only if a Service of that name exists in the namespace. The pods "
        "may run perfectly well: without the Service nobody finds them by name.",
        "https://kubernetes.io/docs/concepts/services-networking/service/",
    ),
    FaultClass(
        2,
        "Selector matches nothing",
        "A Service finds its pods by labels: every pair of its selector must stand on the pod, letter by "
        "letter. When no pod carries them all, the Service has no endpoints and connections are refused.",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#does-the-service-have-any-endpointslices",
    ),
    FaultClass(
        3,
        "Selector over-broad",
        "A Service sends traffic to every ready pod that carries its selector's labels, whoever made the pod."
        " When another application carries the same labels, part of the requests ends there.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#services-in-kubernetes",
    ),
    FaultClass(
        4,
        "Workload at 0",
        "A workload with 0 replicas has no pods, and that is what was asked for. Its Service keeps its name "
        "and address, but nobody stands behind it.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment",
    ),
    FaultClass(
        5,
        "All selected pods unready",
        "A Service sends traffic only to pods that are ready. A pod is ready when its containers run, their "
        "readiness probes succeed and its readiness gates are set; here none is.",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-status",
    ),
    FaultClass(
        6,
        "Some unready",
        "A pod whose readiness probe fails stays alive but is taken out of its Services. The other pods carry"
        " its share of the traffic until it is ready again.",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-status",
    ),
    FaultClass(
        7,
        "Only terminal/terminating pods",
        "A pod that has succeeded or failed never starts again, and one that is being deleted gets no new "
        "traffic. Only a controller such as a Deployment makes new pods; a bare pod has none.",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-lifetime",
    ),
    FaultClass(
        8,
        "Nothing listens at targetPort",
        "`port` is where clients call the Service, `targetPort` is where it sends them on the pod. If the "
        "process listens elsewhere, or for itself only, the pod refuses the connection although it is ready.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    ),
    FaultClass(
        9,
        "Named targetPort unknown",
        "A `targetPort` may be the name of a container port, and each pod is asked for its number. When no "
        "container declares a port of that name, the Service has addresses but no port to send to.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    ),
    FaultClass(
        10,
        "Protocol mismatch",
        "A Service forwards one protocol a port, TCP unless it says otherwise. A process that listens for UDP"
        " never sees TCP, and the other way round.",
        "https://kubernetes.io/docs/reference/networking/service-protocols/",
    ),
    FaultClass(
        11,
        "Client uses wrong service port",
        "Clients must call a `port` that the Service lists, not the port of the container behind it. A "
        "Service refuses every other port.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    ),
    FaultClass(
        12,
        "Selectorless, no endpoints",
        "A Service without a selector gets no endpoints by itself: somebody has to write an EndpointSlice for"
        " it. Until then it leads nowhere.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors",
    ),
    FaultClass(
        13,
        "Manual endpoint stale",
        "Endpoints written by hand are not kept up to date. A pod that is made anew gets another address, and"
        " the written one leads into the void.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors",
    ),
    FaultClass(
        14,
        "ExternalName bad",
        "A Service of type ExternalName is only a DNS alias. If the name it points to does not exist, look-"
        "ups of the alias fail too.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#externalname",
    ),
    FaultClass(
        15,
        "StatefulSet service missing",
        "A StatefulSet's pods get their stable names from the headless Service that `serviceName` names. "
        "Without it the pods run, but their names do not resolve.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    ),
    FaultClass(
        16,
        "LoadBalancer pending",
        "A Service of type LoadBalancer waits for a controller of the cloud, or one such as MetalLB, to give "
        "it an address. Without one it stays pending.",
        "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
    ),
    FaultClass(
        17,
        "Local traffic policy",
        "With the traffic policy `Local` a node sends traffic only to pods of its own. On a node without one "
        "the connection is dropped.",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies",
    ),
    FaultClass(
        18,
        "publishNotReadyAddresses hides unready",
        "With `publishNotReadyAddresses` a Service lists pods whether they are ready or not. Clients then "
        "reach pods that cannot answer yet.",
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
    ),
    FaultClass(
        19,
        "Client in other namespace",
        "A short name is looked up in the caller's own namespace. A Service of another namespace needs its "
        "namespace in the name, as in `api.shop`.",
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#namespaces-of-services",
    ),
)
