"""Changes of Services: which pods they choose, and making one for a workload."""

from dataclasses import dataclass, replace

from explainers.kinds import SERVICE, Kind
from explainers.operations.base import JSON_PATCH, Change, Json, Permission, Request, kubectl
from explainers.operations.objects import Pairs, create, joined, manifest, mapping, python_create, python_patch
from explainers.operations.pods import Delete


@dataclass(frozen=True)
class SetSelector(Change):
    """Replace the whole selector of a Service; `was` is the selector before, None when unknown."""

    namespace: str
    service: str
    selector: Pairs
    was: Pairs | None = None

    def request(self) -> Request:
        path = SERVICE.path(self.namespace, self.service)
        return Request("PATCH", path, body=self._patch(), content_type=JSON_PATCH)

    def _patch(self) -> list[Json]:
        return [{"op": "add", "path": "/spec/selector", "value": dict(self.selector)}]

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "set", "selector", f"service/{self.service}", joined(self.selector))

    def python(self) -> str:
        return python_patch(SERVICE, self.namespace, self.service, self._patch(), JSON_PATCH)

    def permission(self) -> Permission:
        return Permission("patch", SERVICE.resource, self.namespace, self.service)

    def inverse(self) -> Change | None:
        return None if self.was is None else replace(self, selector=self.was, was=self.selector)


@dataclass(frozen=True)
class Expose(Change):
    """Make a Service for a workload. `selector` and `labels` are the workload's own: kubectl reads them there.

    `target_port` is a number or a port's name. `expose` makes one from the workload.
    """

    kind: Kind
    namespace: str
    name: str
    service: str
    port: int
    target_port: str
    selector: Pairs
    labels: Pairs = ()

    def _manifest(self) -> Json:
        target = int(self.target_port) if self.target_port.isdecimal() else self.target_port
        ports = [{"port": self.port, "protocol": "TCP", "targetPort": target}]
        spec = {"ports": ports, "selector": dict(self.selector)}
        return manifest(SERVICE, self.namespace, self.service, self.labels, spec=spec)

    def request(self) -> Request:
        return create(SERVICE, self.namespace, self._manifest())

    def kubectl(self) -> list[str]:
        words = [f"--name={self.service}", f"--port={self.port}", f"--target-port={self.target_port}"]
        return kubectl(self.namespace, "expose", f"{self.kind.kubectl}/{self.name}", *words)

    def python(self) -> str:
        return python_create(SERVICE, self.namespace, self._manifest())

    def permission(self) -> Permission:
        return Permission("create", SERVICE.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(SERVICE, self.namespace, self.service)


def expose(kind: Kind, workload: Json, service: str, port: int, target_port: str) -> Expose:
    """Expose a Deployment, ReplicaSet or Pod that was read; selector and labels come from it, as kubectl does it.

    kubectl exposes no workload whose selector has `matchExpressions`, and no pod without labels.
    """
    metadata, labels = mapping(workload, "metadata"), mapping(workload, "metadata", "labels")
    chosen = mapping(workload, "spec", "selector", "matchLabels") or labels
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    selector, own = tuple(sorted(chosen.items())), tuple(sorted(labels.items()))
    return Expose(kind, namespace, name, service, port, target_port, selector, own)
