"""The GitHub of an installation: with the login that somebody gave by `/connect`, else with that of the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.secrets.vault import Vault
from bot.settings import Settings, wrong_setting
from bot.source.github.access import PUBLIC, Access, App, Token, host_of
from bot.source.github.boards import Checks, Deployments, GitHubWriter
from bot.source.github.host import GitHubHost
from bot.source.github.probe import probe
from commands.base.errors import UsageError
from commands.base.ports import Noticeboard
from explainers.builds.model import Credentials

GITHUB = "github"


@dataclass(frozen=True)
class _Given:
    """What the settings say: a token, or an App with the file of its key; neither is a login."""

    token: str
    app: int
    key: Path | None

    def access(self) -> Access:
        """The login. The key of an App is read anew each time: a renewed one counts at once. Raises UsageError."""
        if self.key:
            return App(self.app, _private_key(self.key))
        return Token(self.token) if self.token else None


class Hub:
    """GitHub as a code host, the boards where it shows builds, and the check of a login."""

    def __init__(self, settings: Settings, vault: Vault, elsewhere: Callable[[str], bool] = lambda _: False) -> None:
        """What is `elsewhere` is not at GitHub, though it may be named alike. Raises UsageError that names the setting
        that is wrong."""
        self._vault = vault
        self._settings = _given(settings)
        self._base = settings.github_url.strip().rstrip("/") or PUBLIC
        self.host = host_of(self._base)
        self.given = self._settings.access() is not None
        try:
            self.code = GitHubHost(self.access, self._base, strangers=self._base != PUBLIC)
            writer = GitHubWriter(self.access, self._base, elsewhere)
        except UsageError as error:
            raise wrong_setting("github_url", error.message) from error
        self.boards: tuple[Noticeboard, ...] = (Deployments(writer), Checks(writer))

    def access(self) -> Access:
        """The login that counts now. Raises UsageError for one that cannot be read."""
        kept = self._vault.find(GITHUB, self.host)
        return access_of(kept) if kept else self._settings.access()

    def check(self, host: str, login: Credentials | None) -> str:
        """Try a login, or the one that counts; what it is. Raises Denied, Unavailable, UsageError."""
        if host != self.host:
            raise UsageError(f"I speak to {self.host}, not to {host}.", "TESSERA_GITHUB_URL says which GitHub it is")
        return probe(access_of(login) if login else self.access(), self._base)


def access_of(login: Credentials) -> Access:
    """A kept credential as GitHub's login: the name is the number of an App, or empty for a token."""
    return App(int(login.username), login.password) if login.username else Token(login.password)


def _given(settings: Settings) -> _Given:
    """Token, App and its key, such as belong together."""
    token = settings.github_token.get_secret_value().strip()
    app, key = settings.github_app, settings.github_app_key_file
    if token and (app or key):
        raise wrong_setting("github_token", "a token and an App are given, and only one of them can be used")
    if app and not key:
        raise wrong_setting("github_app_key_file", f"the App {app} needs its private key")
    if key and not app:
        raise wrong_setting("github_app", f"whose private key is {key}?")
    if any(not sign.isprintable() or sign.isspace() for sign in token):
        raise wrong_setting("github_token", "a token is one word")
    return _Given(token, app, key)


def _private_key(path: Path) -> str:
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no PEM"
        raise wrong_setting("github_app_key_file", f"{path} cannot be read: {why}") from None
    if "PRIVATE KEY-----" not in text:
        raise wrong_setting("github_app_key_file", f"{path} is not the .pem file that GitHub made")
    return text
