"""Fault classes: admission and access. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        100,
        "Quota exceeded",
        "A ResourceQuota limits what all objects of a namespace may ask for together. When it is used up, the API "
        "server refuses further pods; those that run stay. The controller goes on trying.",
        "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
    ),
    FaultClass(
        101,
        "Quota demands requests or limits",
        "A quota on CPU or memory can only be kept if every pod states how much it asks for. So the API server "
        "refuses pods that state nothing.",
        "https://kubernetes.io/docs/concepts/policy/resource-quotas/#compute-resource-quota",
    ),
    FaultClass(
        102,
        "Outside the limit range",
        "A LimitRange bounds what a single container or pod may ask for in its namespace, and sets defaults. A "
        "value outside the bounds is refused when the pod is made, not when the workload is.",
        "https://kubernetes.io/docs/concepts/policy/limit-range/",
    ),
    FaultClass(
        103,
        "Pod security level violated",
        "A namespace can enforce a pod security level. Its controller then refuses pods that ask for more rights "
        "than the level allows, while the Deployment above them is accepted.",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    ),
    FaultClass(
        104,
        "Service account missing",
        "Every pod runs as a service account of its own namespace, and cannot be made before that account exists. "
        "The account has no rights until a role is bound to it.",
        "https://kubernetes.io/docs/concepts/security/service-accounts/",
    ),
    FaultClass(
        105,
        "Admission webhook does not answer",
        "An admission webhook is asked about every object of its kind before the API server accepts it. When it "
        "does not answer and its failure policy is `Fail`, everything is refused.",
        "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
    ),
    FaultClass(
        106,
        "Admission webhook not trusted",
        "The API server calls webhooks over TLS and checks their certificate against the `caBundle` of the "
        "configuration. An expired or exchanged certificate stops every call.",
        "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
    ),
    FaultClass(
        107,
        "Denied by policy",
        "The API server, or a webhook or policy that it asks, refuses the pod for a reason that it states in the "
        "message. The pod has to satisfy it; until then the workload exists and has no pods.",
        "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
    ),
    FaultClass(
        108,
        "Changed by a webhook",
        "A mutating webhook may change pods as they are made, so that the pod differs from its template. What it "
        "adds can break what the template says.",
        "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
    ),
    FaultClass(
        109,
        "Application lacks a right",
        "A program in a pod talks to the API server as the pod's service account. It may do only what a Role or "
        "ClusterRole says that a binding gives to this very account.",
        "https://kubernetes.io/docs/reference/access-authn-authz/rbac/",
    ),
    FaultClass(
        110,
        "Broken binding",
        "A RoleBinding connects accounts to a role by name, and nobody checks the names. When the role or the "
        "account does not exist, the binding grants nothing. The role of a binding cannot be changed afterwards.",
        "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding",
    ),
)
