"""The port Catalog over a namespace's ConfigMaps: read whole, and anew as soon as a watch hears of any change."""

import threading
from collections.abc import Sequence
from time import monotonic

from commands.base.errors import Unavailable
from commands.base.ports import Cluster
from explainers import kinds
from explainers.catalog.model import Shelf
from explainers.catalog.reading import read_shelf
from explainers.operations.reads import List

WATCH_SECONDS = 240
SETTLE_SECONDS = 0.2
"""Changes that come together are read together."""
AGAIN_SECONDS = 30
"""The catalog is read this often, whatever a watch says."""
FRESH_SECONDS = 1.0
PAUSE_SECONDS = 1.0


class WatchedCatalog:
    """The catalog of a broker. Without `start`, each `shelf` reads it anew unless it was read within a second."""

    def __init__(self, cluster: Cluster, namespace: str, kinds_made: Sequence[str] = ()) -> None:
        """`kinds_made` are the kinds of objects that the broker may make besides the usual ones."""
        self._cluster = cluster
        self._kinds = tuple(kinds_made)
        self._operation = List(kinds.CONFIG_MAP, namespace)
        self._namespace = namespace
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None
        self._read_at = 0.0
        self._problem = ""
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> "WatchedCatalog":
        """Read and watch in the background."""
        for work in (self._watching, self._reading):
            thread = threading.Thread(target=work, name=f"catalog-{work.__name__}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        self._changed.set()

    def shelf(self) -> Shelf:
        """See the port. While the cluster is away, what was read last is good for half a minute more."""
        age = monotonic() - self._read_at
        if self._shelf is None or (not self._threads and age > FRESH_SECONDS) or age > 2 * AGAIN_SECONDS:
            self._read()
        if self._shelf is None or monotonic() - self._read_at > 2 * AGAIN_SECONDS:
            raise Unavailable(f"The catalog cannot be read: {self._problem}", "it is not empty, only out of reach")
        return self._shelf

    def _read(self) -> None:
        with self._lock:
            answer = self._cluster.run(self._operation)
            if answer.ok:
                self._shelf = read_shelf(answer.items, self._kinds)
                self._read_at = monotonic()
                return
            self._problem = answer.problem
            if answer.forbidden:
                self._shelf = None
                self._problem = f"it needs {self._operation.permission()}. {answer.problem}"

    def _reading(self) -> None:
        while not self._stopped.is_set():
            self._read()
            self._changed.wait(AGAIN_SECONDS)
            self._stopped.wait(SETTLE_SECONDS)
            self._changed.clear()

    def _watching(self) -> None:
        """A watch begins with what is there, so whatever changed before it heard is read after it."""
        while not self._stopped.is_set():
            for _event in self._cluster.watch(self._operation, WATCH_SECONDS):
                self._changed.set()
                if self._stopped.is_set():
                    return
            self._changed.set()
            self._stopped.wait(PAUSE_SECONDS)
