"""What a login is good for at GitHub: asked when it is given, and by `tessera doctor`."""

from bot.source.github.access import NEEDED, SHOWING, Access, App, Clients, Token
from bot.source.github.failures import Patience, Want, in_words
from commands.base.errors import Denied

LOOK = Want("look at", "Metadata, read")
_WORDS = {
    "contents": "Contents",
    "metadata": "Metadata",
    "pull_requests": "Pull requests",
    "checks": "Checks",
    "deployments": "Deployments",
}


def probe(access: Access, base: str) -> str:
    """Try a login; what it is. Raises Denied, Unavailable, UsageError; says what an App has not been granted."""
    clients = Clients(lambda: access, base)
    with in_words(clients.host, "itself", True, Patience(clients.host), LOOK):
        match access:
            case Token():
                return f"as `{clients.client('').get_user().login}`"
            case App():
                return _app(clients, access)
    raise Denied(f"There is no login for {clients.host}.", "add one: `/connect github`")


def _app(clients: Clients, access: App) -> str:
    """An App's name and where it is installed. Raises Denied for one that cannot read, or is installed nowhere."""
    name, permissions = clients.app(access)
    if missing := _missing(permissions, NEEDED):
        raise Denied(f"The App {name} was not granted {missing}.", "grant it in the App's settings, then accept it")
    accounts = clients.accounts(access)
    if not accounts:
        raise Denied(f"The App {name} is installed nowhere.", "install it for the repositories that are built")
    silent = _missing(permissions, SHOWING)
    more = f"; without {silent}, GitHub does not show how builds go" if silent else ""
    return f"as the App `{name}`, installed for {', '.join(f'`{one}`' for one in accounts)}{more}"


def _missing(has: dict[str, str], needed: dict[str, str]) -> str:
    wide = {"write", "admin"}
    lacking = [key for key, right in needed.items() if has.get(key) != right and has.get(key) not in wide]
    return ", ".join(f"{_WORDS[key]} ({needed[key]})" for key in lacking)
