"""The clusters of the contract tests, the sandbox and a real one, and a room on each."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cluster.adapter import KubernetesClusters
from bot.sandbox.server import Sandbox
from commands.base.request import Identity
from explainers import kinds
from explainers.operations.pods import Delete
from tests.contract.room import Room


@pytest.fixture(scope="module", params=["sandbox", pytest.param("real", marks=pytest.mark.cluster)])
def clusters(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesClusters]:
    if request.param == "real":
        clusters = KubernetesClusters.connect()
        yield clusters
        clusters.close()
        return
    with Sandbox([]) as sandbox:
        path: Path = sandbox.write_kubeconfig(tmp_path_factory.mktemp("sandbox") / "kubeconfig")
        clusters = KubernetesClusters.connect(str(path))
        yield clusters
        clusters.close()


@pytest.fixture(scope="module")
def room(clusters: KubernetesClusters) -> Iterator[Room]:
    cluster = clusters.as_identity(Identity())
    room = Room(clusters, cluster, f"contract-{secrets.token_hex(3)}")
    room.create(kinds.NAMESPACE, {"metadata": {"name": room.namespace}})
    room.seen(kinds.SERVICE_ACCOUNT, "default", bool)
    yield room
    cluster.run(Delete(kinds.NAMESPACE, "", room.namespace))
