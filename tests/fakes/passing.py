"""A cluster that passes everything on to another: what a test wants to see or to break on the way overrides `run`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commands.base.ports import Cluster
from explainers.operations.base import Answer, Operation


@dataclass
class Passing:
    """The port `Cluster` over `inner`. Reads go through `run`, one by one; watches are passed on as they are."""

    inner: Cluster

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def default_namespace(self) -> str:
        return self.inner.default_namespace

    def run(self, operation: Operation) -> Answer:
        return self.inner.run(operation)

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        return [self.run(operation) for operation in operations]

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        return self.inner.watch(operation, seconds)
