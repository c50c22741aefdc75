"""Where the adapters of a broker are tried: namespaces of their own in the sandbox and on a real node."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.adapter import KubernetesClusters
from bot.sandbox.server import Sandbox
from bot.wiring import SystemClock
from commands.base.ports import Clock, Cluster
from commands.base.request import Identity
from explainers import kinds
from explainers.kinds import NAMESPACE, SECRET, SERVICE_ACCOUNT, Kind
from explainers.operations.apply import Create
from explainers.operations.base import Json, Operation
from explainers.operations.owned import SecretFromFile
from explainers.operations.patches import Patch
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, List
from tests.contract.parity import eventually

LISTED = (
    kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.POD, kinds.SERVICE, kinds.CONFIG_MAP, kinds.SECRET,
    kinds.PERSISTENT_VOLUME_CLAIM,
)  # fmt: skip


NODE = pytest.param("cluster", marks=pytest.mark.cluster)


def only(*places: Any) -> pytest.MarkDecorator:
    """For a test that says something of these places alone, among those of the fixture `place`."""
    return pytest.mark.parametrize("place", places, indirect=True, scope="module")


@dataclass(frozen=True)
class Room:
    """A namespace on a cluster; `kubeconfig` is how other programs reach it."""

    clusters: KubernetesClusters
    namespace: str
    kubeconfig: str
    real: bool
    clock: Clock

    @property
    def cluster(self) -> Cluster:
        return self.clusters.as_identity(Identity())

    def as_user(self, user: str) -> Cluster:
        return self.clusters.as_identity(Identity(user))

    def make(self, kind: Kind, name: str, labels: dict[str, str] | None = None, **fields: Any) -> Json:
        metadata = {"name": name, "namespace": self.namespace, "labels": labels or {}}
        body: Json = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **fields}
        operation: Operation = (
            Create(kind, self.namespace, body) if kind != SECRET else SecretFromFile(self.namespace, body)
        )
        answer = self.cluster.run(operation)
        assert answer.ok, answer.problem
        return answer.object

    def get(self, kind: Kind, name: str) -> Json:
        return self.cluster.run(Get(kind, self.namespace, name)).object

    def patch(self, kind: Kind, name: str, body: Json) -> None:
        answer = self.cluster.run(Patch(kind, self.namespace, name, body, "merge"))
        assert answer.ok, answer.problem

    def delete(self, kind: Kind, name: str) -> None:
        assert self.cluster.run(Delete(kind, self.namespace, name)).ok
        for _ in eventually():
            if not self.get(kind, name):
                return
        raise AssertionError(f"{name} stays")

    def there(self, labels: str = "") -> dict[str, str]:
        """The uid of everything with those labels that is not being deleted, by `Kind/name`."""
        found = {}
        for kind in LISTED:
            for thing in self.cluster.run(List(kind, self.namespace, labels)).items:
                if not thing["metadata"].get("deletionTimestamp"):
                    found[f"{kind.name}/{thing['metadata']['name']}"] = str(thing["metadata"]["uid"])
        return found


@contextmanager
def room(clusters: KubernetesClusters, kubeconfig: str, real: bool, prefix: str = "broker") -> Iterator[Room]:
    place = Room(clusters, f"{prefix}-{secrets.token_hex(3)}", kubeconfig, real, SystemClock())
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.namespace}}
    assert place.cluster.run(Create(NAMESPACE, "", body)).ok
    for _ in eventually():
        if place.get(SERVICE_ACCOUNT, "default"):
            break
    try:
        yield place
    finally:
        place.cluster.run(Delete(NAMESPACE, "", place.namespace))


@contextmanager
def stood(where: str, folder: Path, prefix: str = "broker") -> Iterator[Room | None]:
    """A namespace of its own on the cluster of that name; None for `fake`, which has none."""
    if where == "fake":
        yield None
        return
    with (
        connected(where, folder) as (clusters, kubeconfig),
        room(clusters, kubeconfig, where == "cluster", prefix) as found,
    ):
        yield found


@contextmanager
def connected(where: str, folder: Path) -> Iterator[tuple[KubernetesClusters, str]]:
    """The cluster of that name (`sandbox` or `cluster`) and its kubeconfig."""
    if where == "cluster":
        clusters = KubernetesClusters.connect()
        yield clusters, os.environ["KUBECONFIG"]
        clusters.close()
        return
    with Sandbox([]) as server:
        kubeconfig = str(server.write_kubeconfig(folder / "kubeconfig"))
        clusters = KubernetesClusters.connect(kubeconfig)
        yield clusters, kubeconfig
        clusters.close()
