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
        "Class missing/unset",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        23,
        "No controller",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        24,
        "TLS secret missing",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        25,
        "TLS keys/type bad",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        26,
        "Certificate expired/SAN",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        27,
        "Host/path conflict",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        28,
        "Default backend missing",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
    FaultClass(
        29,
        "Gateway/route unattached",
        "",
        "https://kubernetes.io/docs/concepts/services-networking/ingress/",
    ),
)
