"""Reads the policy file, and answers a mistake with its line and an example that is right.

teams:
  T0123ABCD:
    users:
      U0123ABCD: {user: ada@example.com, groups: [shop-developers]}
      U0456EFGH: {user: bob@example.com, namespaces: [shop, shop-*], commands: [diagnose, logs]}
    everyone: {user: "slack:{user}", groups: [readers]}     # optional: all other full members
    channels:
      C0123ABCD: {namespace: shop, namespaces: [shop]}      # a channel only narrows
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml

from commands.base.errors import UsageError
from commands.base.policy import ANY, Channel, Grant, Policy, PolicyError, Team

_LIST = "[shop, shop-*]"
_GRANT_KEYS = {
    "user": "user: ada@example.com",
    "groups": "groups: [shop-developers]",
    "commands": "commands: [diagnose, logs]",
    "namespaces": f"namespaces: {_LIST}",
}
_CHANNEL_KEYS = {
    "namespace": "namespace: shop",
    **{key: _GRANT_KEYS[key] for key in ("groups", "commands", "namespaces")},
}
_USER_LINE = "U0123ABCD: {user: ada@example.com, groups: [shop-developers]}"
_CHANNEL_LINE = "C0123ABCD: {namespace: shop, namespaces: [shop]}"
_TEAM_KEYS = {
    "users": f"users: {{{_USER_LINE}}}",
    "everyone": "everyone: {user: 'slack:{user}', groups: [readers]}",
    "channels": f"channels: {{{_CHANNEL_LINE}}}",
}

FORM = "TESSERA_POLICY_FILE, or `--file`, names that file; see manifests/base/policy.yaml"

T = TypeVar("T")


class PolicyFileError(UsageError):
    """The policy file cannot be used; the message names file, line, place and what is wrong, the hint an example."""


@dataclass(frozen=True)
class _Place:
    """A node of the YAML tree and how people name it."""

    file: str
    path: str
    node: yaml.Node

    def error(self, wrong: str, example: str) -> PolicyFileError:
        line = self.node.start_mark.line + 1
        return PolicyFileError(f"{self.file}, line {line}: {self.path} {wrong}.", f"for example `{example}`")

    def entries(self, example: str) -> dict[str, "_Place"]:
        """The mapping's values by key; an empty node counts as an empty mapping."""
        if self._null():
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("must be a mapping", example)
        found: dict[str, _Place] = {}
        for key, value in self.node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else str(key.value)
            place = _Place(self.file, f"{self.path}.{name}".lstrip("."), value)
            if name in found:
                raise _Place(self.file, place.path, key).error("is written twice", example)
            found[name] = place
        return found

    def _null(self) -> bool:
        """Whether nothing is written there, or one of YAML's words for it."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag.endswith(":null")

    def known(self, keys: dict[str, str]) -> dict[str, "_Place"]:
        """As `entries`, refusing keys that are not in `keys` (each with its example)."""
        found = self.entries("{" + ", ".join(keys.values()) + "}")
        for name, place in found.items():
            if name not in keys:
                raise place.error(f"is not known; known here are {', '.join(keys)}", next(iter(keys.values())))
        return found

    def text(self, example: str) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or self._null() or not str(self.node.value).strip():
            raise self.error("must be a text", example)
        return str(self.node.value)

    def texts(self, example: str) -> tuple[str, ...]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("must be a list of texts", example)
        items = (_Place(self.file, self.path, item) for item in self.node.value)
        return tuple(item.text(example) for item in items)


def load_policy(path: Path) -> Policy:
    """Read the policy file at `path`.

    Raises PolicyFileError, also when the file is absent.
    """
    try:
        return parse_policy(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyFileError(f"The policy file {path} cannot be read: {_why(error)}.", FORM) from error


def _why(error: OSError | UnicodeDecodeError) -> str:
    return str(error.strerror) if isinstance(error, OSError) else "it is not UTF-8"


def parse_policy(text: str, file: str = "policy.yaml") -> Policy:
    """Read a policy from YAML text; `file` names it in errors. Empty text is the policy that denies everybody.

    Raises PolicyFileError.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise PolicyFileError(f"{file} is not YAML: {' '.join(str(error).split())}.", FORM) from error
    if root is None:
        return Policy()
    teams = _Place(file, "", root).known({"teams": f"teams: {{T0123ABCD: {{users: {{{_USER_LINE}}}}}}}"}).get("teams")
    if teams is None:
        return Policy()
    return Policy({name: _team(place) for name, place in teams.entries("T0123ABCD: {users: {}}").items()})


def _team(place: _Place) -> Team:
    parts = place.known(_TEAM_KEYS)
    everyone = parts.get("everyone")
    return Team(
        _each(parts.get("users"), _USER_LINE, _grant),
        _grant(everyone) if everyone else None,
        _each(parts.get("channels"), _CHANNEL_LINE, _channel),
    )


def _each(place: _Place | None, example: str, read: Callable[[_Place], T]) -> dict[str, T]:
    return {name: read(item) for name, item in place.entries(example).items()} if place else {}


def _grant(place: _Place) -> Grant:
    parts = place.known(_GRANT_KEYS)
    if "user" not in parts:
        raise place.error("names no Kubernetes user", _GRANT_KEYS["user"])
    try:
        return Grant(
            parts["user"].text(_GRANT_KEYS["user"]),
            _list(parts, "groups", ()),
            _list(parts, "commands", ANY),
            _list(parts, "namespaces", ANY),
        )
    except PolicyError as error:
        raise place.error(f"is refused: {error}", _USER_LINE) from error


def _channel(place: _Place) -> Channel:
    parts = place.known(_CHANNEL_KEYS)
    return Channel(
        parts["namespace"].text(_CHANNEL_KEYS["namespace"]) if "namespace" in parts else "",
        _list(parts, "commands", ANY),
        _list(parts, "namespaces", ANY),
        _list(parts, "groups", ()) if "groups" in parts else None,
    )


def _list(parts: dict[str, _Place], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    return parts[key].texts(_GRANT_KEYS[key]) if key in parts else default
