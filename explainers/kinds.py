"""The Kubernetes kinds that Tessera reads or writes: where each lives and what people call it.

Source: the API reference (https://kubernetes.io/docs/reference/kubernetes-api/) and
`kubectl api-resources` of Kubernetes 1.34.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One resource type: its names in URLs, in YAML, in kubectl and in the Python client."""

    name: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()

    @property
    def singular(self) -> str:
        """The name that kubectl prints before a slash, `deployment` in `deployment/web`."""
        return self.name.lower()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def kubectl(self) -> str:
        """The name to type in a command line; with its group where another kind could answer to it."""
        return f"{self.singular}.{self.group}" if self.name in _AMBIGUOUS else self.singular

    @property
    def resource(self) -> str:
        """`deployments.apps`, the form of RBAC rules and of `kubectl auth can-i`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def client_class(self) -> str:
        """The class of the official Python client that serves this kind, e.g. `AppsV1Api`."""
        group = self.group.removesuffix(".k8s.io") if self.group else "core"
        return "".join(part.capitalize() for part in group.split(".")) + self.version.capitalize() + "Api"

    @property
    def client_noun(self) -> str:
        """The noun in that class's method names, e.g. `namespaced_replica_set`."""
        snake = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.name).lower()
        return f"namespaced_{snake}" if self.namespaced else snake

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """The URL path of the collection, of one object, or of an object's subresource."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        middle = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        tail = f"/{name}" if name else ""
        return f"{root}{middle}/{self.plural}{tail}" + (f"/{subresource}" if subresource else "")


_AMBIGUOUS = frozenset({"Event"})

POD = Kind("Pod", "pods", short=("po",))
SERVICE = Kind("Service", "services", short=("svc",))
CONFIG_MAP = Kind("ConfigMap", "configmaps", short=("cm",))
SECRET = Kind("Secret", "secrets")
SERVICE_ACCOUNT = Kind("ServiceAccount", "serviceaccounts", short=("sa",))
EVENT = Kind("Event", "events", short=("ev",))
NAMESPACE = Kind("Namespace", "namespaces", namespaced=False, short=("ns",))
NODE = Kind("Node", "nodes", namespaced=False, short=("no",))
PERSISTENT_VOLUME = Kind("PersistentVolume", "persistentvolumes", namespaced=False, short=("pv",))
PERSISTENT_VOLUME_CLAIM = Kind("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",))
RESOURCE_QUOTA = Kind("ResourceQuota", "resourcequotas", short=("quota",))
LIMIT_RANGE = Kind("LimitRange", "limitranges", short=("limits",))
DEPLOYMENT = Kind("Deployment", "deployments", "apps", short=("deploy",))
REPLICA_SET = Kind("ReplicaSet", "replicasets", "apps", short=("rs",))
STATEFUL_SET = Kind("StatefulSet", "statefulsets", "apps", short=("sts",))
DAEMON_SET = Kind("DaemonSet", "daemonsets", "apps", short=("ds",))
CONTROLLER_REVISION = Kind("ControllerRevision", "controllerrevisions", "apps")
JOB = Kind("Job", "jobs", "batch")
CRON_JOB = Kind("CronJob", "cronjobs", "batch", short=("cj",))
HORIZONTAL_POD_AUTOSCALER = Kind(
    "HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2", short=("hpa",)
)
POD_DISRUPTION_BUDGET = Kind("PodDisruptionBudget", "poddisruptionbudgets", "policy", short=("pdb",))
ENDPOINT_SLICE = Kind("EndpointSlice", "endpointslices", "discovery.k8s.io")
INGRESS = Kind("Ingress", "ingresses", "networking.k8s.io", short=("ing",))
INGRESS_CLASS = Kind("IngressClass", "ingressclasses", "networking.k8s.io", namespaced=False)
NETWORK_POLICY = Kind("NetworkPolicy", "networkpolicies", "networking.k8s.io", short=("netpol",))
STORAGE_CLASS = Kind("StorageClass", "storageclasses", "storage.k8s.io", namespaced=False, short=("sc",))
VOLUME_ATTACHMENT = Kind("VolumeAttachment", "volumeattachments", "storage.k8s.io", namespaced=False)
RUNTIME_CLASS = Kind("RuntimeClass", "runtimeclasses", "node.k8s.io", namespaced=False)
PRIORITY_CLASS = Kind("PriorityClass", "priorityclasses", "scheduling.k8s.io", namespaced=False, short=("pc",))
ROLE = Kind("Role", "roles", "rbac.authorization.k8s.io")
ROLE_BINDING = Kind("RoleBinding", "rolebindings", "rbac.authorization.k8s.io")
CLUSTER_ROLE = Kind("ClusterRole", "clusterroles", "rbac.authorization.k8s.io", namespaced=False)
CLUSTER_ROLE_BINDING = Kind("ClusterRoleBinding", "clusterrolebindings", "rbac.authorization.k8s.io", namespaced=False)
_REGISTRATION = "admissionregistration.k8s.io"
VALIDATING_WEBHOOK_CONFIGURATION = Kind(
    "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", _REGISTRATION, namespaced=False
)
MUTATING_WEBHOOK_CONFIGURATION = Kind(
    "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", _REGISTRATION, namespaced=False
)
POD_METRICS = Kind("PodMetrics", "pods", "metrics.k8s.io", "v1beta1")

KINDS: tuple[Kind, ...] = (
    POD, SERVICE, CONFIG_MAP, SECRET, SERVICE_ACCOUNT, EVENT, NAMESPACE, NODE, PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM, RESOURCE_QUOTA, LIMIT_RANGE, DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET,
    CONTROLLER_REVISION, JOB, CRON_JOB, HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET, ENDPOINT_SLICE, INGRESS,
    INGRESS_CLASS, NETWORK_POLICY, STORAGE_CLASS, VOLUME_ATTACHMENT, RUNTIME_CLASS, PRIORITY_CLASS, ROLE,
    ROLE_BINDING, CLUSTER_ROLE, CLUSTER_ROLE_BINDING, VALIDATING_WEBHOOK_CONFIGURATION, MUTATING_WEBHOOK_CONFIGURATION,
)  # fmt: skip

_BY_WORD: dict[str, Kind] = {word: kind for kind in KINDS for word in (kind.singular, kind.plural, *kind.short)}


def kind_named(word: str) -> Kind | None:
    """The kind that kubectl means by this word: `Deployment`, `deploy`, `deployment.apps`, `deployments.v1.apps`;
    None if unknown. kubectl prints the form with the group itself, so people copy it."""
    name, _, group = word.lower().partition(".")
    kind = _BY_WORD.get(name)
    known = {"", kind.group, f"{kind.version}.{kind.group}"} if kind else set[str]()
    return kind if group.rstrip(".") in known else None


@dataclass(frozen=True, order=True)
class Ref:
    """An object by kind, namespace and name; `namespace` is empty for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind.lower()}/{self.name}"

    @property
    def type(self) -> Kind:
        """Raises KeyError for a kind that KINDS does not list."""
        return _BY_WORD[self.kind.lower()]


def ref_of(thing: dict[str, object], kind: str | None = None) -> Ref:
    """The Ref of an object as the API returns it; list items carry no kind, so pass it."""
    metadata = thing.get("metadata")
    meta = metadata if isinstance(metadata, dict) else {}
    return Ref(str(kind or thing.get("kind") or ""), str(meta.get("namespace") or ""), str(meta.get("name") or ""))
