"""Why the API server refused to create a pod, read from its own words.

The words come from the admission plugins: ResourceQuota, LimitRanger, PodSecurity, ServiceAccount, webhooks.
Source: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
"""

import re
from dataclasses import dataclass

from explainers.patterns import pattern

_QUOTA = pattern(r"exceeded quota: ([^,\s]+), requested: (\S+), used: (\S+), limited: (\S+)")
_DEMAND = pattern(r"failed quota: ([^:\s]+): must specify (.+?)$", re.S)
_BOUND = pattern(
    r"(maximum|minimum) ([\w./-]+) usage per (Container|Pod|PersistentVolumeClaim) is ([\w.]+?)"
    r"(?:, but (limit|request) is ([\w.]+)|\.\s+No (limit|request) is specified)"
)
_RATIO = pattern(
    r"([\w./-]+) max limit to request ratio per (Container|Pod) is ([\w.]+), but provided ratio is ([\d.]+)"
)
_LEVEL = pattern(r'violates PodSecurity "([\w-]+):([^"]+)": (.+)$', re.S)
_VIOLATION = pattern(r"([^,(][^(]*?) \(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_ACCOUNT = pattern(r"error looking up service account [^/\s]+/([^:\s]+):.*not found", re.S)
_CALL = pattern(r'failed calling webhook "([^"]+)": (.+)$', re.S)
_POSTED = pattern(r'^failed to call webhook: Post "([^"]*)": (.+)$', re.S)
_IN_CLUSTER = pattern(r"https?://([\w-]+)\.([\w-]+)\.svc[:/?]")
_DENIED = pattern(r'admission webhook "([^"]+)" denied the request:? ?(.*)$', re.S)
_NO_CLASS = pattern(r'no (PriorityClass) with name (\S+) was found|(RuntimeClass) "?([^" ]+?)"? not found')
_ENDING = pattern(r"in namespace (\S+) because it is being terminated")
_ENVELOPE = pattern(
    r"^(?:Error creating: )?(?:(?:pods|Pod|jobs\.batch|Job\.batch) )?"
    r"\"[^\"]*\" is (?:forbidden|invalid): (?:pod rejected: )?"
)
_POLICY = pattern(r"ValidatingAdmissionPolicy '([^']+)'.*? denied request: (.+)$", re.S)


@dataclass(frozen=True)
class QuotaFull:
    """Class 100. For each resource that is over: what one pod asks for, what is used, what is allowed."""

    quota: str
    over: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class QuotaDemands:
    """Class 101. The resources that must be stated, each with the containers that do not (empty: not told)."""

    quota: str
    missing: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class OutOfBounds:
    """Class 102. `bound` is maximum, minimum or ratio; `side` limit or request; `has` empty when nothing is stated."""

    bound: str
    resource: str
    per: str
    allowed: str
    side: str
    has: str


@dataclass(frozen=True)
class LevelViolated:
    """Class 103. `violations` are (what, where), as PodSecurity words them."""

    level: str
    violations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AccountMissing:
    """Class 104."""

    account: str


@dataclass(frozen=True)
class WebhookFailed:
    """Classes 105 and 106: the webhook could not be called. `service` is the name and namespace of the Service that was
    called, None where the webhook lies outside the cluster or the words do not tell."""

    webhook: str
    problem: str
    service: tuple[str, str] | None = None

    @property
    def distrusted(self) -> bool:
        return "x509" in self.problem

    @property
    def number(self) -> int:
        return 106 if self.distrusted else 105


@dataclass(frozen=True)
class Denied:
    """Class 107: a webhook or an admission policy said no."""

    by: str
    words: str


@dataclass(frozen=True)
class ClassMissing:
    """Class 107: the pod names a PriorityClass or RuntimeClass that does not exist."""

    kind: str
    name: str


@dataclass(frozen=True)
class NamespaceEnding:
    """Class 124: nothing new may be made in a namespace that is being deleted."""

    namespace: str


@dataclass(frozen=True)
class Refused:
    """Class 107: a refusal in words that none of the above uses."""

    words: str


Refusal = (
    QuotaFull | QuotaDemands | OutOfBounds | LevelViolated | AccountMissing | WebhookFailed | Denied | ClassMissing
    | NamespaceEnding | Refused
)  # fmt: skip


def refusal(message: str) -> Refusal:
    """What a FailedCreate message says."""
    if found := _QUOTA.search(message):
        return QuotaFull(found[1], _over(_pairs(found[2]), _pairs(found[3]), _pairs(found[4])))
    if found := _DEMAND.search(message):
        return QuotaDemands(found[1], _demanded(found[2].strip()))
    if found := _BOUND.search(message):
        return OutOfBounds(found[1], found[2], found[3], found[4], found[5] or found[7], found[6] or "")
    if found := _RATIO.search(message):
        return OutOfBounds("ratio", found[1], found[2], found[3], "limit", found[4].rstrip("0").rstrip("."))
    if found := _LEVEL.search(message):
        return LevelViolated(found[1], tuple((what.strip(), where) for what, where in _VIOLATION.findall(found[3])))
    if found := _ACCOUNT.search(message):
        return AccountMissing(found[1])
    if found := _CALL.search(message):
        return _uncalled(found[1], found[2].strip())
    if found := _DENIED.search(message) or _POLICY.search(message):
        return Denied(found[1], found[2].strip())
    if found := _NO_CLASS.search(message):
        return ClassMissing(found[1] or found[3], found[2] or found[4])
    if found := _ENDING.search(message):
        return NamespaceEnding(found[1])
    return Refused(_ENVELOPE.sub("", " ".join(message.split())))


def _uncalled(webhook: str, problem: str) -> WebhookFailed:
    """`failed to call webhook: Post "https://hook.security.svc:443/pods?timeout=10s": EOF`"""
    posted = _POSTED.search(problem)
    if posted is None:
        return WebhookFailed(webhook, problem)
    inside = _IN_CLUSTER.match(posted[1])
    return WebhookFailed(webhook, posted[2].strip(), (inside[1], inside[2]) if inside else None)


def _pairs(text: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in text.rstrip(",").split(","))


def _over(
    requested: dict[str, str], used: dict[str, str], limited: dict[str, str]
) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((key, value, used.get(key, ""), limited.get(key, "")) for key, value in requested.items())


def _demanded(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`requests.cpu for: a,b; limits.memory for: a`, or before Kubernetes 1.23 `requests.cpu,limits.memory`."""
    if " for: " not in text:
        return tuple((resource.strip(), ()) for resource in text.split(","))
    parts = (part.partition(" for: ") for part in text.split(";"))
    return tuple((what.strip(), tuple(name.strip() for name in where.split(","))) for what, _, where in parts)
