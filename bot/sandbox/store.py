"""The object store: what etcd and the watch cache are to an API server, in one small class.

It knows keys, versions, selectors and watches, and nothing of HTTP or of what objects mean,
so that a captured snapshot can be served from it too.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

from bot.sandbox.jsonish import Object, Objects, copied, timestamp
from bot.sandbox.selectors import matches_fields, matches_labels, parse_field_selector, parse_label_selector

_HISTORY = 20_000


class StoreError(Exception):
    """Base of what the store refuses."""


class NotFoundError(StoreError):
    """No object has this key."""


class AlreadyExistsError(StoreError):
    """An object has this key already."""


class ConflictError(StoreError):
    """The object changed since the version that the writer read."""


class GoneError(StoreError):
    """The watch asks for changes older than the history kept."""


class Key(NamedTuple):
    """Where an object lives: API group ("" is core), plural resource, namespace ("" for cluster scope), name."""

    group: str
    resource: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Change:
    """One write: `kind` is ADDED, MODIFIED or DELETED; `before` is the object until then. Treat both as read-only."""

    version: int
    kind: str
    key: Key
    after: Object
    before: Object | None = None


Changes = list[Change]


@dataclass(frozen=True)
class Listing:
    """The objects selected, in key order, and the store's version at that moment."""

    items: list[Object]
    version: int


@dataclass(frozen=True)
class Query:
    """Which objects of one resource: a namespace (None for all) and the two selectors in their text form."""

    group: str
    resource: str
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""

    def filter(self) -> Callable[[Key, Object], bool]:
        """Build the test for one object. Raises SelectorError for a selector that cannot be read."""
        labels = parse_label_selector(self.label_selector)
        fields = parse_field_selector(self.field_selector)

        def selected(key: Key, obj: Object) -> bool:
            return (
                self.namespace in (None, key.namespace)
                and matches_labels(labels, obj.get("metadata", {}).get("labels"))
                and matches_fields(fields, obj)
            )

        return selected

    def seen(self, change: Change) -> tuple[str, Object] | None:
        """Translate a change for a watcher: leaving the selection looks like DELETED, entering it like ADDED."""
        if (change.key.group, change.key.resource) != (self.group, self.resource):
            return None
        selected = self.filter()
        now = change.kind != "DELETED" and selected(change.key, change.after)
        before = change.before is not None and selected(change.key, change.before)
        if now:
            return ("MODIFIED" if before else "ADDED", change.after)
        return ("DELETED", change.after) if before else None


class Store:
    """Objects by key with one version counter for all; every method may be called from any thread."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self._lock = threading.RLock()
        self._written = threading.Condition(self._lock)
        self._resources: dict[tuple[str, str], dict[Key, Object]] = {}
        self._history: deque[Change] = deque(maxlen=_HISTORY)
        self._version = 1
        self._subscribers: list[Callable[[Change], None]] = []

    @property
    def lock(self) -> threading.RLock:
        """Hold this to read and write several objects as one step."""
        return self._lock

    @property
    def version(self) -> int:
        """The version of the newest write."""
        return self._version

    def load(self, group: str, resource: str, items: Iterable[Object]) -> None:
        """Put objects in as they are, versions and times included, as a snapshot is restored."""
        with self._lock:
            for item in items:
                key = key_of(group, resource, item)
                self._table(key)[key] = copied(item)
                version = str(item.get("metadata", {}).get("resourceVersion", ""))
                self._version = max(self._version, int(version) if version.isdigit() else 0)

    def get(self, group: str, resource: str, namespace: str, name: str) -> Object:
        """Give a copy of one object.

        Raises NotFoundError.
        """
        found: Object = copied(self.peek(Key(group, resource, namespace, name)))
        return found

    def peek(self, key: Key) -> Object:
        """Give the stored object itself, for reading only.

        Raises NotFoundError.
        """
        with self._lock:
            try:
                return self._table(key)[key]
            except KeyError:
                raise NotFoundError(key.name) from None

    def find(self, group: str, resource: str, namespace: str, name: str) -> Object | None:
        """Give the stored object itself for reading, or None."""
        with self._lock:
            key = Key(group, resource, namespace, name)
            return self._table(key).get(key)

    def list(
        self,
        group: str,
        resource: str,
        namespace: str | None = None,
        label_selector: str = "",
        field_selector: str = "",
    ) -> Listing:
        """Give copies of the selected objects in key order.

        Raises SelectorError for a selector that cannot be read.
        """
        query = Query(group, resource, namespace, label_selector, field_selector)
        selected = query.filter()
        with self._lock:
            table = self._resources.get((group, resource), {})
            keys = sorted(key for key, obj in table.items() if selected(key, obj))
            return Listing([copied(table[key]) for key in keys], self._version)

    def all(self, group: str, resource: str, namespace: str | None = None) -> Objects:
        """Give the stored objects themselves in key order, for reading only."""
        with self._lock:
            table = self._resources.get((group, resource), {})
            keys = table if namespace is None else [key for key in table if key.namespace == namespace]
            return [table[key] for key in sorted(keys)]

    def create(self, group: str, resource: str, obj: Object) -> Object:
        """Store a new object with uid, creation time and version, and give a copy of it.

        Raises AlreadyExistsError.
        """
        key = key_of(group, resource, obj)
        with self._lock:
            if key in self._table(key):
                raise AlreadyExistsError(key.name)
            stored: Object = copied(obj)
            meta = stored.setdefault("metadata", {})
            meta.setdefault("uid", str(uuid.uuid4()))
            meta.setdefault("creationTimestamp", timestamp(self.now()))
            return self._put(key, stored, None, "ADDED")

    def update(self, group: str, resource: str, obj: Object) -> Object:
        """Replace an object; one that carries a resourceVersion must carry the newest. Equal content is no write.

        Raises NotFoundError, ConflictError.
        """
        key = key_of(group, resource, obj)
        with self._lock:
            before = self.peek(key)
            version = obj.get("metadata", {}).get("resourceVersion")
            if version and version != before["metadata"].get("resourceVersion"):
                raise ConflictError(key.name)
            stored: Object = copied(obj)
            for kept in ("uid", "creationTimestamp", "resourceVersion"):
                if kept in before["metadata"]:
                    stored["metadata"][kept] = before["metadata"][kept]
            if stored == before:
                return stored
            return self._put(key, stored, before, "MODIFIED")

    def set_status(self, group: str, resource: str, obj: Object, status: Object) -> None:
        """Write an object's status alone, whatever version it has; an equal one is no write.

        Raises NotFoundError.
        """
        key = key_of(group, resource, obj)
        with self._lock:
            before = self.peek(key)
            if before.get("status") != status:
                # Stored objects are never changed in place, so the parts that stay are shared.
                after = {**before, "metadata": dict(before["metadata"]), "status": copied(status)}
                self._keep(key, after, before, "MODIFIED")

    def delete(self, group: str, resource: str, namespace: str, name: str) -> Object:
        """Remove an object and give its last state.

        Raises NotFoundError.
        """
        key = Key(group, resource, namespace, name)
        with self._lock:
            before = self.peek(key)
            self._version += 1
            last: Object = copied(before)
            last["metadata"]["resourceVersion"] = str(self._version)
            del self._table(key)[key]
            self._announce(Change(self._version, "DELETED", key, last, before))
            return last

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` inside every write, in order; the function given back ends that."""
        with self._lock:
            self._subscribers.append(listener)

        def cancel() -> None:
            with self._lock:
                if listener in self._subscribers:
                    self._subscribers.remove(listener)

        return cancel

    def changes_since(self, version: int) -> Changes:
        """Give the changes after a version.

        Raises GoneError when the history does not reach back that far.
        """
        with self._lock:
            if len(self._history) == _HISTORY and version < self._history[0].version - 1:
                raise GoneError(f"too old resource version: {version} ({self._history[0].version})")
            return [change for change in self._history if change.version > version]

    def watch(self, query: Query, since: int | None = None, timeout: float = 5.0) -> Iterator[tuple[str, Object]]:
        """Yield (ADDED|MODIFIED|DELETED, object copy) after a version (default: now) until `timeout` seconds passed.

        Raises GoneError, SelectorError.
        """
        seen = self._version if since is None else since
        deadline = monotonic() + timeout
        while True:
            with self._written:
                changes = self.changes_since(seen)
                if not changes and not self._written.wait(max(deadline - monotonic(), 0.0)):
                    return
            for change in changes:
                seen = change.version
                if found := query.seen(change):
                    yield found[0], copied(found[1])
            if monotonic() >= deadline:
                return

    def _table(self, key: Key) -> dict[Key, Object]:
        return self._resources.setdefault((key.group, key.resource), {})

    def _put(self, key: Key, stored: Object, before: Object | None, kind: str) -> Object:
        self._keep(key, stored, before, kind)
        result: Object = copied(stored)
        return result

    def _keep(self, key: Key, stored: Object, before: Object | None, kind: str) -> None:
        self._version += 1
        stored["metadata"]["resourceVersion"] = str(self._version)
        self._table(key)[key] = stored
        self._announce(Change(self._version, kind, key, stored, before))

    def _announce(self, change: Change) -> None:
        self._history.append(change)
        self._written.notify_all()
        for listener in list(self._subscribers):
            listener(change)


def key_of(group: str, resource: str, obj: Object) -> Key:
    """Build an object's key from its metadata."""
    meta = obj.get("metadata") or {}
    return Key(group, resource, meta.get("namespace") or "", meta.get("name") or "")
