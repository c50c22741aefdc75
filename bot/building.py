"""The parts of building, put together from the settings."""

from pathlib import Path

from bot.builds.address import Address, Certificates
from bot.logins import MountedLogins
from bot.secrets.kept import KeptConnections, Logins
from bot.secrets.keys import Keys
from bot.secrets.vault import Vault
from bot.settings import Settings, wrong_setting
from bot.state.memory import MemoryState
from commands.base.errors import UsageError
from commands.base.ports import BuildEngine, Builds, StateStore


def vault(settings: Settings, state: StateStore) -> Vault:
    """What keeps the credentials that people gave, in `state`."""
    return Vault(state, Keys(settings.secret_keys_file))


def builds(settings: Settings, state: StateStore | None = None) -> Builds | None:
    """What builds need, or None where no engine is set. Raises UsageError for a setting that cannot be used.

    The logins that people gave are kept in `state`; without one, they end with the process.

    Docker's client and the rest are imported here only: most commands do without.
    """
    engines = _engines(settings)
    if not engines:
        return None
    from bot.builds.choose import Engines
    from bot.hub import Hub
    from bot.registry.adapter import Registries
    from bot.registry.login import check_login
    from bot.source.context import build_context
    from bot.source.git import GitHost
    from bot.source.hosts import CodeHosts

    kept, mounted = vault(settings, state or MemoryState()), MountedLogins(settings.registry_logins)
    logins = Logins(kept, mounted)
    git = GitHost(settings.git_root, logins.registry)
    hub = Hub(settings, kept, git.has)
    code = CodeHosts(git, git, hub.code)  # git first: what lies below the root may be named like org/repo
    checks = {"registry": check_login, "github": hub.check}
    connections = KeptConnections(kept, mounted, checks, hub.host, hub.given)
    return Builds(code, build_context, Engines(engines), Registries(logins), logins, connections, hub.boards)


def _engines(settings: Settings) -> list[BuildEngine]:
    """Docker first: it needs nothing unpacked; what only BuildKit can build goes there anyway."""
    engines: list[BuildEngine] = []
    if settings.docker_host:
        from bot.builds.docker import DockerEngine

        engines.append(DockerEngine(_address("docker_host", settings.docker_host, settings.docker_certificates)))
    if settings.buildkit_host:
        from bot.builds.buildkit import BuildKitEngine
        from bot.source.scratch import scratch

        address = _address("buildkit_host", settings.buildkit_host, settings.buildkit_certificates)
        engines.append(BuildKitEngine(address, folders=scratch))
    return engines


def _address(setting: str, url: str, certificates: Path | None) -> Address:
    try:
        return Address(url, Certificates.folder(certificates) if certificates else None)
    except UsageError as error:
        raise wrong_setting(setting, f"{error.message} {error.hint}") from error
