"""Events, written and counted as the controllers and the kubelet do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.jsonish import Object, micro_timestamp, parse_timestamp, timestamp
from bot.sandbox.store import NotFoundError, Store

_SIMILAR = 10
# A reporter may write 25 events about one object at once, and one more every five minutes.
_BURST, _REFILL = 25.0, 300.0
_KEPT = timedelta(hours=1)
# Events that come one after the other are removed together.
_SWEEP = timedelta(minutes=1)
_COMBINED = "(combined from similar events): "


@dataclass(frozen=True)
class Source:
    """Who reports: a component, and for the kubelet its node."""

    component: str
    host: str = ""

    @property
    def series(self) -> bool:
        """The scheduler writes events of the newer kind, counted in a series."""
        return self.component == "default-scheduler"


@dataclass
class Recorder:
    """Writes events about objects into the store."""

    store: Store
    _names: dict[tuple[str, ...], str] = field(default_factory=dict)
    _similar: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    _allowance: dict[tuple[str, str, str], tuple[float, datetime]] = field(default_factory=dict)

    def record(self, obj: Object, kind: str, reason: str, message: str, source: Source, field_path: str = "") -> None:
        """Write a Normal or Warning event, or count it on the equal one before."""
        uid = obj["metadata"].get("uid", "")
        if not source.series and not self._allowed((uid, source.component, source.host)):
            return
        message = self._combined((uid, kind, reason, source.component), message)
        key = (uid, kind, reason, source.component, source.host, field_path, message)
        namespace = obj["metadata"].get("namespace") or "default"
        name = self._names.get(key, "")
        try:
            event = self.store.get("", "events", namespace, name)
        except NotFoundError:
            self._names[key] = self._create(obj, key, namespace)
            return
        self._count(event, source)
        self.store.update("", "events", event)

    def expire(self, namespace: str) -> datetime | None:
        """Remove events older than an hour, as the API server does; give the moment at which the next one is."""
        oldest, kept = self.store.now() - _KEPT, []
        for event in self.store.all("", "events", namespace):
            last = event.get("lastTimestamp") or (event.get("series") or {}).get("lastObservedTime")
            moment = parse_timestamp(last or event.get("eventTime") or event["metadata"]["creationTimestamp"])
            if moment < oldest:
                self.store.delete("", "events", namespace, event["metadata"]["name"])
            else:
                kept.append(moment)
        return min(kept) + _KEPT + _SWEEP if kept else None

    def _allowed(self, key: tuple[str, str, str]) -> bool:
        now = self.store.now()
        left, since = self._allowance.get(key, (_BURST, now))
        left = min(_BURST, left + (now - since).total_seconds() / _REFILL)
        self._allowance[key] = (left - 1.0 if left >= 1.0 else left, now)
        return left >= 1.0

    def _combined(self, key: tuple[str, ...], message: str) -> str:
        messages = self._similar.setdefault(key, [])
        if message in messages:
            return message
        if len(messages) >= _SIMILAR - 1:
            return _COMBINED + message
        messages.append(message)
        return message

    def _create(self, obj: Object, key: tuple[str, ...], namespace: str) -> str:
        _, kind, reason, component, host, field_path, message = key
        now, meta = self.store.now(), obj["metadata"]
        involved = {
            "kind": obj["kind"],
            "namespace": meta.get("namespace", ""),
            "name": meta["name"],
            "uid": meta.get("uid", ""),
            "apiVersion": obj["apiVersion"],
            "resourceVersion": meta.get("resourceVersion", ""),
            "fieldPath": field_path,
        }
        digest = hashlib.sha256("\n".join((*key, now.isoformat())).encode()).hexdigest()[:16]
        event: Object = {
            "metadata": {"name": f"{meta['name']}.{digest}", "namespace": namespace},
            "involvedObject": {name: value for name, value in involved.items() if value},
            "reason": reason,
            "message": message,
            "type": kind,
            "reportingComponent": component,
            "reportingInstance": host,
        }
        if Source(component).series:
            action = "Binding" if reason == "Scheduled" else "Scheduling"
            times = {"firstTimestamp": None, "lastTimestamp": None, "eventTime": micro_timestamp(now)}
            event |= {"source": {}, "action": action, **times}
        else:
            source = {"component": component} | ({"host": host} if host else {})
            stamp = timestamp(now)
            event |= {"source": source, "count": 1, "eventTime": None, "firstTimestamp": stamp, "lastTimestamp": stamp}
        self.store.create("", "events", event)
        return str(event["metadata"]["name"])

    def _count(self, event: Object, source: Source) -> None:
        now = self.store.now()
        if source.series:
            count = (event.get("series") or {}).get("count", 1) + 1
            event["series"] = {"count": count, "lastObservedTime": micro_timestamp(now)}
        else:
            event["count"] = event.get("count", 1) + 1
            event["lastTimestamp"] = timestamp(now)
