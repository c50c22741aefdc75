"""Pods that are ready and do not count as available yet."""

import pytest

from explainers.diagnosis.health import health
from tests.unit.explainers.diagnosis.reading import Reading, well


@pytest.mark.parametrize(
    ("available", "told"),
    [
        (0, "0 of 2 ready pods count as available, and none before 13:50 UTC (minReadySeconds 7200)"),
        (1, "1 of 2 ready pods counts as available (minReadySeconds 7200)"),
        (2, ""),
    ],
)
def test_pods_that_do_not_count_as_available_are_told(available: int, told: str) -> None:
    made, *others = well(2)
    made["spec"]["minReadySeconds"] = 7200
    made["status"]["availableReplicas"] = available
    seen = Reading(made, *others).see(health)
    assert seen.good
    assert [one.text for one in seen.evidence[1:]] == ([told] if told else [])
