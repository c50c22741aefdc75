"""Every captured fault of a real node, judged without a cluster: the verdict that its fault.yaml expects, within the
budget of requests, and no worse for a right that is taken away.

A capture is judged once for all of this. The parameter has the scope of the module, so the tests of one capture follow
each other.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot import wiring
from bot.cluster.snapshot import SnapshotCluster
from bot.state.memory import MemoryState
from commands.base.errors import Denied
from commands.base.ports import Services
from explainers import kinds
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import Rows
from tests.fakes.passing import Passing
from tests.faults.harness import Fault, faults
from tests.faults.verdicts import CAPTURED_AS, ask, captured, complaints
from tests.madeup import a_share
from tests.unit.explainers.diagnosis.many import crowded, many

CAPTURED = [fault for fault in faults() if captured(fault).exists()]
HEALTHY, BROKEN = 12, 20
"""What a diagnosis may ask of the API server: 12 requests for what is healthy, 20 for what is broken, never more.
Counted on captures of a real cluster, so it is exact and the same everywhere."""
REFUSED = (
    kinds.POD, kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.NETWORK_POLICY, kinds.DEPLOYMENT, kinds.STATEFUL_SET,
    kinds.REPLICA_SET, kinds.JOB, kinds.CONFIG_MAP, kinds.SECRET, kinds.PERSISTENT_VOLUME_CLAIM, kinds.NODE,
    kinds.STORAGE_CLASS, kinds.RESOURCE_QUOTA, kinds.LIMIT_RANGE, kinds.SERVICE_ACCOUNT, kinds.ROLE,
)  # fmt: skip
WEAKER = {(43, 42), (110, 109), (38, 19), (74, 71)}
"""With less to see, a neighbouring class is the honest answer: a login refused instead of a login missing."""


ONLY_AMONG_FEW = {"001-callee-asked", "015-governor-misspelt"}
"""Who calls a workload that is well, and has no Service or not the one that it names, stands in the variables of
others: among many they are read of those that lack pods."""


@dataclass
class Counting(Passing):
    """The cluster of a capture, with its requests counted."""

    requests: int = 0

    def run(self, operation: Operation) -> Answer:
        self.requests += 1
        return self.inner.run(operation)


@dataclass
class Sparing(Passing):
    """A cluster that notes whether rows were asked for, or (with `whole`) prints none, so that all pods are read."""

    whole: bool = False
    asked: bool = False

    def run(self, operation: Operation) -> Answer:
        if not isinstance(operation, Rows):
            return self.inner.run(operation)
        self.asked = True
        return Answer(406, problem="only JSON here") if self.whole else self.inner.run(operation)


@dataclass(frozen=True)
class Judged:
    """A scenario, the verdict from its capture, and how many requests that took."""

    fault: Fault
    verdict: dict[str, Any]
    requests: int


def _of(captures: Sequence[Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("judged", captures, ids=lambda fault: fault.name, indirect=True, scope="module")


EACH, SOME = _of(CAPTURED), _of(a_share(CAPTURED))
"""Every capture as it is; those that are varied here are fewer in `make quick`."""


@pytest.fixture(scope="module")
def judged(request: pytest.FixtureRequest) -> Judged:
    fault = request.param
    services = wiring.offline_services(captured(fault))
    counting = Counting(services.cluster)
    verdict = ask(replace(services, cluster=counting), fault, CAPTURED_AS)
    return Judged(fault, verdict, counting.requests)


@EACH
def test_capture_gives_the_expected_verdict_within_the_budget(judged: Judged) -> None:
    assert complaints(judged.fault, judged.verdict, CAPTURED_AS) == []
    assert judged.requests <= (HEALTHY if judged.fault.healthy else BROKEN)


@SOME
def test_a_refusal_invents_no_fault_and_hides_none(judged: Judged) -> None:
    """One right is taken away from each captured scenario: the same classes are found, or the verdict is unknown."""
    fault, full = judged.fault, judged.verdict
    kind = REFUSED[zlib.crc32(fault.name.encode()) % len(REFUSED)]
    capture = json.loads(captured(fault).read_text())
    where = CAPTURED_AS if kind.namespaced else ""
    row = {"resource": kind.resource, "namespace": where, "status": 403, "problem": f"{kind.plural} is forbidden"}
    made = SnapshotCluster(capture | {"unread": [*capture.get("unread", []), row]})
    try:
        less = ask(Services(made, made.clock, made.ask, MemoryState()), fault, CAPTURED_AS)
    except Denied:  # the target itself may not be read
        return
    told = [full["cause"], *full["consequences"]]
    before, now = {one["class"] for one in told if one}, (less["cause"] or {}).get("class")
    assert less["verdict"] in ("unknown", full["verdict"])
    assert now is None or now in before or any((one, now) in WEAKER for one in before)


@SOME
def test_pods_that_look_alike_tell_what_all_of_them_tell(judged: Judged) -> None:
    """Three pods for each that a Deployment made: read sparingly, they give the verdict of reading them all. Only where
    all do not tell, because the newest have hardly begun, one that does may be the one that was read."""
    cluster = SnapshotCluster(many(json.loads(captured(judged.fault).read_text())))
    sparing, whole = Sparing(cluster), Sparing(cluster, whole=True)
    told = _told(Services(sparing, cluster.clock, cluster.ask, MemoryState()), judged.fault)
    if sparing.asked:  # else both read the same
        every = _told(Services(whole, cluster.clock, cluster.ask, MemoryState()), judged.fault)
        assert told == every or every[0] == "unknown"


@SOME
def test_strangers_in_the_namespace_change_nothing(judged: Judged) -> None:
    """Where it holds many Services and Deployments, they are known by their rows: after one page, which shows that."""
    cluster = SnapshotCluster(crowded(json.loads(captured(judged.fault).read_text())))
    counting = Counting(cluster)
    told = _told(Services(counting, cluster.clock, cluster.ask, MemoryState()), judged.fault)
    assert (told == _verdict(judged.verdict)) is (judged.fault.name not in ONLY_AMONG_FEW)
    assert counting.requests <= BROKEN + 1


def _told(services: Services, fault: Fault) -> tuple[object, ...]:
    return _verdict(ask(services, fault, CAPTURED_AS))


def _verdict(verdict: dict[str, Any]) -> tuple[object, ...]:
    cause = verdict["cause"] or {}
    return verdict["verdict"], cause.get("class"), cause.get("object"), [step["kubectl"] for step in verdict["plan"]]
