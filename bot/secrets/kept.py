"""The ports SecretSource and Connections: what people stored goes before what is mounted."""

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.secrets.vault import Vault, added
from commands.base.ports import Connection, SecretSource
from explainers.builds.model import Credentials

REGISTRY, GITHUB = "registry", "github"
Check = Callable[[str, Credentials | None], str]


class Mounted(SecretSource, Protocol):
    """Logins of a file that an administrator mounted."""

    def hosts(self) -> list[str]:
        """The registries that it has logins for."""


class Logins:
    """SecretSource over the vault and the mounted file."""

    def __init__(self, vault: Vault, mounted: Mounted) -> None:
        self._vault = vault
        self._mounted = mounted

    def registry(self, host: str) -> Credentials | None:
        """See SecretSource. Raises UsageError when what is kept cannot be read."""
        return self._vault.find(REGISTRY, host) or self._mounted.registry(host)


class KeptConnections:
    """The port Connections; `checks` by kind try a login. `github` is the host of the only GitHub; whether the settings
    hold a login for it is `given`."""

    def __init__(
        self, vault: Vault, mounted: Mounted, checks: Mapping[str, Check], github: str = "", given: bool = False
    ) -> None:
        self._vault = vault
        self._mounted = mounted
        self._logins = Logins(vault, mounted)
        self._checks = checks
        self._given = given
        self.github = github

    def listed(self) -> list[Connection]:
        stored = self._vault.listed()
        known = {(each.kind, each.host) for each in stored}
        mounted = [Connection(REGISTRY, host) for host in self._mounted.hosts()]
        mounted += [Connection(GITHUB, self.github)] if self._given else []
        others = [one for one in mounted if (one.kind, one.host) not in known]
        return sorted([*stored, *others], key=lambda one: (one.kind, one.host))

    def ready(self) -> None:
        self._vault.ready()

    def check(self, kind: str, host: str, login: Credentials | None = None) -> str:
        if login is None and kind == REGISTRY:
            login = self._logins.registry(host)
        return self._checks[kind](host, login)

    def keep(self, kind: str, host: str, login: Credentials, by: str) -> None:
        self._vault.keep(added(kind, host, by), login)

    def remove(self, kind: str, host: str) -> bool:
        return self._vault.remove(kind, host)
