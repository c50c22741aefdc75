"""What a diagnosis asks of the API server: 12 requests for what is healthy, 20 for what is broken, never more.

Counted on captures of a real cluster, so it is exact and the same everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pytest

from bot import wiring
from commands.base.ports import Cluster
from explainers.operations.base import Answer, Operation
from tests.faults.harness import Fault, faults
from tests.faults.verdicts import CAPTURED_AS, ask, captured

CAPTURED = [fault for fault in faults() if captured(fault).exists()]
HEALTHY, BROKEN = 12, 20
CRON_JOB = 14
"""A CronJob called by its bare name: two waves of look-up, its Jobs, and the pods of the last three."""


@dataclass
class Counting:
    """The cluster of a capture, with its requests counted."""

    inner: Cluster
    requests: int = 0

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def default_namespace(self) -> str:
        return self.inner.default_namespace

    def run(self, operation: Operation) -> Answer:
        self.requests += 1
        return self.inner.run(operation)

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        return [self.run(operation) for operation in operations]

    def watch(self, operation: Operation, seconds: float) -> Iterable[dict[str, object]]:
        return self.inner.watch(operation, seconds)


@pytest.mark.parametrize("fault", CAPTURED, ids=lambda fault: fault.name)
def test_requests_stay_within_the_budget(fault: Fault) -> None:
    services = wiring.offline_services(captured(fault))
    counting = Counting(services.cluster)
    ask(replace(services, cluster=counting), fault, CAPTURED_AS)
    healthy = CRON_JOB if "cronjob" in fault.name else HEALTHY
    assert counting.requests <= (healthy if fault.healthy else BROKEN)
