"""One-time pods, and deleting what there is."""

import json
from dataclasses import dataclass, replace

from explainers.kinds import POD, Kind
from explainers.operations.base import Change, Json, Permission, Request, kubectl
from explainers.operations.objects import Pairs, create, joined, manifest, python_create
from explainers.operations.reads import METADATA_ONLY

# Passes the `restricted` pod security standard; the user is the customary "nonroot".
# Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
RESTRICTED_POD: Json = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "runAsGroup": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}
RESTRICTED_CONTAINER: Json = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
# A gate that nobody opens: no Service whose selector matches the pod's labels sends it a connection.
NEVER_READY: Json = {"conditionType": "tessera.dev/takes-no-traffic"}
SMALL: Json = {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}}


@dataclass(frozen=True)
class RunPod(Change):
    """Run a pod once, with no rights and few resources; it ends by itself after `deadline` seconds."""

    namespace: str
    name: str
    image: str
    command: tuple[str, ...]
    deadline: int
    labels: Pairs = ()
    service_account: str = ""
    pull_secrets: tuple[str, ...] = ()

    def _spec(self) -> Json:
        container: Json = {
            "name": self.name,
            "image": self.image,
            "command": list(self.command),
            "resources": SMALL,
            "securityContext": RESTRICTED_CONTAINER,
        }
        spec: Json = {
            "containers": [container],
            "restartPolicy": "Never",
            "activeDeadlineSeconds": self.deadline,
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "readinessGates": [NEVER_READY],
            "securityContext": RESTRICTED_POD,
        }
        if self.service_account:
            spec["serviceAccountName"] = self.service_account
        if self.pull_secrets:
            spec["imagePullSecrets"] = [{"name": name} for name in self.pull_secrets]
        return spec

    def _manifest(self) -> Json:
        return manifest(POD, self.namespace, self.name, self.labels or (("run", self.name),), spec=self._spec())

    def request(self) -> Request:
        return replace(create(POD, self.namespace, self._manifest()), accept=METADATA_ONLY)

    def kubectl(self) -> list[str]:
        overrides = json.dumps({"spec": self._spec()}, separators=(",", ":"))
        labels = [f"--labels={joined(self.labels)}"] if self.labels else []
        words = ["run", self.name, f"--image={self.image}", "--restart=Never", *labels, f"--overrides={overrides}"]
        return kubectl(self.namespace, *words)

    def python(self) -> str:
        return python_create(POD, self.namespace, self._manifest())

    def permission(self) -> Permission:
        return Permission("create", POD.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(POD, self.namespace, self.name, grace_seconds=1)


@dataclass(frozen=True)
class Delete(Change):
    """Delete one object. What it owns goes in the background; what a controller owns is made again.

    `grace_seconds` overrides how long a pod may take to end. With `orphan` what it owns stays, owned by nobody.
    """

    kind: Kind
    namespace: str
    name: str
    grace_seconds: int | None = None
    orphan: bool = False

    def _scope(self) -> str:
        return self.namespace if self.kind.namespaced else ""

    def _policy(self) -> str:
        return "Orphan" if self.orphan else "Background"

    def request(self) -> Request:
        options: Json = {"propagationPolicy": self._policy()}
        if self.grace_seconds is not None:
            options["gracePeriodSeconds"] = self.grace_seconds
        return Request("DELETE", self.kind.path(self._scope(), self.name), body=options, accept=METADATA_ONLY)

    def kubectl(self) -> list[str]:
        grace = [f"--grace-period={self.grace_seconds}"] if self.grace_seconds is not None else []
        force = ["--force"] if self.grace_seconds == 0 else []
        orphan = ["--cascade=orphan"] if self.orphan else []
        return kubectl(self._scope(), "delete", self.kind.kubectl, self.name, *orphan, *grace, *force)

    def python(self) -> str:
        where = f", {self._scope()!r}" if self._scope() else ""
        grace = f", grace_period_seconds={self.grace_seconds}" if self.grace_seconds is not None else ""
        method = f"client.{self.kind.client_class}().delete_{self.kind.client_noun}"
        return f'{method}({self.name!r}{where}, propagation_policy="{self._policy()}"{grace})'

    def permission(self) -> Permission:
        return Permission("delete", self.kind.resource, self._scope(), self.name)

    def inverse(self) -> Change | None:
        return None
