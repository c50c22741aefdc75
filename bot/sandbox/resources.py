"""Which resources the sandbox serves, as discovery lists them.

Source: `kubectl api-resources -o wide` of Kubernetes 1.34. Resources that nothing here needs are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True)
class ResourceType:
    """One resource of one API group; `counted` says that metadata.generation counts changes of its spec."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[str, ...] = ()
    counted: bool = False

    @property
    def singular(self) -> str:
        """The kind in lower case, as discovery names it."""
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The name in error messages: `pods` or `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


_ALL = ("all",)
_REVIEW = ("create",)
_SCALED = ("status", "scale")
_AUTHORIZATION = ("authorization.k8s.io", "v1")
_RBAC = ("rbac.authorization.k8s.io", "v1")
_NETWORKING = ("networking.k8s.io", "v1")
_STORAGE = ("storage.k8s.io", "v1")

RESOURCES: tuple[ResourceType, ...] = (
    ResourceType("", "v1", "configmaps", "ConfigMap", short_names=("cm",)),
    ResourceType("", "v1", "endpoints", "Endpoints", short_names=("ep",)),
    ResourceType("", "v1", "events", "Event", short_names=("ev",)),
    ResourceType("", "v1", "limitranges", "LimitRange", short_names=("limits",)),
    ResourceType("", "v1", "namespaces", "Namespace", False, ("ns",), subresources=("status", "finalize")),
    ResourceType("", "v1", "nodes", "Node", False, ("no",), subresources=("status",)),
    ResourceType(
        "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short_names=("pvc",), subresources=("status",)
    ),
    ResourceType("", "v1", "persistentvolumes", "PersistentVolume", False, ("pv",), subresources=("status",)),
    ResourceType(
        "",
        "v1",
        "pods",
        "Pod",
        short_names=("po",),
        categories=_ALL,
        subresources=("status", "log", "exec", "eviction", "binding", "ephemeralcontainers", "resize"),
        counted=True,
    ),
    ResourceType("", "v1", "replicationcontrollers", "ReplicationController", True, ("rc",), _ALL, counted=True),
    ResourceType("", "v1", "resourcequotas", "ResourceQuota", short_names=("quota",), subresources=("status",)),
    ResourceType("", "v1", "secrets", "Secret"),
    ResourceType("", "v1", "serviceaccounts", "ServiceAccount", short_names=("sa",), subresources=("token",)),
    ResourceType("", "v1", "services", "Service", short_names=("svc",), categories=_ALL, subresources=("status",)),
    ResourceType("apps", "v1", "controllerrevisions", "ControllerRevision"),
    ResourceType("apps", "v1", "daemonsets", "DaemonSet", True, ("ds",), _ALL, ALL_VERBS, ("status",), True),
    ResourceType("apps", "v1", "deployments", "Deployment", True, ("deploy",), _ALL, ALL_VERBS, _SCALED, True),
    ResourceType("apps", "v1", "replicasets", "ReplicaSet", True, ("rs",), _ALL, ALL_VERBS, _SCALED, True),
    ResourceType("apps", "v1", "statefulsets", "StatefulSet", True, ("sts",), _ALL, ALL_VERBS, _SCALED, True),
    ResourceType(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        short_names=("hpa",),
        categories=_ALL,
        subresources=("status",),
    ),
    ResourceType("batch", "v1", "cronjobs", "CronJob", True, ("cj",), _ALL, ALL_VERBS, ("status",), True),
    ResourceType("batch", "v1", "jobs", "Job", True, (), _ALL, ALL_VERBS, ("status",), True),
    ResourceType("coordination.k8s.io", "v1", "leases", "Lease"),
    ResourceType("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", counted=True),
    ResourceType("events.k8s.io", "v1", "events", "Event", short_names=("ev",)),
    ResourceType("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", False, verbs=("get", "list")),
    ResourceType("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", verbs=("get", "list")),
    ResourceType(*_NETWORKING, "ingressclasses", "IngressClass", False, counted=True),
    ResourceType(*_NETWORKING, "ingresses", "Ingress", True, ("ing",), subresources=("status",), counted=True),
    ResourceType(*_NETWORKING, "networkpolicies", "NetworkPolicy", True, ("netpol",), counted=True),
    ResourceType("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", False),
    ResourceType(
        "policy",
        "v1",
        "poddisruptionbudgets",
        "PodDisruptionBudget",
        short_names=("pdb",),
        subresources=("status",),
        counted=True,
    ),
    ResourceType(*_RBAC, "clusterrolebindings", "ClusterRoleBinding", False),
    ResourceType(*_RBAC, "clusterroles", "ClusterRole", False),
    ResourceType(*_RBAC, "rolebindings", "RoleBinding"),
    ResourceType(*_RBAC, "roles", "Role"),
    ResourceType("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False, ("pc",), counted=True),
    ResourceType(*_STORAGE, "storageclasses", "StorageClass", False, ("sc",)),
    ResourceType(*_STORAGE, "volumeattachments", "VolumeAttachment", False),
    ResourceType(
        "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False, ("crd",)
    ),
    ResourceType("apiregistration.k8s.io", "v1", "apiservices", "APIService", False),
    ResourceType(
        "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False
    ),
    ResourceType(
        "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False
    ),
    ResourceType("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", False, verbs=_REVIEW),
    ResourceType(*_AUTHORIZATION, "localsubjectaccessreviews", "LocalSubjectAccessReview", verbs=_REVIEW),
    ResourceType(*_AUTHORIZATION, "selfsubjectaccessreviews", "SelfSubjectAccessReview", False, verbs=_REVIEW),
    ResourceType(*_AUTHORIZATION, "selfsubjectrulesreviews", "SelfSubjectRulesReview", False, verbs=_REVIEW),
    ResourceType(*_AUTHORIZATION, "subjectaccessreviews", "SubjectAccessReview", False, verbs=_REVIEW),
)

_BY_PLURAL = {(item.group, item.plural): item for item in RESOURCES}
_BY_KIND = {(item.group, item.kind): item for item in RESOURCES}

# The kind that a subresource's body has, where it is not its parent's.
SUBRESOURCE_KINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "exec": ("", "v1", "PodExecOptions"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
}


def by_plural(group: str, plural: str) -> ResourceType | None:
    """Find `("apps", "deployments")`, or None."""
    return _BY_PLURAL.get((group, plural))


def by_kind(api_version: str, kind: str) -> ResourceType | None:
    """Find what a manifest's apiVersion and kind name, or None (also when the version is not served)."""
    group, _, version = api_version.rpartition("/")
    found = _BY_KIND.get((group, kind))
    return found if found and found.version == version else None
