"""A namespace of one's own on one of the clusters, for contract tests."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from bot.cluster.adapter import KubernetesClusters
from commands.base.ports import Cluster
from explainers.kinds import Kind
from explainers.operations.apply import Create
from explainers.operations.base import Json
from explainers.operations.reads import Get

PATIENCE = 120.0


@dataclass(frozen=True)
class Room:
    """A namespace of its own on one of the clusters."""

    clusters: KubernetesClusters
    cluster: Cluster
    namespace: str

    def create(self, kind: Kind, body: Json) -> Json:
        whole = {"apiVersion": kind.api_version, "kind": kind.name, **body}
        answer = self.cluster.run(Create(kind, self.namespace, whole))
        assert answer.ok, answer.problem
        return answer.object

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds: controllers and caches follow a write a little later."""
        pause = threading.Event()
        for _ in range(int(PATIENCE / 0.2)):
            if holds():
                return
            pause.wait(0.2)
        raise AssertionError("it never holds")

    def seen(self, kind: Kind, name: str, wanted: Callable[[Json], bool]) -> Json:
        """The object when it is as wanted."""
        self.until(lambda: bool(found := self.cluster.run(Get(kind, self.namespace, name)).object) and wanted(found))
        return self.cluster.run(Get(kind, self.namespace, name)).object
