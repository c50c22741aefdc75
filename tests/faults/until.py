"""Has the fault developed? The conditions that `fault.yaml` lists under `until`, asked of the cluster.

Each is one YAML mapping, recognised by its first word:

- `pods: SELECTOR` with any of `waiting`, `terminated`, `restarts`, `running`, `phase`, `ready`, `log`: at least `count`
  (1) pods fit all; the reasons and the restarts are those of some container, now or in its last state, and `running`
  is the time in seconds that each started container has run for, by the node's clock;
- `event: REASON` with `text` or `count`: an event of that reason, its message containing the text, `count` (1) times;
- `object: KIND/NAME`, `path`, `equals`: a field; a list is entered by index, or by the `type` or `name` of its entry;
- `seconds: N`: simply that long after the last step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.faults.sight import Sight

KEYS = {
    "pods": {"waiting", "terminated", "restarts", "running", "phase", "ready", "log", "count"},
    "event": {"text", "count"},
    "object": {"path", "equals"},
    "seconds": set[str](),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of `until`. `wanted` is the mapping as written."""

    kind: str
    wanted: Mapping[str, Any]

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Condition:
        """Raises ValueError for a word that no condition knows."""
        kind = next((word for word in KEYS if word in mapping), None)
        if kind is None or not mapping.keys() <= KEYS[kind] | {kind}:
            raise ValueError(f"until: {dict(mapping)} is no condition; known: {KEYS}")
        return cls(kind, mapping)

    def holds(self, sight: Sight, since: float) -> bool:
        """Ask the cluster; `since` is the monotonic time of the last step, in seconds."""
        if self.kind == "pods":
            return _pods(sight, self.wanted)
        if self.kind == "event":
            return _event(sight, self.wanted)
        if self.kind == "object":
            return _object(sight, self.wanted)
        return time.monotonic() - since >= float(self.wanted["seconds"])


def _pods(sight: Sight, wanted: Mapping[str, Any]) -> bool:
    pods = sight.pods(str(wanted["pods"]))
    return sum(1 for pod in pods if _pod_fits(sight, pod, wanted)) >= int(wanted.get("count", 1))


def _pod_fits(sight: Sight, pod: dict[str, Any], wanted: Mapping[str, Any]) -> bool:
    status = pod.get("status", {})
    containers = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    checks: dict[str, Callable[[Any], bool]] = {
        "phase": lambda value: status.get("phase") == value,
        "ready": lambda value: _ready(status) == value,
        "restarts": lambda value: any(c["restartCount"] >= value for c in containers),
        "running": lambda value: _running(containers) >= value,
        "waiting": lambda value: value in _reasons(containers, "waiting"),
        "terminated": lambda value: value in _reasons(containers, "terminated"),
        "log": lambda value: _logged(sight, pod, str(value)),
    }
    return all(checks[key](value) for key, value in wanted.items() if key in checks)


def _ready(status: Mapping[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))


def _reasons(containers: Iterable[Mapping[str, Any]], state: str) -> set[str]:
    states = [c.get(where, {}).get(state, {}) for c in containers for where in ("state", "lastState")]
    return {str(found.get("reason")) for found in states if found}


def _running(containers: Iterable[Mapping[str, Any]]) -> float:
    """How long the last one started has run, in seconds; -1 where none runs."""
    states = [container.get("state", {}).get("running") for container in containers]
    started = [datetime.fromisoformat(state["startedAt"]) for state in states if state]
    return min((datetime.now(UTC) - one).total_seconds() for one in started) if started else -1.0


def _logged(sight: Sight, pod: Mapping[str, Any], text: str) -> bool:
    status, spec = pod.get("status", {}), pod["spec"]
    if not status.get("containerStatuses"):
        return False
    names = [one["name"] for side in ("initContainers", "containers") for one in spec.get(side, [])]
    return text in sight.log(pod["metadata"]["name"], names)


def _event(sight: Sight, wanted: Mapping[str, Any]) -> bool:
    events = sight.events(str(wanted["event"]))
    told = [event for event in events if str(wanted.get("text", "")) in (event.get("message") or "")]
    return sum(event.get("count") or 1 for event in told) >= int(wanted.get("count", 1))


def _object(sight: Sight, wanted: Mapping[str, Any]) -> bool:
    found = sight.object(str(wanted["object"]))
    if "path" not in wanted:
        return found is not None
    return bool(_at(found, str(wanted["path"]).split(".")) == wanted.get("equals"))


def _at(value: Any, path: Sequence[str]) -> Any:
    for word in path:
        if isinstance(value, list):
            value = _entry(value, word)
        elif isinstance(value, dict):
            value = value.get(word)
        else:
            return None
    return value


def _entry(entries: list[Any], word: str) -> Any:
    if word.isdigit():
        return entries[int(word)] if int(word) < len(entries) else None
    return next((e for e in entries if isinstance(e, dict) and word in (e.get("type"), e.get("name"))), None)
