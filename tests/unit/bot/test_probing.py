"""The one-time pod: made when first needed, asked, always removed; refusals are answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.probing import MARK, Prober
from explainers.network.probes import TcpConnect, seen
from explainers.operations.base import Answer, Operation
from explainers.operations.execs import Exec
from explainers.operations.pods import Delete, RunPod
from explainers.operations.reads import Get, List
from tests.unit.clusters import Json, pod

PROBE = TcpConnect("shop", (("app", "checkout"),), "web.shop", 80, policed=False)


@dataclass
class FakeCluster:
    """The port `Cluster` with room for one probe pod: what it is asked, it notes."""

    allowed: bool = True
    starts: bool = True
    hears: bool = True  # of the pod's beginning, in time
    exit_codes: list[int] = field(default_factory=lambda: [0])
    left: list[Json] = field(default_factory=list)
    silent: int = 0  # so many changes happen without a word from the API
    asked: list[Operation] = field(default_factory=list)
    name: str = "fake"
    default_namespace: str = "shop"

    def run(self, operation: Operation) -> Answer:
        self.asked.append(operation)
        if operation.changes and self.silent:
            self.silent -= 1
            return Answer(0, problem="the API broke off its answer")
        match operation:
            case RunPod():
                return Answer(201, {}) if self.allowed else Answer(403, problem="pods is forbidden")
            case Exec() if not self.starts:
                return Answer(500, problem="container not found")
            case Exec():
                code = self.exit_codes.pop(0) if len(self.exit_codes) > 1 else self.exit_codes[0]
                return Answer(200, {"exitCode": code, "stdout": "", "stderr": ""})
            case List() if operation.labels == MARK:
                return Answer(200, {"items": self.left})
            case Get():
                status = {"phase": "Pending"} if self.starts else {"phase": "Failed", "message": "no room"}
                return Answer(200, pod(operation.name, {}, ready=False) | {"status": status})
        return Answer(200, {"items": []})

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        return [self.run(operation) for operation in operations]

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        assert isinstance(operation, List)
        assert operation.fields.endswith(",status.phase!=Pending")
        assert operation.metadata_only
        name = operation.fields.removeprefix("metadata.name=").partition(",")[0]
        return [{"type": "ADDED", "object": {"metadata": {"name": name}}}] if self.hears else ()

    def kinds(self, kind: type[Operation]) -> list[Operation]:
        return [one for one in self.asked if isinstance(one, kind)]


def test_one_pod_answers_all_questions_and_is_removed() -> None:
    cluster = FakeCluster()
    prober = Prober(cluster, "busybox:1.36")
    assert seen(prober.ask(PROBE)).worked
    assert seen(prober.ask(TcpConnect("shop", (("app", "checkout"),), "web.shop", 81, policed=False))).worked
    prober.close()
    (run,), (delete,) = cluster.kinds(RunPod), cluster.kinds(Delete)
    assert isinstance(run, RunPod)
    assert isinstance(delete, Delete)
    assert delete.name == run.name
    assert dict(run.labels) == {"app": "checkout", MARK: "true"}


def test_another_caller_gets_another_pod() -> None:
    cluster = FakeCluster()
    prober = Prober(cluster, "busybox:1.36")
    prober.ask(PROBE)
    prober.ask(TcpConnect("shop", (), "web.shop", 80, policed=False))
    prober.close()
    assert len(cluster.kinds(RunPod)) == len(cluster.kinds(Delete)) == 2


def test_without_the_right_nothing_is_made_and_it_is_asked_once() -> None:
    cluster = FakeCluster(allowed=False)
    prober = Prober(cluster, "busybox:1.36")
    assert prober.ask(PROBE).forbidden
    assert prober.ask(PROBE).forbidden
    prober.close()
    assert len(cluster.kinds(RunPod)) == 1
    assert cluster.kinds(Delete) == []


@pytest.mark.parametrize("silent", [1, 2, 3])
def test_a_pod_of_which_nothing_was_heard_is_removed(silent: int) -> None:
    cluster = FakeCluster(silent=silent)
    prober = Prober(cluster, "busybox:1.36")
    assert not prober.ask(PROBE).ok
    prober.close()
    (run,), deletes = cluster.kinds(RunPod), cluster.kinds(Delete)
    assert isinstance(run, RunPod)
    assert {one.name for one in deletes if isinstance(one, Delete)} == {run.name}
    assert len(deletes) == silent  # the last one was answered


def test_a_pod_that_does_not_start_is_removed_and_said() -> None:
    cluster = FakeCluster(starts=False)
    prober = Prober(cluster, "busybox:1.36")
    answer = prober.ask(PROBE)
    prober.close()
    assert answer.status == 0
    assert "no room" in answer.problem
    assert len(cluster.kinds(Delete)) == 1


def test_a_pod_that_is_not_heard_of_in_time_is_said() -> None:
    cluster = FakeCluster(hears=False)
    prober = Prober(cluster, "busybox:1.36")
    assert "not running after 30 s" in prober.ask(PROBE).problem
    prober.close()
    assert len(cluster.kinds(Delete)) == 1


def test_a_failure_of_a_new_pod_is_asked_again() -> None:
    cluster = FakeCluster(exit_codes=[1, 0])
    prober = Prober(cluster, "busybox:1.36")
    assert seen(prober.ask(PROBE)).worked
    assert len(cluster.kinds(Exec)) == 2
    prober.close()


def test_where_policies_may_hold_nothing_is_asked_before_they_do() -> None:
    cluster = FakeCluster(exit_codes=[1, 0])
    prober = Prober(cluster, "busybox:1.36", settle=0.05)
    assert not seen(prober.ask(replace(PROBE, policed=True))).worked  # asked once: the pod is no longer new
    assert len(cluster.kinds(Exec)) == 1
    prober.close()


def test_what_an_earlier_process_left_is_removed() -> None:
    finished = pod("tessera-probe-old", {MARK: "true"})
    finished["status"]["phase"] = "Failed"
    cluster = FakeCluster(left=[finished])
    prober = Prober(cluster, "busybox:1.36")
    prober.ask(PROBE)
    prober.close()
    names = {one.name for one in cluster.kinds(Delete) if isinstance(one, Delete)}
    assert "tessera-probe-old" in names
