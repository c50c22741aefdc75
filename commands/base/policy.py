"""Who may do what, decided without I/O and denied by default.

Rights are the intersection of three lists: what the person is mapped to, what the channel allows, and what the
cluster grants to the identity that the request impersonates. A channel can only take away, so nobody gains a right
by asking in another place. Every refusal carries the line that an administrator would add.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from commands.base.request import Actor, Identity

ANY = ("*",)
EXAMPLE_USER = "ada@example.com"
EXAMPLE_GROUP = "shop-developers"
_SYSTEM_GROUPS_ALLOWED = ("system:serviceaccounts", "system:authenticated")


class PolicyError(ValueError):
    """A policy that must not be used: it names an identity that Tessera never acts as."""


@dataclass(frozen=True)
class Grant:
    """What a person is mapped to: a Kubernetes user and groups, and the commands and namespaces (patterns) in reach.

    `user` may contain `{user}`, the Slack user id, in a team's `everyone` grant.
    """

    user: str
    groups: tuple[str, ...] = ()
    commands: tuple[str, ...] = ANY
    namespaces: tuple[str, ...] = ANY

    def __post_init__(self) -> None:
        refuse_system_identity(self.user, self.groups)

    def identity(self, slack_user: str) -> Identity:
        return Identity(self.user.replace("{user}", slack_user), self.groups)


@dataclass(frozen=True)
class Channel:
    """What a channel takes away, and the namespace that is meant there when nobody names one.

    `groups` keeps only these of the person's groups; None keeps all.
    """

    namespace: str = ""
    commands: tuple[str, ...] = ANY
    namespaces: tuple[str, ...] = ANY
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Team:
    """One Slack workspace: people by user id, `everyone` for its other full members, channels by channel id."""

    users: Mapping[str, Grant] = field(default_factory=dict)
    everyone: Grant | None = None
    channels: Mapping[str, Channel] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """Slack workspaces by team id. An empty policy denies everybody."""

    teams: Mapping[str, Team] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """The outcome: `identity` is who to act as when allowed; `line` is the YAML that would allow it, `where` its place.

    `line` is empty where no line may allow it (guests, bots, shared channels).
    """

    allowed: bool
    reason: str
    identity: Identity = field(default_factory=Identity)
    line: str = ""
    where: str = ""


def refuse_system_identity(user: str, groups: tuple[str, ...]) -> None:
    """Refuse identities that skip or own the cluster's access control.

    Raises PolicyError for `system:` groups and users (service accounts excepted). `system:masters` bypasses RBAC,
    see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles.
    """
    for group in groups:
        if group.startswith("system:") and not group.startswith(_SYSTEM_GROUPS_ALLOWED):
            raise PolicyError(
                f"the group {group} is never impersonated; name a group of your own, e.g. {EXAMPLE_GROUP}"
            )
    if not user.strip():
        raise PolicyError(f"a Kubernetes user is missing, e.g. user: {EXAMPLE_USER}")
    if user.startswith("system:") and not user.startswith("system:serviceaccount:"):
        raise PolicyError(f"the user {user} is never impersonated; name a person, e.g. {EXAMPLE_USER}")


def decide(policy: Policy, actor: Actor, command: str, namespace: str = "") -> Decision:
    """Allow or deny `command` by `actor` in `namespace` (empty: it concerns none, or none is known yet)."""
    refusal = _refuse_stranger(actor)
    if refusal:
        return refusal
    team = policy.teams.get(actor.team)
    if team is None:
        return _deny(
            f"the Slack workspace {actor.team or '(none)'} is not in the policy",
            f"{actor.team or 'T0123'}: {{users: {{{_user_line(actor)}}}}}",
            "teams",
        )
    grant = team.users.get(actor.user) or team.everyone
    if grant is None:
        return _deny(
            f"the Slack user {actor.user} is not mapped to a Kubernetes user",
            _user_line(actor),
            f"teams.{actor.team}.users",
        )
    return _within(actor, command, namespace, grant, team)


def default_namespace(policy: Policy, actor: Actor) -> str:
    """The namespace that the channel means when nobody names one; empty when it has none."""
    team = policy.teams.get(actor.team)
    channel = team.channels.get(actor.channel) if team else None
    return channel.namespace if channel else ""


def _refuse_stranger(actor: Actor) -> Decision | None:
    if actor.bot:
        return Decision(False, "other bots are not answered")
    if actor.guest:
        return Decision(False, "guests of the workspace are not answered; a full member may ask")
    if actor.shared_channel:
        return Decision(False, "this channel is shared with another organisation; ask in a channel of your own")
    if not actor.user:
        return Decision(False, "the request names no Slack user")
    return None


def _within(actor: Actor, command: str, namespace: str, grant: Grant, team: Team) -> Decision:
    person = f"teams.{actor.team}." + (f"users.{actor.user}" if actor.user in team.users else "everyone")
    channel = team.channels.get(actor.channel, Channel())
    place = f"teams.{actor.team}.channels.{actor.channel}"
    checks = (
        ("commands", command, grant.commands, person, f"the Slack user {actor.user}"),
        ("namespaces", namespace, grant.namespaces, person, f"the Slack user {actor.user}"),
        ("commands", command, channel.commands, place, f"the channel {actor.channel}"),
        ("namespaces", namespace, channel.namespaces, place, f"the channel {actor.channel}"),
    )
    for key, value, patterns, where, who in checks:
        if value and not _matches(value, patterns):
            noun = f"the command {value}" if key == "commands" else f"the namespace {value}"
            return _deny(f"{noun} is not allowed for {who}", f"{key}: [{', '.join((*patterns, value))}]", where)
    identity = grant.identity(actor.user)
    if channel.groups is not None:
        identity = Identity(identity.user, tuple(group for group in identity.groups if group in channel.groups))
    return Decision(True, f"{person} maps to the Kubernetes user {identity.user}", identity)


def _user_line(actor: Actor) -> str:
    return f"{actor.user}: {{user: {EXAMPLE_USER}, groups: [{EXAMPLE_GROUP}]}}"


def _matches(value: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _deny(reason: str, line: str, where: str) -> Decision:
    return Decision(False, reason, line=line, where=where)
