"""What a container needs before it can start: its environment, its volumes, its user.

Messages compared with a 1.34 kubelet.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.node.images import Image
from bot.sandbox.store import Store

_VARIABLE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


class ConfigError(Exception):
    """The container cannot be created; the text is the kubelet's."""


@dataclass(frozen=True)
class Surroundings:
    """Looks things up for the containers of one pod."""

    store: Store
    pod: Object

    @property
    def namespace(self) -> str:
        """The pod's namespace."""
        return str(self.pod["metadata"]["namespace"])

    def environment(self, container: Object) -> dict[str, str]:
        """Resolve a container's variables.

        Raises ConfigError.
        """
        found: dict[str, str] = {}
        for source in container.get("envFrom") or []:
            found |= self._all_of(source)
        for variable in container.get("env") or []:
            value = variable.get("value")
            if value is None and "valueFrom" in variable:
                value = self._one_of(variable["valueFrom"])
            if value is not None:
                found[variable["name"]] = _VARIABLE.sub(lambda m: found.get(m[1], m[0]), str(value))
        return found

    def check_user(self, container: Object, image: Image) -> None:
        """Refuse root where root is forbidden.

        Raises ConfigError.
        """
        own, shared = (
            dig(container, "securityContext", default={}),
            dig(self.pod, "spec", "securityContext", default={}),
        )
        if not own.get("runAsNonRoot", shared.get("runAsNonRoot")):
            return
        user = own.get("runAsUser", shared.get("runAsUser"))
        meta = self.pod["metadata"]
        where = f'(pod: "{meta["name"]}_{meta["namespace"]}({meta["uid"]})", container: {container["name"]})'
        if user == 0:
            raise ConfigError(f"container's runAsUser breaks non-root policy {where}")
        if user is None and image.user == 0:
            raise ConfigError(f"container has runAsNonRoot and image will run as root {where}")

    def mount_faults(self) -> list[str]:
        """List the volumes that cannot be set up, in the kubelet's words."""
        volumes = dig(self.pod, "spec", "volumes", default=[])
        faults = [(volume["name"], text) for volume in volumes if (text := self._volume_fault(volume))]
        return [f'MountVolume.SetUp failed for volume "{name}" : {text}' for name, text in faults]

    def _volume_fault(self, volume: Object) -> str:
        for kind, field, resource in (("configMap", "name", "configmaps"), ("secret", "secretName", "secrets")):
            source = volume.get(kind)
            if source and not source.get("optional"):
                return self._keys_fault(resource, source.get(field, ""), source.get("items") or [])
        for source in dig(volume, "projected", "sources", default=[]):
            for kind, resource in (("configMap", "configmaps"), ("secret", "secrets")):
                part = source.get(kind)
                if part and not part.get("optional"):
                    fault = self._keys_fault(resource, part.get("name", ""), part.get("items") or [])
                    if fault:
                        return fault
        return ""

    def _keys_fault(self, resource: str, name: str, items: list[Object]) -> str:
        found = self.store.find("", resource, self.namespace, name)
        single = resource.removesuffix("s")
        if found is None:
            return f'{single} "{name}" not found'
        keys = {**(found.get("data") or {}), **(found.get("binaryData") or {})}
        missing = [item["key"] for item in items if item["key"] not in keys]
        kind = "config" if single == "configmap" else "secret"
        return f"{single} references non-existent {kind} key: {missing[0]}" if missing else ""

    def _all_of(self, source: Object) -> dict[str, str]:
        for field, resource in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if reference := source.get(field):
                prefix = source.get("prefix") or ""
                data = self._data(resource, reference)
                return {f"{prefix}{key}": value for key, value in data.items()}
        return {}

    def _one_of(self, source: Object) -> str | None:
        for field, resource, kind in (
            ("configMapKeyRef", "configmaps", "ConfigMap"),
            ("secretKeyRef", "secrets", "Secret"),
        ):
            if reference := source.get(field):
                data = self._data(resource, reference)
                if reference["key"] in data:
                    return data[reference["key"]]
                if reference.get("optional"):
                    return None
                raise ConfigError(
                    f"couldn't find key {reference['key']} in {kind} {self.namespace}/{reference['name']}"
                )
        if path := dig(source, "fieldRef", "fieldPath"):
            return str(dig(self.pod, *path.split("."), default=""))
        return ""

    def _data(self, resource: str, reference: Object) -> dict[str, str]:
        found = self.store.find("", resource, self.namespace, reference.get("name", ""))
        if found is None:
            if reference.get("optional"):
                return {}
            raise ConfigError(f'{resource.removesuffix("s")} "{reference.get("name")}" not found')
        data = found.get("data") or {}
        if resource == "secrets":
            return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
        return dict(data)
