"""What a diagnosis asks of the API server: 12 requests for what is healthy, 20 for what is broken, never more.

Counted on captures of a real cluster, so it is exact and the same everywhere.
"""

from dataclasses import dataclass, replace

import pytest

from bot import wiring
from explainers.operations.base import Answer, Operation
from tests.fakes.passing import Passing
from tests.faults.harness import Fault, faults
from tests.faults.verdicts import CAPTURED_AS, ask, captured

CAPTURED = [fault for fault in faults() if captured(fault).exists()]
HEALTHY, BROKEN = 12, 20
CRON_JOB = 14
"""A CronJob called by its bare name: two waves of look-up, its Jobs, and the pods of the last three."""


@dataclass
class Counting(Passing):
    """The cluster of a capture, with its requests counted."""

    requests: int = 0

    def run(self, operation: Operation) -> Answer:
        self.requests += 1
        return self.inner.run(operation)


@pytest.mark.parametrize("fault", CAPTURED, ids=lambda fault: fault.name)
def test_requests_stay_within_the_budget(fault: Fault) -> None:
    services = wiring.offline_services(captured(fault))
    counting = Counting(services.cluster)
    ask(replace(services, cluster=counting), fault, CAPTURED_AS)
    healthy = CRON_JOB if "cronjob" in fault.name else HEALTHY
    assert counting.requests <= (healthy if fault.healthy else BROKEN)
