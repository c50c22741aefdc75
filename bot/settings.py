"""Settings: typed, from the environment and from mounted files; a wrong value is answered with its name.

Every setting is `TESSERA_` and its name in capitals. It may also be a file of that name in small letters, e.g.
`tessera_slack_bot_token`, in the folder that TESSERA_SECRETS names: how Kubernetes mounts secrets.
"""

import os
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict

from commands.base.errors import UsageError

PREFIX = "TESSERA_"


class SlackMode(StrEnum):
    """How Slack reaches the bot: requests to its address, or a connection that the bot opens."""

    HTTP = "http"
    SOCKET = "socket"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller gives, then the environment, then the folder of mounted files."""
        folder = os.environ.get(f"{PREFIX}SECRETS", "")
        if folder and not Path(folder).is_dir():
            name = f"{PREFIX}SECRETS"
            raise UsageError(f"{name}: there is no folder {folder}.", f"for example {name}=/etc/tessera/secrets")
        mounted = (SecretsSettingsSource(settings_cls, secrets_dir=folder),) if folder else ()
        return (init_settings, env_settings, *mounted)

    slack_mode: SlackMode = Field(default=SlackMode.HTTP, examples=["http", "socket"])
    slack_bot_token: SecretStr = Field(default=SecretStr(""), examples=["xoxb-…"])
    slack_signing_secret: SecretStr = Field(default=SecretStr(""), examples=["32 hexadecimal digits"])
    slack_app_token: SecretStr = Field(default=SecretStr(""), examples=["xapp-… (Socket Mode only)"])
    slack_api_url: str = Field(default="https://slack.com/api/", examples=["https://slack.com/api/"])
    redis_url: str = Field(
        default="",
        validation_alias=AliasChoices(f"{PREFIX}REDIS_URL", "REDIS_URL"),  # the second: what platforms hand to programs
        examples=["redis://redis:6379/0 (empty: inside the process)"],
    )
    policy_file: Path | None = Field(default=None, examples=["/etc/tessera/policy.yaml"])
    context: str = Field(default="", examples=["production (a kubeconfig context; empty: the current one)"])
    probe_image: str = Field(default="busybox:1.36", examples=["busybox:1.36"])
    docker_host: str = Field(
        default="", examples=["tcp://docker:2376 (or unix:///var/run/docker.sock; empty: no builds by Docker)"]
    )
    docker_certificates: Path | None = Field(default=None, examples=["/etc/tessera/docker (ca.pem, cert.pem, key.pem)"])
    buildkit_host: str = Field(default="", examples=["tcp://buildkitd:1234 (empty: no builds by BuildKit)"])
    buildkit_certificates: Path | None = Field(default=None, examples=["/etc/tessera/buildkit"])
    registry_logins: Path | None = Field(default=None, examples=["/etc/tessera/registries/.dockerconfigjson"])
    secret_keys_file: Path | None = Field(
        default=None, examples=["/etc/tessera/keys/keys (lines of `tessera keys new`; the first encrypts)"]
    )
    git_root: Path | None = Field(default=None, examples=["/srv/git (repositories named by path lie below it)"])
    github_url: str = Field(default="https://api.github.com", examples=["https://github.example.com/api/v3"])
    github_token: SecretStr = Field(
        default=SecretStr(""), examples=["github_pat_… (or an App, see TESSERA_GITHUB_APP)"]
    )
    github_app: int = Field(default=0, ge=0, examples=["12345 (the App's id; instead of a token)"])
    github_app_key_file: Path | None = Field(default=None, examples=["/etc/tessera/github/private-key.pem"])
    broker_namespace: str = Field(
        default="", examples=["api-team (where the ConfigMaps of its catalog are; empty: no catalog)"]
    )
    broker_name: str = Field(default="", examples=["api-team (tells the brokers of a cluster apart)"])
    broker_kinds: str = Field(default="", examples=["StatefulSet,PersistentVolumeClaim (kinds that entries may add)"])
    broker_charts: Path | None = Field(default=None, examples=["/srv/charts (Helm charts that entries name by path)"])
    osb_host: str = Field(default="127.0.0.1", examples=["127.0.0.1"])
    osb_port: int = Field(default=8443, ge=0, le=65535, examples=["8443"])
    osb_users_file: Path | None = Field(
        default=None, examples=["/etc/tessera/osb/users (lines `user:password`; without it the API is not served)"]
    )
    osb_certificate: Path | None = Field(
        default=None, examples=["/etc/tessera/tls (tls.crt and tls.key; without it plain HTTP, on loopback only)"]
    )
    vault_token_file: Path = Field(
        default=Path("/var/run/secrets/tessera.dev/vault/token"), examples=["/var/run/secrets/tessera.dev/vault/token"]
    )
    vault_hosts: str = Field(
        default="", examples=["vault.example.com,vault.vault.svc (the only Vaults that entries may name; empty: none)"]
    )
    vault_authorities: Path | None = Field(
        default=None, examples=["/etc/tessera/vault/ca.crt (who signs the Vaults' certificates; empty: the system's)"]
    )
    github_webhook_secret: SecretStr = Field(
        default=SecretStr(""), examples=["the secret of the webhook that sends pushes to /github/webhook"]
    )
    host: str = Field(default="127.0.0.1", examples=["127.0.0.1"])
    port: int = Field(default=8080, ge=0, le=65535, examples=["8080"])
    workers: int = Field(default=4, ge=1, le=64, examples=["4"])

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: str) -> str:
        scheme, _, rest = url.partition("://")
        if not url or (scheme == "unix" and rest.startswith("/")):
            return url
        if scheme not in ("redis", "rediss") or not _is_server(url) or not _database(url):
            raise ValueError("this is not the address of a Redis")
        return url

    @field_validator("vault_hosts")
    @classmethod
    def _are_hosts(cls, hosts: str) -> str:
        for host in hosts.split(","):
            if any(sign in host for sign in "/:@") or len(host.split()) > 1:
                raise ValueError(f"{host.strip()[:60]} is not the name of a host")
        return hosts

    @field_validator("slack_api_url")
    @classmethod
    def _is_web(cls, url: str) -> str:
        """With a slash at its end: the names of methods are put behind it."""
        if not url.startswith(("http://", "https://")) or not _is_server(url):
            raise ValueError("this is not a web address")
        return url if url.endswith("/") else f"{url}/"

    @field_validator("docker_certificates", "buildkit_certificates", "git_root", "osb_certificate", "broker_charts")
    @classmethod
    def _is_folder(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_dir():
            raise ValueError(f"there is no folder {path}")
        return path

    @field_validator(
        "registry_logins", "secret_keys_file", "github_app_key_file", "osb_users_file", "vault_authorities"
    )
    @classmethod
    def _is_file(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path


def _database(url: str) -> bool:
    """Whether the path of a Redis address is the number of a database, or none."""
    number = urlsplit(url).path.removeprefix("/")
    return not number or number.isdecimal()


def _is_server(url: str) -> bool:
    """Whether an address names a host, and a port that can be one."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and not any(letter.isspace() for letter in url)
    except ValueError:  # its text would repeat parts of the address, and they may be a password
        return False


def load() -> Settings:
    """The settings of this process. Raises UsageError that names the wrong one and shows an example."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0])
        bare = name.removeprefix(PREFIX)
        given = bare if name not in os.environ and bare in os.environ else name  # an alias is named as it was written
        raise wrong_setting(given, wrong["msg"].removeprefix("Value error, ")) from error


def wrong_setting(name: str, why: str) -> UsageError:
    """The error for a setting, e.g. `port`, that cannot be used: its variable, why, and an example."""
    variable = name if name.isupper() else f"{PREFIX}{name.upper()}"
    field = variable.removeprefix(PREFIX).lower()
    example = (Settings.model_fields[field].examples or [""])[0]
    return UsageError(f"{variable}: {why.removesuffix('.')}.", f"for example {variable}={example}")
