"""What a binding hands over: where a service is and what it wants, in one mapping, no key lost to another.

Source: https://servicebinding.io/spec/core/1.1.0/#well-known-secret-entries. `URL`, `Username` and `Password` are the
historical keys.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from explainers.catalog.model import Entry, ExternalURL

LARGEST = 1024 * 1024
"""What a Secret may hold (https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size)."""
_HISTORICAL = (("Username", "username"), ("Password", "password"))
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class ClashingKeys(ValueError):
    """Two sources have different values for the same key; the message names the keys and never a value."""

    def __init__(self, keys: list[str]) -> None:
        named = ", ".join(f"`{key}`" for key in keys)
        super().__init__(f"The credentials and the address both say {named}, and not the same.")
        self.keys = tuple(keys)


class UnfitKeys(ClashingKeys):
    """Keys or values that a Secret cannot have."""

    def __init__(self, message: str, keys: list[str]) -> None:
        super().__init__(keys)
        self.args = (message,)


def merged(entry: Entry, coordinates: Mapping[str, str], credentials: Mapping[str, str]) -> dict[str, str]:
    """The Secret's values, empty ones left out. Raises ClashingKeys, UnfitKeys.

    `URL` is what it always was: an outside address as it is, the host alone of a service in the cluster. `uri` holds
    the login where the address is known in parts; an outside one is handed on as it is.
    """
    _fit(credentials)
    credentials = _both_spellings(credentials)
    outside = isinstance(entry.provision, ExternalURL)
    told = {"type": entry.type or coordinates.get("scheme", "") or "service", "provider": entry.team, **coordinates}
    told |= {"URL": coordinates.get("uri" if outside else "host", "")}
    clashing = [key for key, value in credentials.items() if told.get(key) not in (None, "", value)]
    if "uri" in clashing and _same_place(credentials["uri"], coordinates):
        clashing.remove("uri")
    if clashing:
        raise ClashingKeys(sorted(clashing))
    values = {key: value for key, value in {**told, **credentials}.items() if value != ""}
    if not outside and "uri" not in credentials:
        values |= _uri(values)
    if sum(len(key) + len(value.encode()) for key, value in values.items()) > LARGEST:
        raise UnfitKeys("The credentials are larger than a Secret may be (1 MiB).", [])
    return values


def variables(values: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that become environment variables with `envFrom`; Kubernetes leaves the others out."""
    return tuple(key for key in values if _VARIABLE.fullmatch(key))


def _fit(credentials: Mapping[str, str]) -> None:
    unfit = sorted(key for key in credentials if not _KEY.fullmatch(key) or key in (".", ".."))
    if unfit:
        named = ", ".join(f"`{key[:60]}`" for key in unfit)
        raise UnfitKeys(
            f"A Secret cannot have the keys {named}: letters, digits, dots, dashes and underscores are allowed.", unfit
        )


def _both_spellings(credentials: Mapping[str, str]) -> dict[str, str]:
    """`Username` where there is `username`, and the other way round. Raises ClashingKeys when they differ."""
    values = dict(credentials)
    for old, new in _HISTORICAL:
        if values.get(old) and values.get(new) and values[old] != values[new]:
            raise ClashingKeys([old, new])
        for key, other in ((old, new), (new, old)):
            if values.get(other) and not values.get(key):
                values[key] = values[other]
    return values


def _same_place(uri: str, coordinates: Mapping[str, str]) -> bool:
    """Whether a provider's own `uri` leads where the coordinates lead: it is the fuller one then."""
    try:
        told, known = urlsplit(uri), urlsplit(coordinates.get("uri", ""))
        return (told.scheme, told.hostname, told.port) == (known.scheme, known.hostname, known.port)
    except ValueError:
        return False


def _uri(values: Mapping[str, str]) -> dict[str, str]:
    """The whole address in one word, with the login in it; nothing where scheme or host is not known."""
    if not values.get("scheme") or not values.get("host"):
        return {}
    login = ""
    if values.get("username") or values.get("password"):
        password = f":{quote(values['password'], safe='')}" if values.get("password") else ""
        login = f"{quote(values.get('username', ''), safe='')}{password}@"
    port = f":{values['port']}" if values.get("port") else ""
    path = f"/{quote(values['database'], safe='')}" if values.get("database") else ""
    return {"uri": f"{values['scheme']}://{login}{values['host']}{port}{path}"}
