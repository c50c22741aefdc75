"""What could not be looked at, and the line that grants the right to."""

from explainers import kinds
from explainers.diagnosis.facts import Fact, Facts, Question
from explainers.document import Unchecked
from explainers.operations.access import CreateRole, CreateRoleBinding
from explainers.operations.base import Answer, Change, Operation, Permission
from explainers.operations.reads import Get, List, Rows
from explainers.patterns import pattern

_WHO = pattern(r'User "([^"]+)"')
_UNSAFE = pattern(r"[^a-z0-9-]+")
_BEYOND_VIEW = ("secrets", "roles", "rolebindings")
"""Namespaced resources that the built-in ClusterRole `view` leaves out.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
"""


def unchecked(facts: Facts) -> tuple[Unchecked, ...]:
    """One entry for each permission that was missing and each read that failed, in the order of asking."""
    rows: dict[str, Unchecked] = {}
    for fact, answer in facts.answers.items():
        if answer.ok or answer.absent or _made_up_for(facts, fact):
            continue
        if isinstance(fact, Question):
            rows.setdefault(f"probes {fact.namespace}", _unprobed(fact.namespace, answer))
        elif answer.forbidden:
            permission = fact.permission()
            rows.setdefault(f"{permission.verb} {permission.resource} {permission.namespace}", refused(fact, answer))
        elif answer.status != 400:  # 400: a log that does not exist yet; rules judge by the state instead
            rows.setdefault(fact.line(), Unchecked(f"`{fact.line()}` ({answer.problem})"))
    return tuple(_merged(list(rows.values())))


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
        Unchecked(" · ".join(r.what for r in same), ", ".join(r.missing for r in same if r.missing), same[0].grant)
        for same in by_grant.values()
    ]


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
    name = "tessera-probes"
    verbs = ("create", "get", "list", "watch", "delete")
    role = CreateRole(namespace, name, verbs, ("pods", "pods/exec"))
    return (role, _bind(namespace, user, name, role=name))


def grant(permission: Permission, user: str) -> tuple[Change, ...]:
    """What gives `user` a missing permission in its namespace: the least that does; empty for cluster-wide ones."""
    if not permission.namespace:
        return ()
    reads = permission.verb in ("get", "list", "watch")
    short = permission.resource.split(".")[0]
    if reads and short not in _BEYOND_VIEW and short != "pods/exec":
        return (_bind(permission.namespace, user, "view", cluster_role="view"),)
    name = "tessera-" + _UNSAFE.sub("-", f"{permission.verb}-{short}")
    role = CreateRole(permission.namespace, name, (permission.verb,), (permission.resource,))
    return (role, _bind(permission.namespace, user, name, role=name))


def _bind(namespace: str, user: str, what: str, role: str = "", cluster_role: str = "") -> CreateRoleBinding:
    account = user.removeprefix("system:serviceaccount:") if user.startswith("system:serviceaccount:") else ""
    name = f"{what.removeprefix('tessera-')}-{_UNSAFE.sub('-', user.lower()).strip('-')}"[:63].rstrip("-")
    users, accounts = ((), (account,)) if account else ((user,), ())
    return CreateRoleBinding(namespace, name, role, cluster_role, users, (), accounts)
