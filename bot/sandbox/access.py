"""Who asks, and what they may do.

The caller of the kubeconfig is an administrator. Impersonated users may do everything until a binding or a
scenario's rule names them: from then on, and for service accounts always, RBAC decides as on a real cluster.
Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ and authentication/#user-impersonation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.sandbox.jsonish import Object
from bot.sandbox.store import Store

RBAC = "rbac.authorization.k8s.io"
_ADMIN = "kubernetes-admin"
_MASTERS = "system:masters"
# What the role system:basic-user gives to everybody.
_BASIC = ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews")


@dataclass(frozen=True)
class Identity:
    """A user name and its groups."""

    user: str
    groups: tuple[str, ...] = ()

    @property
    def is_service_account(self) -> bool:
        """Tell service accounts from people."""
        return self.user.startswith("system:serviceaccount:")


ADMIN = Identity(_ADMIN, (_MASTERS, "system:authenticated"))


@dataclass(frozen=True)
class Attributes:
    """What a request wants: verb, group, resource (with `/subresource`), namespace, name."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True)
class Decision:
    """Allowed or not, with the authorizer's reason where it has one."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True)
class DenyRule:
    """A scenario's rule: these users (or "*") may not use these verbs on these resources there."""

    users: tuple[str, ...] = ("*",)
    verbs: tuple[str, ...] = ("*",)
    resources: tuple[str, ...] = ("*",)
    namespaces: tuple[str, ...] = ("*",)

    def denies(self, who: Identity, what: Attributes) -> bool:
        """Tell whether the rule hits this request."""
        return (
            _listed(self.users, who.user, *who.groups)
            and _listed(self.verbs, what.verb)
            and _listed(self.resources, what.resource)
            and _listed(self.namespaces, what.namespace)
        )


def _listed(allowed: Sequence[str], *values: str) -> bool:
    return "*" in allowed or any(value in allowed for value in values)


def identify(headers: Mapping[str, str], groups: Sequence[str] = ()) -> Identity:
    """Name the caller: the administrator, or whom `Impersonate-User` names, with its group headers."""
    user = headers.get("impersonate-user")
    return impersonated(user, tuple(groups)) if user else ADMIN


def impersonated(user: str, groups: tuple[str, ...]) -> Identity:
    """Add the groups that the API server adds by itself."""
    if user.startswith("system:serviceaccount:") and not groups:
        namespace = user.split(":")[2]
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    return Identity(user, (*groups, *(() if "system:authenticated" in groups else ("system:authenticated",))))


@dataclass
class Authorizer:
    """Decides by the scenario's rules first, then by the role bindings in the store."""

    store: Store
    denials: list[DenyRule] = field(default_factory=list)

    def decide(self, who: Identity, what: Attributes) -> Decision:
        """Say whether the request may be served."""
        if any(rule.denies(who, what) for rule in self.denials):
            return Decision(False)
        if _MASTERS in who.groups or (what.verb == "create" and what.resource in _BASIC):
            return Decision(True)
        strict = who.is_service_account
        for binding in self._bindings():
            if not _names(binding, who):
                continue
            strict = True
            if reason := self._grants(binding, who, what):
                return Decision(True, reason)
        return Decision(not strict)

    def rules_for(self, who: Identity, namespace: str) -> list[Object]:
        """List the rules that hold for a caller in a namespace, as SelfSubjectRulesReview answers."""
        everything: list[Object] = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
        bound = [b for b in self._bindings() if _names(b, who) and _reaches(b, namespace)]
        if _MASTERS in who.groups or not (bound or who.is_service_account):
            return everything
        return [rule for binding in bound for rule in self._rules(binding)]

    def _bindings(self) -> Iterator[Object]:
        yield from self.store.all(RBAC, "clusterrolebindings")
        yield from self.store.all(RBAC, "rolebindings")

    def _rules(self, binding: Object) -> list[Object]:
        reference = binding.get("roleRef") or {}
        resource = "clusterroles" if reference.get("kind") == "ClusterRole" else "roles"
        namespace = "" if resource == "clusterroles" else binding["metadata"].get("namespace", "")
        role = self.store.find(RBAC, resource, namespace, reference.get("name", "")) or {}
        return list(role.get("rules") or [])

    def _grants(self, binding: Object, who: Identity, what: Attributes) -> str:
        if not _reaches(binding, what.namespace) or not any(_allows(rule, what) for rule in self._rules(binding)):
            return ""
        meta, reference = binding["metadata"], binding["roleRef"]
        kind = "RoleBinding" if meta.get("namespace") else "ClusterRoleBinding"
        place = f"{meta['name']}/{meta['namespace']}" if meta.get("namespace") else meta["name"]
        subject = f'to {"ServiceAccount" if who.is_service_account else "User"} "{_short(who)}"'
        return f'RBAC: allowed by {kind} "{place}" of {reference["kind"]} "{reference["name"]}" {subject}'


def _short(who: Identity) -> str:
    return "/".join(reversed(who.user.split(":")[2:])) if who.is_service_account else who.user


def _reaches(binding: Object, namespace: str) -> bool:
    own = binding["metadata"].get("namespace")
    return not own or own == namespace


def _names(binding: Object, who: Identity) -> bool:
    return any(_is_subject(subject, binding, who) for subject in binding.get("subjects") or [])


def _is_subject(subject: Object, binding: Object, who: Identity) -> bool:
    match subject.get("kind"):
        case "User":
            return bool(subject.get("name") == who.user)
        case "Group":
            return subject.get("name") in who.groups
        case "ServiceAccount":
            namespace = subject.get("namespace") or binding["metadata"].get("namespace")
            return who.user == f"system:serviceaccount:{namespace}:{subject.get('name')}"
        case _:
            return False


def _allows(rule: Object, what: Attributes) -> bool:
    names = rule.get("resourceNames") or []
    resource, _, subresource = what.resource.partition("/")
    wanted = (what.resource, f"*/{subresource}") if subresource else (resource,)
    return (
        _listed(rule.get("verbs") or (), what.verb)
        and _listed(rule.get("apiGroups") or (), what.group)
        and _listed(rule.get("resources") or (), *wanted)
        and (not names or what.name in names)
    )


def refusal_text(who: Identity, what: Attributes) -> str:
    """Word the denial as the API server does."""
    place = f'in the namespace "{what.namespace}"' if what.namespace else "at the cluster scope"
    return f'User "{who.user}" cannot {what.verb} resource "{what.resource}" in API group "{what.group}" {place}'
