"""Creating configuration: ConfigMaps, Secrets, ServiceAccounts.

A Secret's values are in the request body and nowhere else: the shown line reads them from files that the person
makes, and neither the line, the Python lines nor `repr` holds them.
"""

import base64
from dataclasses import dataclass, field
from typing import Literal

from explainers.kinds import CONFIG_MAP, SECRET, SERVICE_ACCOUNT
from explainers.operations.base import Change, Json, Permission, Request, kubectl
from explainers.operations.objects import Pairs, create, manifest, python_create
from explainers.operations.pods import Delete
from explainers.patterns import pattern

_VARIABLE = pattern(r"[A-Za-z_][A-Za-z0-9_.-]*")

SecretType = Literal["Opaque", "kubernetes.io/dockerconfigjson", "kubernetes.io/tls", "kubernetes.io/basic-auth"]


@dataclass(frozen=True)
class CreateConfigMap(Change):
    """Create a ConfigMap from literal values."""

    namespace: str
    name: str
    values: Pairs = ()

    def _manifest(self) -> Json:
        fields: Json = {"data": dict(self.values)} if self.values else {}
        return manifest(CONFIG_MAP, self.namespace, self.name, **fields)

    def request(self) -> Request:
        return create(CONFIG_MAP, self.namespace, self._manifest())

    def kubectl(self) -> list[str]:
        literals = [f"--from-literal={key}={value}" for key, value in self.values]
        return kubectl(self.namespace, "create", "configmap", self.name, *literals)

    def python(self) -> str:
        return python_create(CONFIG_MAP, self.namespace, self._manifest())

    def permission(self) -> Permission:
        return Permission("create", CONFIG_MAP.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(CONFIG_MAP, self.namespace, self.name)


@dataclass(frozen=True)
class CreateSecret(Change):
    """Create a Secret. The shown forms read the values from files: `NAME.env`, or one file for each key.

    `literals` stand instead of `values` where they are no secret, such as a placeholder that the person replaces:
    those are shown.
    """

    namespace: str
    name: str
    values: Pairs = field(default=(), repr=False)
    type: SecretType = "Opaque"
    literals: Pairs = ()

    def request(self) -> Request:
        every = (*self.values, *self.literals)
        data = {key: base64.b64encode(value.encode()).decode() for key, value in every}
        fields: Json = {"type": self.type, **({"data": data} if data else {})}
        return create(SECRET, self.namespace, manifest(SECRET, self.namespace, self.name, **fields))

    def files(self) -> tuple[str, ...]:
        """The files that the shown line reads; the person fills them in."""
        if self._as_env():
            return (f"{self.name}.env",) if self.values else ()
        return tuple(key.lstrip(".") for key, _ in self.values)

    def contents(self) -> dict[str, str]:
        """What those files hold, by name: for tests, never for showing."""
        if self._as_env():
            return {name: "".join(f"{key}={value}\n" for key, value in self.values) for name in self.files()}
        return dict(zip(self.files(), (value for _, value in self.values), strict=True))

    def _as_env(self) -> bool:
        """An env file holds plain names and one line each, which kubectl takes as they are."""
        return all(
            _VARIABLE.fullmatch(key) and value == value.strip() and value.isprintable() for key, value in self.values
        )

    def kubectl(self) -> list[str]:
        of_type = [] if self.type == "Opaque" else [f"--type={self.type}"]
        if self._as_env():
            source = [f"--from-env-file={name}" for name in self.files()]
        else:
            source = [f"--from-file={key}={name}" for (key, _), name in zip(self.values, self.files(), strict=True)]
        source += [f"--from-literal={key}={value}" for key, value in self.literals]
        return kubectl(self.namespace, "create", "secret", "generic", self.name, *of_type, *source)

    def python(self) -> str:
        body = f'{{"metadata": {{"name": {self.name!r}}}, "type": {self.type!r}, "stringData": values}}'
        call = f"client.CoreV1Api().create_namespaced_secret({self.namespace!r}, {body})"
        start = "from pathlib import Path\n"
        if not self.values:
            return f"values = {dict(self.literals)!r}\n{call}"
        if self._as_env():
            lines = f"Path({self.files()[0]!r}).read_text().splitlines()"
            return f'{start}values = dict(line.split("=", 1) for line in {lines})\n{call}'
        names = {key: name for (key, _), name in zip(self.values, self.files(), strict=True)}
        return f"{start}values = {{key: Path(name).read_text() for key, name in {names!r}.items()}}\n{call}"

    def permission(self) -> Permission:
        return Permission("create", SECRET.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(SECRET, self.namespace, self.name)


@dataclass(frozen=True)
class CreateServiceAccount(Change):
    """Create a ServiceAccount, which has no rights until a role is bound to it."""

    namespace: str
    name: str

    def request(self) -> Request:
        return create(SERVICE_ACCOUNT, self.namespace, manifest(SERVICE_ACCOUNT, self.namespace, self.name))

    def kubectl(self) -> list[str]:
        return kubectl(self.namespace, "create", "serviceaccount", self.name)

    def python(self) -> str:
        return python_create(SERVICE_ACCOUNT, self.namespace, manifest(SERVICE_ACCOUNT, self.namespace, self.name))

    def permission(self) -> Permission:
        return Permission("create", SERVICE_ACCOUNT.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(SERVICE_ACCOUNT, self.namespace, self.name)
