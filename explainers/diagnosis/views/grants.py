"""Rights of service accounts: the refusal in a log, and which Role or binding would have granted it.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.pods import Json, dicts, dig, table, text
from explainers.kinds import KINDS
from explainers.operations.base import Permission
from explainers.patterns import pattern

_QUOTE = r"\\*[\"']"
_REFUSED = pattern(
    rf"is forbidden: User {_QUOTE}system:serviceaccount:(?P<namespace>[\w.-]+):(?P<account>[\w.-]+){_QUOTE}"
    rf" cannot (?P<verb>\w+) (?:resource|path) {_QUOTE}(?P<resource>[^\"'\\]+){_QUOTE}"
    rf"(?: in API group {_QUOTE}(?P<group>[\w.-]*){_QUOTE})?"
    rf"(?: in the namespace {_QUOTE}(?P<where>[\w.-]+){_QUOTE}| at the cluster scope)?"
)
_API_HOST = pattern(r"kubernetes\.default|KUBERNETES_SERVICE_HOST|https://kubernetes\b")
_STATUS = pattern(r"\b403\b|\bForbidden\b")
_VARIABLE = r"\$\([^)]*\)|\$\{?\w+\}?|\{[^}]*\}|%s"
_URL = pattern(
    r"/(?:api/v1|apis/(?P<group>[\w.-]+)/v\w+)"
    rf"(?:/namespaces/(?P<where>{_VARIABLE}|[\w.-]+))?/(?P<resource>[a-z]+)(?P<name>/[\w.$-]+)?"
)
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_METHOD = pattern(r"(?:-X|--request|method=)[ =]?[\"']?(POST|PUT|PATCH|DELETE)\b")
READING = ("get", "list", "watch")
_SLIP = 0.85
_PLURALS = frozenset(kind.plural for kind in KINDS)


@dataclass(frozen=True)
class Refused:
    """What the API server refused to a service account; `where` is empty at the scope of the cluster."""

    namespace: str
    account: str
    verb: str
    resource: str
    group: str
    where: str
    line: str

    @property
    def permission(self) -> Permission:
        return Permission(self.verb, self.full_resource, self.where)

    @property
    def full_resource(self) -> str:
        """`deployments.apps`, `pods`, `pods/log`."""
        plural, slash, sub = self.resource.partition("/")
        return f"{plural}.{self.group}{slash}{sub}" if self.group else self.resource

    @property
    def scope(self) -> str:
        return f"in `{self.where}`" if self.where else "in the whole cluster"

    @property
    def verbs(self) -> tuple[str, ...]:
        """What to grant: who lists usually reads and watches too; nothing more than the verb otherwise."""
        return READING if self.verb in READING else (self.verb,)


def refused_in(log: str) -> Refused | None:
    """The last refusal in a log."""
    found = None
    for line in log.splitlines():
        if " is forbidden: User " in line:
            found = _REFUSED.search(line) or found
    if found is None:
        return None
    line = found.string.strip()
    part = found.groupdict(default="")
    return Refused(
        part["namespace"], part["account"], part["verb"], part["resource"], part["group"], part["where"], line[:240]
    )


def refused_by_status(log: str, program: str, namespace: str, account: str) -> Refused | None:
    """A bare `403` in the log of a program whose own text names a URL of the API: what it asked for, by that URL.

    `program` is the command, the arguments and the environment of the container. An access review must agree.
    """
    line = next((one.strip() for one in reversed(log.splitlines()) if _STATUS.search(one)), "")
    found = _URL.search(program) if line else None
    if found is None or not _API_HOST.search(program):
        return None
    where = found["where"] or ""
    if where and not re.fullmatch(r"[\w.-]+", where):
        where = namespace
    method = _METHOD.search(program)
    verb = _VERBS[method[1]] if method else "get" if found["name"] else "list"
    return Refused(namespace, account, verb, found["resource"], found["group"] or "", where, line[:240])


def goes_on(log: str, recent: int = 20) -> bool:
    """Whether the refusals are no thing of the past: several in the log, or one among its last lines."""
    return len(_refusals(log.splitlines())) > 1 or refused_lately(log, recent)


def refused_lately(log: str, recent: int = 20) -> bool:
    """Whether there is a refusal among the last lines of a log."""
    lines = log.splitlines()
    return any(number >= len(lines) - recent for number in _refusals(lines))


def _refusals(lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if _REFUSED.search(line) or _STATUS.search(line)]


def grants(rules: list[Json], wanted: Refused) -> bool:
    """Whether the rules of a Role allow it."""
    return any(
        _has(rule, "apiGroups", wanted.group) and _has(rule, "resources", wanted.resource)
        and _has(rule, "verbs", wanted.verb) and not rule.get("resourceNames")
        for rule in rules
    )  # fmt: skip


@dataclass(frozen=True)
class Slip:
    """The one thing that a rule of a Role lacks to allow what is wanted: `wanted` in its field `key`, where `instead`
    stands at `place`, if that is a slip for it; `rule` is the number of the rule."""

    rule: int
    key: str
    wanted: str
    has: tuple[str, ...]
    place: int | None

    @property
    def instead(self) -> str:
        return self.has[self.place] if self.place is not None else ""


def slip_in(rules: list[Json], wanted: Refused) -> Slip | None:
    """The first rule that would allow it but for one of its fields."""
    asked = {"apiGroups": wanted.group, "resources": wanted.resource, "verbs": wanted.verb}
    for number, rule in enumerate(rules):
        lacking = [key for key, value in asked.items() if not _has(rule, key, value)]
        has = dig(rule, lacking[0]) if len(lacking) == 1 else None
        if isinstance(has, list) and all(isinstance(one, str) for one in has) and not rule.get("resourceNames"):
            key = lacking[0]
            place = _place(key, asked[key], has)
            if place is not None or key == "verbs":
                return Slip(number, key, asked[key], tuple(has), place)
    return None


def _place(key: str, wanted: str, has: list[str]) -> int | None:
    """Where a slip for the word stands: `configmap` for `configmaps`, another API group in place of the only one."""
    if key == "apiGroups":
        return 0 if len(has) == 1 else None
    unknown = [one for one in has if one not in _PLURALS]
    near = nearest_one(wanted, unknown, _SLIP) if key == "resources" else ""
    return has.index(near) if near else None


def _has(rule: Json, key: str, value: str) -> bool:
    found = dig(rule, key)
    return isinstance(found, list) and (value in found or "*" in found)


def accounts_of(binding: Json, namespace: str) -> Iterator[tuple[str, str]]:
    """The service accounts that a binding names, as (namespace, name)."""
    for subject in dicts(binding, "subjects"):
        if subject.get("kind") == "ServiceAccount":
            yield text(subject, "namespace") or namespace, text(subject, "name")


def role_of(binding: Json) -> tuple[str, str]:
    """The kind and name of what a binding grants."""
    reference = table(binding, "roleRef")
    return text(reference, "kind"), text(reference, "name")
