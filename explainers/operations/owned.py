"""What one makes for somebody and takes back: deleting exactly the object that was made, and whole Secrets.

A name may be given anew; a uid never is. So what was made is deleted by its uid, and what has the name by then stays.
"""

import json
from dataclasses import dataclass, field

from explainers.kinds import SECRET, Kind
from explainers.operations.base import Change, Json, Permission, Request, kubectl
from explainers.operations.objects import mapping
from explainers.operations.pods import Delete


@dataclass(frozen=True)
class DeleteExactly(Change):
    """Delete the object of that name if it still has that uid; the API answers 409 where it has another.

    With `dependents` the object stays until what it owns is gone, so that whoever waits for it waits for all.
    Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/#foreground-deletion
    """

    kind: Kind
    namespace: str
    name: str
    uid: str
    dependents: bool = False

    def _scope(self) -> str:
        return self.namespace if self.kind.namespaced else ""

    def _policy(self) -> str:
        return "Foreground" if self.dependents else "Background"

    def _options(self) -> Json:
        guard = {"propagationPolicy": self._policy(), "preconditions": {"uid": self.uid}}
        return {"apiVersion": "v1", "kind": "DeleteOptions", **guard}

    def request(self) -> Request:
        return Request("DELETE", self.kind.path(self._scope(), self.name), body=self._options())

    def kubectl(self) -> list[str]:
        """kubectl has no word for the uid: the request itself is sent."""
        return kubectl("", "delete", "--raw", self.kind.path(self._scope(), self.name), "-f", "-")

    def stdin(self) -> str:
        return json.dumps(self._options(), indent=2)

    def python(self) -> str:
        where = f", {self._scope()!r}" if self._scope() else ""
        guard = f"preconditions=client.V1Preconditions(uid={self.uid!r})"
        options = f"client.V1DeleteOptions(propagation_policy={self._policy()!r}, {guard})"
        return f"client.{self.kind.client_class}().delete_{self.kind.client_noun}({self.name!r}{where}, body={options})"

    def permission(self) -> Permission:
        return Permission("delete", self.kind.resource, self._scope(), self.name)

    def inverse(self) -> Change | None:
        return None


@dataclass(frozen=True)
class SecretFromFile(Change):
    """Create a Secret from a whole manifest, with labels and a type of any name.

    Its values are in the request and nowhere else: the shown forms read `NAME.json`, which the person has.
    """

    namespace: str
    manifest: Json = field(hash=False, repr=False)

    @property
    def name(self) -> str:
        return str(mapping(self.manifest, "metadata").get("name") or "")

    def files(self) -> tuple[str, ...]:
        """The files that the shown line reads."""
        return (f"{self.name}.json",)

    def contents(self) -> dict[str, str]:
        """What they hold: for tests, never for showing."""
        return {self.files()[0]: json.dumps(self.manifest)}

    def _body(self) -> str:
        return f"json.loads(Path({self.files()[0]!r}).read_text())"

    def request(self) -> Request:
        return Request("POST", SECRET.path(self.namespace), body=self.manifest)

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "create", "-f", self.files()[0])

    def python(self) -> str:
        call = f"client.CoreV1Api().create_namespaced_secret({self.namespace!r}, {self._body()})"
        return f"import json\nfrom pathlib import Path\n{call}"

    def permission(self) -> Permission:
        return Permission("create", SECRET.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(SECRET, self.namespace, self.name)


@dataclass(frozen=True)
class ReplaceSecret(SecretFromFile):
    """Put a whole manifest in a Secret's place. With `uid` and `resourceVersion` in its metadata only in the place of
    exactly that one, as it was read: the API answers 409 otherwise."""

    def request(self) -> Request:
        return Request("PUT", SECRET.path(self.namespace, self.name), body=self.manifest)

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "replace", "-f", self.files()[0])

    def python(self) -> str:
        call = f"client.CoreV1Api().replace_namespaced_secret({self.name!r}, {self.namespace!r}, {self._body()})"
        return f"import json\nfrom pathlib import Path\n{call}"

    def permission(self) -> Permission:
        return Permission("update", SECRET.resource, self.namespace, self.name)

    def inverse(self) -> Change | None:
        return None
