"""What could not be looked at, and the line that grants the right to."""

from collections.abc import Iterable

from explainers import kinds
from explainers.diagnosis.facts import Fact, Facts, Question
from explainers.document import Unchecked
from explainers.operations.access import CreateRole, CreateRoleBinding
from explainers.operations.base import Answer, Change, Operation, Permission
from explainers.operations.reads import Get, List, Rows
from explainers.patterns import pattern

_WHO = pattern(r'User "([^"]+)"')
_ACCOUNT = "system:serviceaccount:"
_UNSAFE = pattern(r"[^a-z0-9.-]+")
_LONGEST = 253
_BEYOND_VIEW = ("secrets", "roles", "rolebindings")
"""Namespaced resources that the built-in ClusterRole `view` leaves out.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""


def unchecked(facts: Facts) -> tuple[Unchecked, ...]:
    """One entry for each permission that was missing and each read that failed, in the order of asking."""
    rows: dict[str, Unchecked] = {}
    for fact, answer in unread(facts).items():
        if isinstance(fact, Question):
            rows.setdefault(f"probes {fact.namespace}", _unprobed(fact.namespace, answer))
        elif answer.forbidden:
            permission = fact.permission()
            rows.setdefault(f"{permission.verb} {permission.resource} {permission.namespace}", refused(fact, answer))
        elif answer.status != 400:  # 400: a log that does not exist yet; rules judge by the state instead
            rows.setdefault(fact.line(), Unchecked(f"`{fact.line()}` ({answer.problem})"))
    return tuple(_merged(list(rows.values())))


def unread(facts: Facts) -> dict[Fact, Answer]:
    """What could not be read, and the answers that say so."""
    return {
        fact: answer
        for fact, answer in facts.answers.items()
        if not (answer.ok or answer.absent or _made_up_for(facts, fact))
    }


def _made_up_for(facts: Facts, fact: Fact) -> bool:
    """Whether what could not be read was read otherwise: where there are no rows of pods, or none of them can be read
    alone, all are listed."""
    if isinstance(fact, Rows):
        return True
    return (
        isinstance(fact, Get)
        and fact.kind == kinds.POD
        and any(
            answer.ok and isinstance(other, List) and (other.kind, other.namespace) == (fact.kind, fact.namespace)
            for other, answer in facts.answers.items()
        )
    )


def _merged(rows: list[Unchecked]) -> list[Unchecked]:
    """Rows that one grant would open, as one row."""
    by_grant: dict[str, list[Unchecked]] = {}
    for row in rows:
        by_grant.setdefault(row.grant or row.what, []).append(row)
    return [
        Unchecked(_once(" · ", (r.what for r in same)), _once(", ", (r.missing for r in same)), same[0].grant)
        for same in by_grant.values()
    ]


def _once(between: str, words: Iterable[str]) -> str:
    return between.join(word for word in dict.fromkeys(words) if word)


def _unprobed(namespace: str, answer: Answer) -> Unchecked:
    what = f"live probes in {namespace}"
    if not (answer.forbidden and _WHO.search(answer.problem)):  # a quota or limit range refuses pods with 403, too
        return Unchecked(f"{what} ({answer.problem})")
    return Unchecked(
        what, f"create pods and get pods/exec in {namespace}", _lines(grant_probes(namespace, _who(answer)))
    )


def refused(operation: Operation, answer: Answer) -> Unchecked:
    """What a refusal hides, which permission is missing, and the lines that grant it to whoever was refused."""
    permission = operation.permission()
    what = permission.resource.split(".")[0].replace("pods/log", "logs of pods")
    where = f" in {permission.namespace}" if permission.namespace else ""
    if isinstance(operation, List) and operation.kind.namespaced and not operation.namespace:
        where = " in all namespaces"
    missing = f"{permission.verb} {permission.resource}{where}"
    return Unchecked(f"{what}{where}", missing, _lines(grant(permission, _who(answer))))


def _who(answer: Answer) -> str:
    """The user that the API refused, from its message."""
    found = _WHO.search(answer.problem)
    return found.group(1) if found else "USER"


def _lines(changes: tuple[Change, ...]) -> str:
    return " && ".join(change.line() for change in changes)


def grant_probes(namespace: str, user: str) -> tuple[Change, ...]:
    """What lets `user` make, ask and remove one-time probe pods in a namespace."""
    verbs = ("create", "get", "list", "watch", "delete")
    return _own_role(namespace, user, "probes", verbs, ("pods", "pods/exec"))


def grant(permission: Permission, user: str) -> tuple[Change, ...]:
    """What gives `user` a missing permission, in its namespace or, where it has none, in the whole cluster. What is got
    by name in one place is listed in another, so one grant is for both."""
    reads = permission.verb in ("get", "list", "watch")
    full, slash, part = permission.resource.partition("/")
    short = full.split(".")[0] + slash + part
    if permission.namespace and reads and short not in _BEYOND_VIEW and short != "pods/exec":
        return (_bind(permission.namespace, user, _named("view", user), cluster_role="view"),)
    verbs = ("get", "list") if permission.verb in ("get", "list") else (permission.verb,)
    what = f"{'read' if len(verbs) > 1 else permission.verb}-{short}"
    return _own_role(permission.namespace, user, what, verbs, (permission.resource,))


def _own_role(
    namespace: str, user: str, what: str, verbs: tuple[str, ...], resources: tuple[str, ...]
) -> tuple[Change, ...]:
    """A role that carries the user's name, so that the line for the next user finds none of that name, and its
    binding."""
    name = _named(f"tessera-{what}", user)
    bind = _bind(namespace, user, name, role=name) if namespace else _bind("", user, name, cluster_role=name)
    return (CreateRole(namespace, name, verbs, resources), bind)


def _named(what: str, user: str) -> str:
    """Between the namespace of a ServiceAccount and its name stands a dot, which no namespace holds."""
    user = user.removeprefix(_ACCOUNT).replace(":", ".") if user.startswith(_ACCOUNT) else user
    return _UNSAFE.sub("-", f"{what}-{user.lower()}").strip("-")[:_LONGEST].rstrip("-")


def _bind(namespace: str, user: str, name: str, role: str = "", cluster_role: str = "") -> CreateRoleBinding:
    account = user.removeprefix(_ACCOUNT)
    users, accounts = ((user,), ()) if account == user else ((), (account,))
    return CreateRoleBinding(namespace, name, role, cluster_role, users, (), accounts)
