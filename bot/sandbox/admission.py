"""What the API server checks or adds after a request is understood: namespaces, accounts, limits, quotas, pod security.

Source: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/;
messages compared with a 1.34 server.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.podsecurity import violations
from bot.sandbox.quantities import parse_quantity
from bot.sandbox.quotas import QuotaError, check_quota
from bot.sandbox.refusals import forbidden, not_found
from bot.sandbox.resources import ResourceType, by_plural
from bot.sandbox.store import Store

_SERVICE_NETWORK = ipaddress.ip_network("10.96.0.0/16")


@dataclass(frozen=True)
class Admission:
    """Call it with a resource, the object (changed in place) and the object it replaces, if any."""

    store: Store

    def __call__(self, resource: ResourceType, obj: Object, old: Object | None) -> None:
        """Admit or raise RefusalError 403 or 404."""
        if old is None and resource.namespaced:
            self._namespace(resource, obj)
        if resource.kind == "Pod" and old is None:
            self._pod(resource, obj)
        if resource.kind == "Service":
            self._service(obj, old)
        if resource.kind == "PersistentVolumeClaim" and old is None:
            default_storage_class(self.store, obj)
        if old is None and resource.namespaced:
            self._quota(resource, obj)

    def _namespace(self, resource: ResourceType, obj: Object) -> None:
        name = dig(obj, "metadata", "namespace", default="")
        found = self.store.find("", "namespaces", "", name)
        if found is None:
            namespaces = by_plural("", "namespaces")
            if namespaces:
                raise not_found(namespaces, name)
        elif dig(found, "metadata", "deletionTimestamp"):
            own = dig(obj, "metadata", "name", default="")
            text = f"unable to create new content in namespace {name} because it is being terminated"
            raise forbidden(resource, own, text)

    def _pod(self, resource: ResourceType, obj: Object) -> None:
        meta, spec = obj["metadata"], obj["spec"]
        account = spec.get("serviceAccountName", "default")
        namespace, name = meta["namespace"], meta.get("name", "")
        if not self.store.find("", "serviceaccounts", namespace, account):
            text = f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
            raise forbidden(resource, meta.get("generateName") or name, text)
        self._limits(resource, obj)
        self._token_volume(obj)
        found = self.store.find("", "namespaces", "", namespace) or {}
        level = dig(found, "metadata", "labels", "pod-security.kubernetes.io/enforce", default="privileged")
        if broken := violations(level, spec):
            raise forbidden(resource, name, f'violates PodSecurity "{level}:latest": {", ".join(broken)}')

    def _limits(self, resource: ResourceType, obj: Object) -> None:
        limits = [
            item
            for limit in self.store.all("", "limitranges", obj["metadata"]["namespace"])
            for item in dig(limit, "spec", "limits", default=[])
            if item.get("type") == "Container"
        ]
        containers = obj["spec"].get("containers") or []
        for item in limits:
            for container in containers:
                _default_resources(container, item)
        broken = [text for item in limits for container in containers for text in _outside(container, item)]
        if broken:
            text = broken[0] if len(broken) == 1 else f"[{', '.join(broken)}]"
            raise forbidden(resource, obj["metadata"].get("name", ""), text)

    def _token_volume(self, obj: Object) -> None:
        spec = obj["spec"]
        if spec.get("automountServiceAccountToken") is False:
            return
        if any(volume["name"].startswith("kube-api-access-") for volume in spec.get("volumes") or []):
            return
        name = f"kube-api-access-{obj['metadata'].get('name', '')[-5:] or 'token'}"
        sources = [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {
                "downwardAPI": {
                    "items": [
                        {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}
                    ]
                }
            },
        ]
        spec.setdefault("volumes", []).append({"name": name, "projected": {"defaultMode": 420, "sources": sources}})
        mount = {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": name, "readOnly": True}
        for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
            container.setdefault("volumeMounts", []).append(dict(mount))

    def _service(self, obj: Object, old: Object | None) -> None:
        spec = obj["spec"]
        if spec.get("type") == "ExternalName":
            spec.pop("clusterIP", None)
            spec.pop("clusterIPs", None)
            return
        kept = dig(old, "spec", "clusterIP")
        address = spec.get("clusterIP") or kept or self._free_address()
        spec["clusterIP"] = address
        spec["clusterIPs"] = [address]
        if spec.get("type") in ("NodePort", "LoadBalancer"):
            for index, port in enumerate(spec.get("ports") or []):
                port.setdefault("nodePort", 30000 + (int(str(address).rpartition(".")[2]) * 7 + index) % 2767)

    def _free_address(self) -> str:
        used = {dig(item, "spec", "clusterIP") for item in self.store.all("", "services")}
        hosts = _SERVICE_NETWORK.hosts()
        next(hosts)
        return next(str(host) for host in hosts if str(host) not in used)

    def _quota(self, resource: ResourceType, obj: Object) -> None:
        try:
            check_quota(self.store, resource, obj)
        except QuotaError as error:
            raise forbidden(resource, dig(obj, "metadata", "name", default=""), str(error)) from error


def _default_resources(container: Object, limit: Object) -> None:
    resources = container.setdefault("resources", {})
    for field, source in (("limits", "default"), ("requests", "defaultRequest")):
        for name, amount in (limit.get(source) or {}).items():
            resources.setdefault(field, {}).setdefault(name, amount)


def _outside(container: Object, limit: Object) -> list[str]:
    limits, requests = (dig(container, "resources", field, default={}) for field in ("limits", "requests"))
    texts = []
    for name, most in (limit.get("max") or {}).items():
        if name not in limits:
            texts.append(f"maximum {name} usage per Container is {most}.  No limit is specified")
        elif parse_quantity(limits[name]) > parse_quantity(most):
            texts.append(f"maximum {name} usage per Container is {most}, but limit is {limits[name]}")
    for name, least in (limit.get("min") or {}).items():
        if name not in requests:
            texts.append(f"minimum {name} usage per Container is {least}.  No request is specified")
        elif parse_quantity(requests[name]) < parse_quantity(least):
            texts.append(f"minimum {name} usage per Container is {least}, but request is {requests[name]}")
    return texts


def default_storage_class(store: Store, claim: Object) -> None:
    """Name the default class in a claim that leaves its class out, as the admission plug-in does."""
    if "storageClassName" in claim.get("spec", {}):
        return
    for item in store.all("storage.k8s.io", "storageclasses"):
        if dig(item, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") == "true":
            claim["spec"]["storageClassName"] = item["metadata"]["name"]
