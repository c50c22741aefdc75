"""A Deployment's status: counts, and the three conditions that tell how its rollout goes."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from bot.sandbox.jsonish import Object, Objects, dig, parse_timestamp, timestamp
from bot.sandbox.world import after, condition, set_condition

_DONE, _TIMED_OUT = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"


def bounds(owner: Object) -> tuple[int, int]:
    """Resolve maxSurge (rounded up) and maxUnavailable (rounded down) to numbers of pods."""
    wanted = dig(owner, "spec", "replicas", default=0)
    if dig(owner, "spec", "strategy", "type") == "Recreate":
        return 0, wanted
    rolling = dig(owner, "spec", "strategy", "rollingUpdate", default={})
    surge = _resolve(rolling.get("maxSurge", "25%"), wanted, math.ceil)
    unavailable = _resolve(rolling.get("maxUnavailable", "25%"), wanted, math.floor)
    return surge, (1 if not surge and not unavailable else unavailable)


def _resolve(value: Any, wanted: int, rounded: Any) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return int(rounded(int(value[:-1]) * wanted / 100))
    return int(value)


def deployment_status(
    owner: Object, sets: Objects, new: Object | None, now: datetime, created: str
) -> tuple[Object, datetime | None]:
    """Build the status and the moment at which the progress deadline passes, if it still can.

    `created` names a ReplicaSet that was made just now.
    """
    counts = _counts(owner, sets, new)
    status: Object = {key: value for key, value in counts.items() if value}
    status["observedGeneration"] = owner["metadata"].get("generation", 1)
    old = dig(owner, "status", default={})
    conditions: Objects = list(old.get("conditions") or [])
    conditions = set_condition(conditions, _with_update(conditions, _availability(owner, counts), now), timestamp(now))
    progressing, wake = _progress(owner, new, counts, now, created)
    conditions = set_condition(conditions, _with_update(conditions, progressing, now), timestamp(now))
    conditions = [item for item in conditions if item["type"] != "ReplicaFailure"]
    if failure := _failure(sets):
        before = condition(old.get("conditions") or [], "ReplicaFailure")
        conditions.append(before or {**failure, "lastUpdateTime": failure["lastTransitionTime"]})
    status["conditions"] = conditions
    return status, wake


def _counts(owner: Object, sets: Objects, new: Object | None) -> Object:
    def total(field: str) -> int:
        return sum(dig(item, "status", field, default=0) for item in sets)

    available = total("availableReplicas")
    intended = dig(owner, "spec", "replicas", default=0) if new or sets else 0
    wanted = max(intended, total("replicas"))
    return {
        "replicas": total("replicas"),
        "updatedReplicas": dig(new, "status", "replicas", default=0) if new else 0,
        "readyReplicas": total("readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(wanted - available, 0),
    }


def _availability(owner: Object, counts: Object) -> Object:
    _, unavailable = bounds(owner)
    if counts["availableReplicas"] >= dig(owner, "spec", "replicas", default=0) - unavailable:
        text, reason, value = "Deployment has minimum availability.", "MinimumReplicasAvailable", "True"
    else:
        text, reason, value = "Deployment does not have minimum availability.", "MinimumReplicasUnavailable", "False"
    return {"type": "Available", "status": value, "reason": reason, "message": text}


def _progress(
    owner: Object, new: Object | None, counts: Object, now: datetime, created: str
) -> tuple[Object, datetime | None]:
    old = condition(dig(owner, "status", "conditions", default=[]), "Progressing")
    if dig(owner, "spec", "paused"):
        return _progressing("Unknown", "DeploymentPaused", "Deployment is paused"), None
    if new is None:
        return old or _progressing("True", "NewReplicaSetCreated", ""), None
    name = new["metadata"]["name"]
    if created:
        fresh = _progressing("True", "NewReplicaSetCreated", f'Created new replica set "{name}"')
        return fresh, _deadline(owner, now)
    if _complete(owner, counts):
        return _progressing("True", _DONE, f'ReplicaSet "{name}" has successfully progressed.'), None
    if old.get("reason") == "DeploymentPaused":
        return _progressing("Unknown", "DeploymentResumed", "Deployment is resumed"), _deadline(owner, now)
    return _unfinished(owner, name, counts, now, old)


def _unfinished(owner: Object, name: str, counts: Object, now: datetime, old: Object) -> tuple[Object, datetime | None]:
    settled = old.get("reason") == _DONE and name in old.get("message", "")
    before = dig(owner, "status", default={})
    moved = any(
        counts[field] > before.get(field, 0) for field in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    if settled:
        return old, None
    if moved:
        return _progressing("True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.'), _deadline(owner, now)
    since = parse_timestamp(old["lastUpdateTime"]) if old.get("lastUpdateTime") else now
    deadline = _deadline(owner, since)
    if (deadline and now >= deadline) or (old.get("reason") == _TIMED_OUT and name in old.get("message", "")):
        return _progressing("False", _TIMED_OUT, f'ReplicaSet "{name}" has timed out progressing.'), None
    if old.get("reason") in (_DONE, _TIMED_OUT) or not old:
        return _progressing("True", "FoundNewReplicaSet", f'Found new replica set "{name}"'), _deadline(owner, now)
    return old, deadline


def _progressing(status: str, reason: str, message: str) -> Object:
    return {"type": "Progressing", "status": status, "reason": reason, "message": message}


def _deadline(owner: Object, since: datetime) -> datetime | None:
    seconds = dig(owner, "spec", "progressDeadlineSeconds", default=600)
    return after(since, seconds + 1) if seconds < 2**31 - 1 else None


def _complete(owner: Object, counts: Object) -> bool:
    wanted = dig(owner, "spec", "replicas", default=0)
    return all(counts[field] == wanted for field in ("replicas", "updatedReplicas", "availableReplicas"))


def _failure(sets: Objects) -> Object:
    for item in sets:
        if found := condition(dig(item, "status", "conditions", default=[]), "ReplicaFailure"):
            return found
    return {}


def _with_update(conditions: Objects, new: Object, now: datetime) -> Object:
    old = condition(conditions, new["type"])
    same = all(old.get(key) == new.get(key) for key in ("status", "reason", "message"))
    return {**new, "lastUpdateTime": old.get("lastUpdateTime", timestamp(now)) if same else timestamp(now)}
