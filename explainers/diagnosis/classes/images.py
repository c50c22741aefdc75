"""Fault classes: images. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

_IMAGES = "https://kubernetes.io/docs/concepts/containers/images/"
_PRIVATE = "https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"

CLASSES = (
    FaultClass(
        41,
        "Not found",
        "Before a container starts, the kubelet on the node pulls its image from the registry that the name means. "
        "The registry has no such repository or no such tag; the kubelet tries again, ever more slowly, and the pod "
        "waits in `ImagePullBackOff`.",
        f"{_IMAGES}#image-names",
    ),
    FaultClass(
        42,
        "Unauthorized",
        "A private registry hands out images only to those who log in. The kubelet logs in with the pull secrets that "
        "the pod names, in its own spec or through its ServiceAccount; without one that the registry accepts, the pull "
        "is refused.",
        _PRIVATE,
    ),
    FaultClass(
        43,
        "Pull secret absent",
        "A pod names its pull secrets under `imagePullSecrets`, and they must exist in its own namespace. A name that "
        "does not exist only gives a warning: the kubelet then pulls without a login, and a private registry refuses.",
        _PRIVATE,
    ),
    FaultClass(
        44,
        "Registry DNS/network",
        "The node itself pulls images, with its own name servers, routes and proxy, not those of the pods. When the "
        "node cannot reach the registry, no pod on it gets a new image.",
        _IMAGES,
    ),
    FaultClass(
        45,
        "Registry TLS/429",
        "The node reaches the registry, but does not trust its certificate, speaks another protocol, or has used up "
        "the number of pulls that the registry allows. Public registries limit pulls without a login.",
        _IMAGES,
    ),
    FaultClass(
        46,
        "InvalidImageName",
        "An image name has the form `registry/repository:tag`, the repository in lower case and one tag at most. The "
        "kubelet asks no registry when the name does not have this form, so waiting does not help.",
        f"{_IMAGES}#image-names",
    ),
    FaultClass(
        47,
        "Never policy, image absent",
        "With `imagePullPolicy: Never` the kubelet uses only images that are on the node already. A new node, or one "
        "that cleaned up, does not have them.",
        f"{_IMAGES}#image-pull-policy",
    ),
    FaultClass(
        48,
        "Wrong architecture",
        "An image holds programs for certain processors. A registry can keep one variant for each architecture under "
        "the same name; this one has none for the processor of the node.",
        f"{_IMAGES}#multi-architecture-images-with-image-indexes",
    ),
)
