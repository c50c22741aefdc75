"""What an instance may consist of: kinds of objects, and what pods among them must not ask for.

The refused contents are those of the Pod Security Standard "baseline"
(https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline), added capabilities without exception,
and what would hand out rights: service accounts, their tokens, addresses that belong to others.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from explainers.catalog.decoding import Path
from explainers.catalog.fields import written
from explainers.catalog.model import Json
from explainers.kinds import KINDS, kind_named

KINDS_ALLOWED = ("Deployment", "Service", "Pod", "ReplicaSet", "ConfigMap", "Secret")
"""What every entry may make; a broker's settings add to them (`StatefulSet`, `PersistentVolumeClaim`, `Job`)."""
_NEVER = frozenset(
    {kind.name for kind in KINDS if not kind.namespaced}
    | {
        "APIService",
        "CertificateSigningRequest",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "List",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "Role",
        "RoleBinding",
        "RuntimeClass",
        "ServiceCIDR",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
"""Kinds of the whole cluster, and those that give rights: no setting allows them."""
_TEXTS = frozenset({"labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData", "binaryData"})
"""What holds free words: a label named `hostPath` asks for nothing."""
_OUTDATED = frozenset({"extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"})


@dataclass(frozen=True)
class Refusal:
    """Something that must not be in an object, and why or what to write instead."""

    path: Path
    message: str

    def __str__(self) -> str:
        return f"{written(self.path)}: {self.message}" if self.path else self.message


def refusals(manifest: Json, kinds: Collection[str] = (), accounts: Collection[str] = ()) -> tuple[Refusal, ...]:
    """Everything that forbids to make this object. `kinds` are allowed besides the usual ones, `accounts` are the
    service accounts that pods may run as besides the default one."""
    found = [*_kind(manifest, kinds), *_about(manifest)]
    stack: list[tuple[Path, Any]] = [((), manifest)]
    while stack:
        path, thing = stack.pop()
        if isinstance(thing, dict):
            found += _in_mapping(path, thing, accounts)
            stack += [((*path, key), each) for key, each in thing.items() if key not in _TEXTS or not _plain(each)]
        elif isinstance(thing, list):
            stack += [((*path, at), each) for at, each in enumerate(thing)]
    return tuple(sorted(found, key=lambda each: written(each.path)))


def allows(kind: str, kinds: Collection[str] = ()) -> bool:
    return kind not in _NEVER and (kind in KINDS_ALLOWED or kind in kinds)


def modern(manifest: Json) -> Json:
    """The same object for today's API: `extensions/v1beta1` and its like ended with Kubernetes 1.16, and a selector
    that they worked out from the pod's labels has to be written since."""
    known = kind_named(str(manifest.get("kind")))
    if manifest.get("apiVersion") not in _OUTDATED or known is None or known.group != "apps":
        return manifest
    spec = manifest.get("spec")
    if isinstance(spec, dict) and "selector" not in spec:
        labels = _at(spec, "template", "metadata", "labels")
        spec = {**spec, "selector": {"matchLabels": labels}} if isinstance(labels, dict) else spec
    return {**manifest, "apiVersion": known.api_version, "spec": spec}


def _plain(thing: Any) -> bool:
    return isinstance(thing, dict) and not any(isinstance(each, dict | list) for each in thing.values())


def _kind(manifest: Json, kinds: Collection[str]) -> Iterator[Refusal]:
    kind, version = str(manifest.get("kind")), str(manifest.get("apiVersion"))
    if kind in _NEVER:
        yield Refusal(("kind",), f"A {kind} is never made for an instance.")
    elif not allows(kind, kinds):
        listed = ", ".join(f"`{each}`" for each in (*KINDS_ALLOWED, *sorted(set(kinds) - _NEVER)))
        yield Refusal(
            ("kind",), f"A {kind} may not be made here. Allowed are {listed}; the broker's settings add more."
        )
    known = kind_named(kind)
    if known and known.name == kind and version.partition("/")[0] != known.api_version.partition("/")[0]:
        yield Refusal(("apiVersion",), f"A {kind} has the apiVersion `{known.api_version}`, not `{version}`.")


def _about(manifest: Json) -> Iterator[Refusal]:
    """What stands about the object itself."""
    if _at(manifest, "metadata", "ownerReferences"):
        yield Refusal(("metadata", "ownerReferences"), "The broker owns what it makes: leave this out.")
    if manifest.get("kind") == "Secret" and manifest.get("type") == "kubernetes.io/service-account-token":
        yield Refusal(("type",), "A Secret of this type hands out the rights of a service account.")
    if manifest.get("kind") == "Service" and _at(manifest, "spec", "externalIPs"):
        yield Refusal(("spec", "externalIPs"), "A Service may not take the traffic of other addresses.")


def _at(thing: Any, *keys: str) -> Any:
    for key in keys:
        thing = thing.get(key) if isinstance(thing, dict) else None
    return thing


def _set(value: Any) -> bool:
    return value not in (None, False, 0, "", [], {})


def _unconfined(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") not in (None, "RuntimeDefault", "Localhost")


_REFUSED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "hostPath": (
        lambda value: value is not None,
        "A path of the node is not given to instances: use an `emptyDir`, or a PersistentVolumeClaim.",
    ),
    "privileged": (_set, "A privileged container owns its node: leave this out."),
    "allowPrivilegeEscalation": (_set, "A process may not gain rights: leave this out, or write `false`."),
    "hostNetwork": (_set, "The node's network is not given to instances: reach the pod through a Service."),
    "hostPID": (_set, "The node's processes are not shown to instances."),
    "hostIPC": (_set, "The node's memory is not shared with instances."),
    "hostPort": (_set, "A port of the node can be taken once: leave this out, and reach the pod through a Service."),
    "hostProcess": (_set, "A process of the node is not given to instances."),
    "procMount": (lambda value: value not in (None, "Default"), "Only the mount `Default` is given to instances."),
    "sysctls": (_set, "Kernel settings are not given to instances."),
    "seccompProfile": (_unconfined, "A container keeps its seccomp profile: write `RuntimeDefault`."),
    "appArmorProfile": (_unconfined, "A container keeps its AppArmor profile: write `RuntimeDefault`."),
}


def _in_mapping(path: Path, thing: Json, accounts: Collection[str]) -> Iterator[Refusal]:
    for key, (refused, message) in _REFUSED.items():
        if key in thing and refused(thing[key]):
            yield Refusal((*path, key), message)
    if _set(_at(thing, "capabilities", "add")):
        yield Refusal((*path, "capabilities", "add"), "Capabilities may be dropped, not added.")
    for key in ("serviceAccountName", "serviceAccount"):
        account = thing.get(key)
        if _set(account) and account != "default" and account not in accounts and path[-1:] == ("spec",):
            listed = ", ".join(f"`{each}`" for each in ("default", *sorted(accounts)))
            yield Refusal((*path, key), f"Pods run as {listed} here, not as another service account.")
