"""A cluster that takes few requests at a time, so that a broker with much to do leaves the API server to others."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from commands.base.ports import Cluster
from explainers.operations.base import Answer, Operation

AT_ONCE = 8


class LimitedCluster:
    """The port Cluster with at most `AT_ONCE` requests under way; watches do not count."""

    def __init__(self, cluster: Cluster, at_once: int = AT_ONCE) -> None:
        self._cluster = cluster
        self._turns = threading.Semaphore(at_once)

    @property
    def name(self) -> str:
        return self._cluster.name

    @property
    def default_namespace(self) -> str:
        return self._cluster.default_namespace

    def run(self, operation: Operation) -> Answer:
        with self._turns:
            return self._cluster.run(operation)

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        if len(operations) < 2:
            return [self.run(operation) for operation in operations]
        with ThreadPoolExecutor(min(len(operations), AT_ONCE), "broker-reading") as pool:
            return list(pool.map(self.run, operations))

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        return self._cluster.watch(operation, seconds)
