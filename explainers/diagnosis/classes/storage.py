"""Fault classes: storage. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        91,
        "Claim missing",
        "A pod that mounts a PersistentVolumeClaim is not placed before that claim exists in its own namespace. A "
        "claim of another name or namespace does not help.",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes",
    ),
    FaultClass(
        92,
        "Storage class missing",
        "A claim names the storage class that shall make its volume. Without that class nothing makes one, and "
        "the class of a claim cannot be changed afterwards: the claim has to be made again.",
        "https://kubernetes.io/docs/concepts/storage/storage-classes/",
    ),
    FaultClass(
        93,
        "No volume fits",
        "A claim without a class, or with a class that makes no volumes, binds only to a volume that somebody has "
        "made: of the same class, large enough, with the access modes asked for, and free.",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
    ),
    FaultClass(
        94,
        "Provisioner does not answer",
        "A storage class names the program that makes its volumes. The claim stays pending while that program "
        "does not run or fails.",
        "https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/",
    ),
    FaultClass(
        95,
        "Volume attached elsewhere",
        "A ReadWriteOnce volume can be attached to one node at a time, and a ReadWriteOncePod volume be used by one "
        "pod. Another one waits until the first has let go.",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
    ),
    FaultClass(
        96,
        "Volume on another node",
        "A local or zonal volume can be used only on the nodes that its node affinity names. The pod can run "
        "nowhere else, so when those nodes are gone or full it waits.",
        "https://kubernetes.io/docs/concepts/storage/volumes/#local",
    ),
    FaultClass(
        97,
        "Volume lost",
        "A claim is Lost when the volume that it was bound to has been deleted. A claim does not bind a second "
        "time, so the data must come from elsewhere and the claim must be made again.",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim",
    ),
    FaultClass(
        98,
        "Volume full",
        "A volume has the size that was asked for and does not grow by itself. Where the class allows expansion, "
        "a larger request on the claim enlarges it.",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims",
    ),
    FaultClass(
        99,
        "Volume waits for its first consumer",
        "Many classes make the volume only when a pod needs it, so that it is made where the pod runs. Until then "
        "the claim is pending, and all is well.",
        "https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode",
    ),
)
