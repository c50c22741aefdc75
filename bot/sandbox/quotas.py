"""Resource quotas: what an object would use, what is used, and the refusal when that is too much.

Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/; messages compared with a 1.34 server.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.quantities import format_quantity, parse_quantity
from bot.sandbox.resources import RESOURCES, ResourceType
from bot.sandbox.store import Store

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_COUNTED = ("pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers")


class QuotaError(Exception):
    """The quota does not admit the object; the text is the API server's."""


def check_quota(store: Store, resource: ResourceType, obj: Object) -> None:
    """Admit an object against every quota of its namespace.

    Raises QuotaError.
    """
    for quota in store.all("", "resourcequotas", obj["metadata"]["namespace"]):
        hard = dig(quota, "spec", "hard", default={})
        wanted = {name: amount for name, amount in usage(resource, obj).items() if name in hard}
        name = quota["metadata"]["name"]
        if resource.kind == "Pod" and (missing := _unspecified(hard, obj)):
            raise QuotaError(f"failed quota: {name}: must specify {missing}")
        used = used_amounts(store, quota)
        over = [key for key in sorted(wanted) if used[key] + wanted[key] > parse_quantity(hard[key])]
        if wanted and over:
            texts = (
                ("requested", {key: wanted[key] for key in over}),
                ("used", {key: used[key] for key in over}),
                ("limited", {key: parse_quantity(hard[key]) for key in over}),
            )
            raise QuotaError(f"exceeded quota: {name}, " + ", ".join(f"{label}: {_amounts(v)}" for label, v in texts))


def _amounts(values: dict[str, Decimal]) -> str:
    return ",".join(f"{key}={_text(key, amount)}" for key, amount in sorted(values.items()))


def _text(name: str, amount: Decimal) -> str:
    return format_quantity(amount, binary="memory" in name or "storage" in name)


def _unspecified(hard: Object, obj: Object) -> str:
    texts = []
    for name in sorted(hard):
        field, _, amount = name.partition(".")
        if field not in ("requests", "limits"):
            field, amount = "requests", name
        if amount not in _COMPUTE:
            continue
        lacking = sorted(c["name"] for c in obj["spec"]["containers"] if not dig(c, "resources", field, amount))
        if lacking:
            texts.append(f"{name} for: {','.join(lacking)}")
    return "; ".join(texts)


def usage(resource: ResourceType, obj: Object) -> dict[str, Decimal]:
    """Give what one object counts for, by quota name."""
    counts = {f"count/{resource.qualified}": Decimal(1)}
    if not resource.group and resource.plural in _COUNTED:
        counts[resource.plural] = Decimal(1)
    if resource.kind == "Pod":
        for container in dig(obj, "spec", "containers", default=[]):
            _add_container(counts, container)
    if resource.kind == "PersistentVolumeClaim":
        counts["requests.storage"] = parse_quantity(dig(obj, "spec", "resources", "requests", "storage", default="0"))
    return counts


def _add_container(counts: dict[str, Decimal], container: Object) -> None:
    for field in ("requests", "limits"):
        for name, amount in dig(container, "resources", field, default={}).items():
            value = parse_quantity(amount)
            names: Iterable[str] = (f"{field}.{name}", name) if field == "requests" else (f"{field}.{name}",)
            for key in names:
                counts[key] = counts.get(key, Decimal(0)) + value


def used_amounts(store: Store, quota: Object) -> dict[str, Decimal]:
    """Sum what the objects of the quota's namespace use of everything that it limits; finished pods are free."""
    hard = dig(quota, "spec", "hard", default={})
    total = {name: Decimal(0) for name in hard}
    for resource in RESOURCES:
        if not resource.namespaced:
            continue
        for obj in store.all(resource.group, resource.plural, quota["metadata"]["namespace"]):
            if resource.kind == "Pod" and dig(obj, "status", "phase") in ("Succeeded", "Failed"):
                continue
            for name, amount in usage(resource, obj).items():
                if name in total:
                    total[name] += amount
    return total


def quota_status(store: Store, quota: Object) -> Object:
    """Build a quota's status: its limits and what is used."""
    used = {name: _text(name, amount) for name, amount in used_amounts(store, quota).items()}
    return {"hard": dict(dig(quota, "spec", "hard", default={})), "used": used}
