"""Fault classes: ingress and TLS. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        20,
        "Backend service missing",
        "An Ingress passes requests to a Service of its own namespace, by name. While that Service does not exist, the "
        "controller answers 503 or 404 itself.",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        21,
        "Backend port wrong",
        "An Ingress names a port of the Service, not of the pods. A port that the Service does not offer leads "
        "nowhere.",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        22,
        "Ingress class missing or not named",
        "An IngressClass says which controller serves an Ingress. Where the Ingress names a class that does not "
        "exist, or none while no class is the default, every controller leaves it alone.",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class",
    ),
    FaultClass(
        23,
        "No controller takes it up",
        "An Ingress is only a wish. A controller has to run in the cluster, take it up and write its own address "
        "into it; without one nothing listens.",
        "https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/",
    ),
    FaultClass(
        24,
        "TLS secret missing",
        "An Ingress names the Secret with its certificate. While that does not exist, controllers show a "
        "certificate of their own, which browsers refuse.",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
    ),
    FaultClass(
        25,
        "TLS Secret unusable",
        "A certificate belongs to one private key, and both stand in a Secret of the type `kubernetes.io/tls` as "
        "`tls.crt` and `tls.key`. When one is missing or they do not belong together, nothing can be served with "
        "them.",
        "https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets",
    ),
    FaultClass(
        26,
        "Certificate not trusted",
        "A client accepts a certificate only for the names in it, until the day in it, and from an issuer that it "
        "knows. A program reads its certificate when it starts: renewing the Secret alone changes nothing for "
        "most.",
        "https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets",
    ),
    FaultClass(
        27,
        "Route claimed twice",
        "Several Ingresses may be merged into one host. When two claim the same host and path, which one wins is "
        "up to the controller, often the older.",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules",
    ),
    FaultClass(
        28,
        "Default backend missing",
        "Requests that no rule of an Ingress fits go to the default backend. Without one the controller answers "
        "them itself, mostly with 404.",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#default-backend",
    ),
    FaultClass(
        29,
        "Route not attached to its Gateway",
        "A route serves only once a Gateway has accepted it: the parent, the listener, the namespaces it allows "
        "and the backends have to fit. Its conditions say which does not.",
        "https://gateway-api.sigs.k8s.io/api-types/httproute/",
    ),
)
