"""Shown is sent: the kubectl line, the request and the Python lines of every operation do the same.

Each form runs on a fresh copy of the case's objects on a real API server; they must leave equal objects or return
equal data. What a change's inverse is said to do is proven in the same way.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.adapter import KubernetesClusters
from bot.sandbox.server import Sandbox
from commands.base.ports import Cluster
from commands.base.request import Identity
from explainers.operations.base import Change, Operation
from explainers.operations.reads import Watch
from tests.contract.grants import granted
from tests.contract.parity import Sent, Stage, bare, eventually, left, plain
from tests.contract.parity_cases import CASES

FORMS = ("sent", "shown", "python", "back", "right", "like")


# What the sandbox has otherwise on purpose.
OTHERWISE_IN_THE_SANDBOX = {
    "list everywhere": "its CoreDNS has a configuration of its own",
    "undo a StatefulSet": "it keeps no ControllerRevisions",
    "review of a user": "who is bound to nothing may do everything there",
}


@contextmanager
def staged(clusters: KubernetesClusters, folder: Path, kubeconfig: str, forms: Sequence[str]) -> Iterator[Stage]:
    stage = Stage(clusters, folder, kubeconfig)
    for form in forms:
        stage.open(form)
    try:
        yield stage
    finally:
        for form in forms:
            stage.close(form)
        clusters.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, kubeconfig = tmp_path_factory.mktemp("parity"), os.environ["KUBECONFIG"]
    with staged(KubernetesClusters.connect(), folder, kubeconfig, FORMS) as stage:
        yield stage


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox([]) as server:
        kubeconfig = str(server.write_kubeconfig(folder / "kubeconfig"))
        with staged(KubernetesClusters.connect(kubeconfig), folder, kubeconfig, FORMS) as stage:
            yield stage


def results(stage: Stage, name: str) -> dict[str, Any]:
    """What each form leaves or returns."""
    case, found = CASES[name], {}
    for form in stage.forms:
        place = stage.prepare(case, form.name)
        returned = form.run(case.make(place), case)
        found[form.name] = left(case, place) if case.leaves else plain(returned, place)
    return found


@pytest.mark.cluster
@pytest.mark.parametrize("name", CASES)
def test_shown_is_sent(name: str, stage: Stage) -> None:
    found = results(stage, name)
    assert found["shown"] == found["sent"]
    assert found["python"] == found["sent"]


@pytest.mark.kubectl
@pytest.mark.parametrize("name", [name for name in CASES if name not in OTHERWISE_IN_THE_SANDBOX])
def test_shown_is_sent_in_the_sandbox(name: str, sandbox: Stage) -> None:
    found = results(sandbox, name)
    assert found["shown"] == found["sent"]
    assert found["python"] == found["sent"]


@pytest.mark.cluster
@pytest.mark.parametrize("name", [name for name in CASES if name not in OTHERWISE_IN_THE_SANDBOX])
def test_the_sandbox_does_what_a_cluster_does(name: str, stage: Stage, sandbox: Stage) -> None:
    case, found = CASES[name], []
    for each in (stage, sandbox):
        place = each.prepare(case, "like")
        returned = Sent(each.cluster).run(case.make(place), case)
        found.append(bare(left(case, place) if case.leaves else plain(returned, place)))
    assert found[0] == found[1]


@pytest.mark.cluster
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.leaves])
def test_inverse_takes_it_back(name: str, stage: Stage) -> None:
    case = CASES[name]
    place = stage.prepare(case, "back")
    operation = case.make(place)
    assert isinstance(operation, Change)
    inverse = operation.inverse()
    if inverse is None:
        return
    before = left(case, place)
    assert stage.cluster.run(operation).ok
    assert left(case, place) != before
    answer = stage.cluster.run(inverse)
    assert answer.ok, answer.problem
    for _ in eventually(60.0):
        if left(case, place) == before:
            break
    assert left(case, place) == before


@pytest.mark.cluster
@pytest.mark.parametrize("name", CASES)
def test_named_permission_suffices(name: str, stage: Stage) -> None:
    """A user with exactly the named right, and what the case names beside it, may send the request; without it not."""
    case = CASES[name]
    place = stage.prepare(case, "right")
    operation = case.make(place)
    user = f"parity-{secrets.token_hex(4)}"
    also = [one if one.verb == "bind" else replace(one, namespace=place.namespace) for one in case.also]
    limited = stage.clusters.as_identity(Identity(user))
    if not case.open_to_all:
        assert _status(limited, operation) == 403
    with granted(stage.cluster, user, (operation.permission(), *also), place.namespace):
        for _ in eventually(60.0):  # the API server sees a new role a moment later: 403, or 404 for one to be bound
            status = _status(limited, operation)
            if status not in (403, 404):
                break
    assert 200 <= status < 300


def _status(cluster: Cluster, operation: Operation) -> int:
    if not isinstance(operation, Watch):
        return cluster.run(operation).status
    event = next(iter(cluster.watch(operation, 2.0)), {})
    thing = event.get("object")
    return 403 if event.get("type") == "ERROR" and isinstance(thing, dict) and thing.get("code") == 403 else 200
