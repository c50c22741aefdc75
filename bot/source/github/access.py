"""How GitHub is spoken to: where it is, and as whom.

Authentication: https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api. PyGithub is loaded when
it is first needed, because that takes long.
"""

import ipaddress
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from urllib3 import Retry

from commands.base.errors import UsageError

if TYPE_CHECKING:
    from github import Github, GithubIntegration
    from github.Auth import AppAuth, Auth
    from github.Repository import Repository

PUBLIC = "https://api.github.com"
NEEDED = {"contents": "read", "metadata": "read", "pull_requests": "read"}
"""What a token of an App is asked to allow, and no more."""
SHOWING = {"checks": "write", "deployments": "write", "metadata": "read"}
"""The same of a token that shows how builds go."""
SECONDS = 20
TRIES = 3


@dataclass(frozen=True)
class Token:
    """A personal or fine-grained access token."""

    value: str = field(repr=False)


@dataclass(frozen=True)
class App:
    """A GitHub App. `key` is its private key in PEM; `installation` 0 is looked up by the repository."""

    number: int
    key: str = field(repr=False)
    installation: int = 0


Access = Token | App | None


def host_of(base: str) -> str:
    """What people call the GitHub whose API is at `base`."""
    return "github.com" if base.rstrip("/") == PUBLIC else urlsplit(base).netloc


class Clients:
    """Clients of one GitHub, kept by access and installation, so that tokens of Apps are used until they end."""

    def __init__(self, access: Callable[[], Access], base: str = PUBLIC, needed: Mapping[str, str] = NEEDED) -> None:
        """`needed` is what the token of an App is asked to allow. Raises UsageError for an address without TLS that is
        not this machine's own."""
        url = urlsplit(base)
        if url.scheme != "https" and not (url.scheme == "http" and _loopback(url.hostname or "")):
            raise UsageError(f"{base} is not an https address.", f"write the API's address, like {PUBLIC}")
        self.base = base.rstrip("/")
        self.host = host_of(base)
        self._access = access
        self._needed = dict(needed)
        self._lock = threading.Lock()
        self._made: dict[tuple[Access, int], Github] = {}
        self._installations: dict[tuple[App, str], int] = {}

    @property
    def access(self) -> Access:
        """The login, asked for anew."""
        return self._access()

    @property
    def known(self) -> bool:
        """Whether there is a login."""
        return self._access() is not None

    def client(self, repository: str) -> "Github":
        """The client that may ask about a repository, such as `org/repo`. Raises PyGithub's errors for an App."""
        access = self._access()
        installation = self._installation(access, repository) if isinstance(access, App) else 0
        with self._lock:
            if (access, installation) not in self._made:
                self._made = {(access, installation): self._make(self._auth(access, installation))} | self._of(access)
            return self._made[access, installation]

    def repositories(self) -> "Iterator[Repository]":
        """Every repository that the login was given; none without one. Raises PyGithub's errors."""
        access = self._access()
        match access:
            case Token():
                yield from self.client("").get_user().get_repos()
            case App():
                for installation in self._integration(access).get_installations():
                    if access.installation in (0, installation.id):
                        yield from self._installed(access, installation.id)

    def app(self, app: App) -> tuple[str, dict[str, str]]:
        """An App's name, and what it was granted. Raises PyGithub's errors."""
        found = self._integration(app).get_app()
        return found.name, dict(found.permissions)

    def accounts(self, app: App) -> list[str]:
        """Whose repositories an App is installed for: the first hundred. Raises PyGithub's errors."""
        found = self._integration(app).get_installations()
        return [str(one.raw_data.get("account", {}).get("login", one.id)) for one in islice(found, 100)]

    def _installed(self, app: App, installation: int) -> "Iterator[Repository]":
        """The repositories of an installation, asked for with a token that allows what is needed, and no more."""
        from github.Installation import Installation

        yield from Installation(self._make(self._auth(app, installation)).requester, {}, {}).get_repos()

    def _of(self, access: Access) -> "dict[tuple[Access, int], Github]":
        """The clients with this access; those of logins that were replaced are forgotten."""
        return {key: client for key, client in self._made.items() if key[0] == access}

    def _installation(self, app: App, repository: str) -> int:
        if app.installation:
            return app.installation
        owner, _, name = repository.partition("/")
        if (app, owner) not in self._installations:
            self._installations[app, owner] = self._integration(app).get_repo_installation(owner, name).id
        return self._installations[app, owner]

    def _integration(self, app: App) -> "GithubIntegration":
        from github import GithubIntegration

        return GithubIntegration(auth=_app_auth(app), base_url=self.base, timeout=SECONDS, retry=_retries())

    def _auth(self, access: Access, installation: int) -> "Auth | None":
        from github import Auth as Kinds

        match access:
            case Token(value):
                return Kinds.Token(value)
            case App():
                return _app_auth(access).get_installation_auth(installation, self._needed)
            case None:
                return None

    def _make(self, auth: "Auth | None") -> "Github":
        from github import Github

        return Github(
            auth=auth,
            base_url=self.base,
            timeout=SECONDS,
            retry=_retries(),
            per_page=100,
            seconds_between_requests=None,
            user_agent="tessera",
            lazy=True,
        )


def _app_auth(app: App) -> "AppAuth":
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from github import Auth as Kinds

    try:
        load_pem_private_key(app.key.encode(), None)
    except (ValueError, TypeError) as error:
        raise UsageError(
            "The private key of the GitHub App cannot be read.",
            "give the whole .pem file that GitHub made, from BEGIN to END, with its line breaks",
        ) from error
    return Kinds.AppAuth(app.number, app.key)


def _retries() -> Retry:
    """Reads again after a broken connection or a server's trouble; a rate limit is said instead of waited for."""
    return Retry(
        total=TRIES - 1,
        status_forcelist=(500, 502, 503, 504),
        allowed_methods=("GET",),
        backoff_factor=0.2,
        backoff_jitter=0.2,
        raise_on_status=False,
    )


def _loopback(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
