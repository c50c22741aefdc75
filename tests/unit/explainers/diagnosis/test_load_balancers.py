"""A load balancer that has no address yet."""

import pytest

from explainers.diagnosis.rules.load_balancers import without_address
from tests.unit.clusters import thing
from tests.unit.explainers.diagnosis.reading import SERVICE, Reading


@pytest.mark.parametrize(("born", "benign"), [("11:59:30", True), ("11:50:00", False)])
def test_what_has_no_address_is_not_simply_well(born: str, benign: bool) -> None:
    made = thing("Service", "web", spec={"type": "LoadBalancer", "selector": {"app": "web"}})
    made["metadata"]["creationTimestamp"] = f"2026-01-02T{born}Z"
    (found,) = Reading(made).see(lambda case: [*without_address(case)], SERVICE)
    assert found.benign is benign
    assert "address" in found.clause
