"""Whole manifests: create, and server-side apply."""

import json
from dataclasses import dataclass, field

from explainers.kinds import SECRET, Kind
from explainers.operations.base import APPLY_PATCH, Change, Json, Permission, Request, kubectl
from explainers.operations.objects import python_create, python_patch
from explainers.operations.pods import Delete

MANAGER = "tessera"


@dataclass(frozen=True)
class Apply(Change):
    """Make the object be as the manifest says, by server-side apply; creates it where it is missing.

    `force` takes over fields that another manager owns. `creates` says that the object was seen to be absent: only
    then can the step be taken back, by deleting it.
    Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
    """

    kind: Kind
    namespace: str
    manifest: Json = field(hash=False)
    force: bool = False
    creates: bool = False

    def __post_init__(self) -> None:
        _no_secret(self.kind)

    @property
    def name(self) -> str:
        return str((self.manifest.get("metadata") or {}).get("name") or "")

    def _scope(self) -> str:
        return self.namespace if self.kind.namespaced else ""

    def request(self) -> Request:
        path = self.kind.path(self._scope(), self.name)
        query = (("fieldManager", MANAGER), ("force", "true" if self.force else "false"))
        return Request("PATCH", path, query, self.manifest, APPLY_PATCH)

    def kubectl(self) -> list[str]:
        force = ["--force-conflicts"] if self.force else []
        return kubectl(self._scope(), "apply", "--server-side", f"--field-manager={MANAGER}", *force, "-f", "-")

    def stdin(self) -> str:
        return json.dumps(self.manifest, indent=2)

    def python(self) -> str:
        more = f", field_manager={MANAGER!r}, force={self.force}"
        return python_patch(self.kind, self._scope(), self.name, self.manifest, APPLY_PATCH, more=more)

    def permission(self) -> Permission:
        """Applying what is absent needs `create` as well."""
        return Permission("patch", self.kind.resource, self._scope(), self.name)

    def inverse(self) -> Change | None:
        return Delete(self.kind, self.namespace, self.name) if self.creates else None


@dataclass(frozen=True)
class Create(Change):
    """Create an object from a manifest; fails when it exists."""

    kind: Kind
    namespace: str
    manifest: Json = field(hash=False)

    def __post_init__(self) -> None:
        _no_secret(self.kind)

    def _scope(self) -> str:
        return self.namespace if self.kind.namespaced else ""

    def request(self) -> Request:
        return Request("POST", self.kind.path(self._scope()), body=self.manifest)

    def kubectl(self) -> list[str]:
        return kubectl(self._scope(), "create", "-f", "-")

    def stdin(self) -> str:
        return json.dumps(self.manifest, indent=2)

    def python(self) -> str:
        return python_create(self.kind, self._scope(), self.manifest)

    def permission(self) -> Permission:
        return Permission("create", self.kind.resource, self._scope())

    def inverse(self) -> Change | None:
        name = str((self.manifest.get("metadata") or {}).get("name") or "")
        return Delete(self.kind, self.namespace, name) if name else None


def _no_secret(kind: Kind) -> None:
    """Raises ValueError for what must not be shown: a manifest is, whole, beside the line that applies it."""
    if kind == SECRET:
        raise ValueError("a Secret's manifest would be shown with its values; use config.CreateSecret")
