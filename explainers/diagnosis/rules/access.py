"""What an application may ask of the API server (classes 109 and 110).

Two signals: the refusal in the program's own log, and an access review for its service account now.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.grants import (
    Refused,
    Slip,
    accounts_of,
    goes_on,
    grants,
    refused_by_status,
    refused_in,
    refused_lately,
    role_of,
    slip_in,
)
from explainers.diagnosis.views.pods import Container, Json, Pod, dicts, text
from explainers.diagnosis.when import ago, moment
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.access import CreateRole, CreateRoleBinding, account_review, allowed
from explainers.operations.apply import Apply
from explainers.operations.patches import Patch
from explainers.operations.reads import List
from explainers.patterns import pattern
from explainers.plan import Plan, Step

_API = pattern(r"kubectl|kubernetes|serviceaccount|in-?cluster")
_FIELDS = {"apiGroups": "API groups", "resources": "resources", "verbs": "verbs"}
_NEXT = "the program's next try is allowed; a crash loop ends with its next restart"


@dataclass(frozen=True)
class Rights:
    """Roles and bindings of the namespace where the right is missing; `read` is false where they may not be listed."""

    roles: dict[str, list[Json]]
    bindings: list[Json]
    read: bool


def forbidden(case: Case) -> Iterator[Finding]:
    """109 and 110: the log says that the API server refuses, and an access review agrees."""
    for pod in _candidates(case)[:1]:
        for container in pod.containers:
            log = _log(case, container)
            wanted = refused_in(log) or _by_status(pod, container, log)
            if wanted is not None and (not pod.ready or goes_on(log)):
                yield from _judge(case, container, wanted)
                return


def _candidates(case: Case) -> list[Pod]:
    """Pods in trouble first; a pod that is ready only if it looks like one that talks to the API server."""
    restarted = [pod for pod in case.pods if any(one.restarts for one in pod.containers)]
    troubled = [pod for pod in case.unready_pods + restarted if any(one.ran for one in pod.containers)]
    return troubled or [pod for pod in case.pods if pod.ready and _talks_to_api(pod)]


def _talks_to_api(pod: Pod) -> bool:
    """It runs as an account of its own, or its containers name Kubernetes: then a look at its log is worth it."""
    if pod.spec.get("automountServiceAccountToken") is False:
        return False
    account = text(pod.spec, "serviceAccountName")
    parts = ("image", "command", "args", "env")
    named = [str(one.spec.get(part)).lower() for one in pod.main_containers for part in parts]
    return account not in ("", "default") or any(_API.search(words) for words in named)


def _by_status(pod: Pod, container: Container, log: str) -> Refused | None:
    parts = [container.spec.get(part) for part in ("command", "args", "env")]
    program = " ".join(str(word) for part in parts if isinstance(part, list) for word in part)
    return refused_by_status(log, program, pod.namespace, text(pod.spec, "serviceAccountName") or "default")


def _log(case: Case, container: Container) -> str:
    if not container.ran or (container.init and container.ready):
        return ""
    previous = bool(container.restarts) and not container.terminated
    return case.log(container, previous=previous).text


def _judge(case: Case, container: Container, wanted: Refused) -> Iterator[Finding]:
    (answer,) = case.ask(account_review(wanted.permission, wanted.namespace, wanted.account))
    verdict = allowed(answer.object)
    past = container.pod.ready and not refused_lately(_log(case, container))
    if verdict is True or (verdict is None and (past or "is forbidden" not in wanted.line)):
        return  # what nobody may review counts while the log says it
    when = moment(container.last_end.get("finishedAt"))
    evidence = [Evidence(f"log of {container.pod.name}/{container.name}", wanted.line, ago(case.now, when))]
    if verdict is False:
        asked = f"may not {wanted.verb} {wanted.full_resource} {wanted.scope.replace('`', '')}"
        evidence.append(Evidence(f"access review for {wanted.account}", asked))
    rights = _rights(case, wanted)
    sure = Confidence.SURE if verdict is False else Confidence.LIKELY
    since = container.pod.created
    broken = _broken(wanted, rights, tuple(evidence), sure, since)
    slip = broken or _slip(wanted, rights, tuple(evidence), sure, since)
    yield slip or _not_granted(wanted, rights, tuple(evidence), sure, since)


def allowed_now(case: Case, line: str) -> bool:
    """Whether a line of a log tells of a refusal by the API server that an access review does not confirm any more."""
    wanted = refused_in(line)
    if wanted is None:
        return False
    (answer,) = case.ask(account_review(wanted.permission, wanted.namespace, wanted.account))
    return allowed(answer.object) is True


def _rights(case: Case, wanted: Refused) -> Rights:
    if not wanted.where:
        return Rights({}, [], False)
    roles, bindings = case.ask(
        List(kinds.ROLE, wanted.where, limit=500), List(kinds.ROLE_BINDING, wanted.where, limit=500)
    )
    by_name = {text(role, "metadata", "name"): dicts(role, "rules") for role in roles.items}
    return Rights(by_name, bindings.items, roles.ok and bindings.ok)


def _broken(
    wanted: Refused, rights: Rights, evidence: tuple[Evidence, ...], sure: Confidence, since: datetime | None
) -> Finding | None:
    """110: a binding that was to grant it names a role or an account that does not exist."""
    if not rights.read:
        return None
    for binding in rights.bindings:
        name, (kind, role) = text(binding, "metadata", "name"), role_of(binding)
        subject = Ref("RoleBinding", wanted.where, name)
        who = list(accounts_of(binding, ""))
        mine = (wanted.namespace, wanted.account) in [(space or wanted.where, account) for space, account in who]
        if mine and kind == "Role" and role not in rights.roles:
            clause = (
                f"its service account `{wanted.account}` may not {wanted.verb} `{wanted.full_resource}`: the binding"
                f" `{name}` grants it the Role `{role}`, which does not exist"
            )
            seen = (*evidence, Evidence(f"rolebinding {name}", f"roleRef: Role {role}"))
            return Finding(110, subject, Layer.NEEDS, clause, seen, _make_role(wanted, role), sure, since)
        meant = _meant(binding, wanted) if kind == "Role" and grants(rights.roles.get(role, []), wanted) else ""
        if meant and not mine:
            clause = (
                f"its service account `{wanted.account}` may not {wanted.verb} `{wanted.full_resource}`: the binding"
                f" `{name}` grants it to `{meant}` instead"
            )
            seen = (*evidence, Evidence(f"rolebinding {name}", f"subject: ServiceAccount {meant}"))
            return Finding(110, subject, Layer.NEEDS, clause, seen, _right_subject(binding, wanted), sure, since)
    return None


def _slip(
    wanted: Refused, rights: Rights, evidence: tuple[Evidence, ...], sure: Confidence, since: datetime | None
) -> Finding | None:
    """109: the account has a Role that allows it but for one word."""
    for binding in rights.bindings if rights.read else []:
        kind, role = role_of(binding)
        who = [(space or wanted.where, account) for space, account in accounts_of(binding, "")]
        found = slip_in(rights.roles.get(role, []), wanted) if kind == "Role" else None
        if found is None or (wanted.namespace, wanted.account) not in who:
            continue
        has = ", ".join(f"`{one}`" for one in found.has) if any(found.has) else "the core group"
        clause = (
            f"its service account `{wanted.account}` may not {wanted.verb} `{wanted.full_resource}`: its Role `{role}` "
            f"has {has} as {_FIELDS[found.key]}, not `{found.wanted}`"
        )
        seen = (*evidence, Evidence(f"role {role}", f"rules[{found.rule}].{found.key}: {', '.join(found.has)}"))
        subject = Ref("Role", wanted.where, role)
        return Finding(109, subject, Layer.NEEDS, clause, seen, _right_word(wanted, role, found), sure, since)
    return None


def _right_word(wanted: Refused, role: str, slip: Slip) -> Plan:
    """Write the word where the wrong one stands; a verb that is missing beside those that are there."""
    place = len(slip.has) if slip.place is None else slip.place
    path = f"/rules/{slip.rule}/{slip.key}/{place}"
    if slip.place is None:
        body, back = {"op": "add", "path": path, "value": slip.wanted}, {"op": "remove", "path": path}
        why = f"let the Role `{role}` allow {slip.wanted}, too"
    else:
        body, back = ({"op": "replace", "path": path, "value": word} for word in (slip.wanted, slip.instead))
        why = f"write `{slip.wanted}` in the Role `{role}`" + (f" instead of `{slip.instead}`" if slip.instead else "")
    change = Patch(kinds.ROLE, wanted.where, role, [body], "json", [back])
    return Plan((Step(change, why, _NEXT),))


def _meant(binding: Json, wanted: Refused) -> str:
    """The account in the binding that was probably meant to be this one: another namespace, or a near name."""
    for space, name in accounts_of(binding, ""):
        if name == wanted.account and (space or wanted.where) != wanted.namespace:
            return f"{space or wanted.where}/{name}"
        if nearest_one(wanted.account, [name], least=0.75):
            return name
    return ""


def _not_granted(
    wanted: Refused, rights: Rights, evidence: tuple[Evidence, ...], sure: Confidence, since: datetime | None
) -> Finding:
    fitting = sorted(name for name, rules in rights.roles.items() if grants(rules, wanted))
    clause = (
        f"the API server refuses it: its service account `{wanted.account}` may not {wanted.verb}"
        f" `{wanted.full_resource}` {wanted.scope}"
    )
    if fitting:
        clause += f"; the Role `{fitting[0]}` allows it and is not bound to the account"
    subject = Ref("ServiceAccount", wanted.namespace, wanted.account)
    return Finding(109, subject, Layer.NEEDS, clause, evidence, granted(wanted, fitting), sure, since)


def granted(wanted: Refused, fitting: list[str]) -> Plan:
    """What grants it: a binding of the first Role that fits, or a Role made for it."""
    if not wanted.where:
        return _cluster_wide(wanted)
    account = (f"{wanted.namespace}:{wanted.account}",)
    name = "-".join(dict.fromkeys((wanted.account, fitting[0]))) if fitting else _name(wanted)
    role = fitting[0] if fitting else name
    bind = CreateRoleBinding(wanted.where, name, role=role, accounts=account)
    steps = [Step(bind, f"grant the Role `{role}` to the account", _NEXT)]
    if not fitting:
        make = CreateRole(wanted.where, name, wanted.verbs, (wanted.full_resource,))
        steps.insert(0, Step(make, "a Role with this right and no more"))
    return Plan(tuple(steps))


def _name(wanted: Refused) -> str:
    return f"{wanted.account}-{wanted.resource.replace('/', '-')}"


def _make_role(wanted: Refused, role: str) -> Plan:
    make = CreateRole(wanted.where, role, wanted.verbs, (wanted.full_resource,))
    return Plan((Step(make, f"make the Role `{role}` that the binding names, with this right and no more", _NEXT),))


def _right_subject(binding: Json, wanted: Refused) -> Plan:
    others = [one for one in dicts(binding, "subjects") if one.get("kind") != "ServiceAccount"]
    mine = {"kind": "ServiceAccount", "name": wanted.account, "namespace": wanted.namespace}
    kept = [
        one for one in dicts(binding, "subjects")
        if one.get("kind") == "ServiceAccount" and not _meant({"subjects": [one]}, wanted)
    ]  # fmt: skip
    body = {"subjects": [*others, *kept, mine]}
    change = Patch(kinds.ROLE_BINDING, wanted.where, text(binding, "metadata", "name"), body, "merge")
    return Plan((Step(change, f"bind the Role to the account `{wanted.account}`", _NEXT),))


def _cluster_wide(wanted: Refused) -> Plan:
    name = f"{wanted.namespace}-{_name(wanted)}"
    api = "rbac.authorization.k8s.io"
    rule = {"apiGroups": [wanted.group], "resources": [wanted.resource], "verbs": list(wanted.verbs)}
    role: Json = {
        "apiVersion": f"{api}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [rule],
    }  # fmt: skip
    binding: Json = {
        "apiVersion": f"{api}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": wanted.account, "namespace": wanted.namespace}],
    }
    why = "a Role cannot grant what lies outside namespaces; a ClusterRole with this right and no more can"
    return Plan(
        (
            Step(Apply(kinds.CLUSTER_ROLE, "", role, creates=True), why),
            Step(Apply(kinds.CLUSTER_ROLE_BINDING, "", binding, creates=True), "bind it to the account", _NEXT),
        )
    )


RULES: tuple[Rule, ...] = (forbidden,)
