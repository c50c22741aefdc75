"""Claims that name their volume: they wait for that one, and want the data on it."""

import pytest

from explainers.diagnosis.model import Confidence
from explainers.diagnosis.rules.storage import asked_about
from explainers.operations.apply import Apply
from tests.unit.clusters import cluster
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_storage_rules import (
    CLAIM,
    FREE,
    UNREADABLE,
    claim,
    found,
    lines,
    local_path,
    volume,
)


@pytest.mark.parametrize("storage_class", ["local-path", "", "team-manual"])
def test_a_volume_that_does_not_exist_is_told_whatever_the_class(storage_class: str) -> None:
    waits = claim(storage_class, volumeName="pv-old")
    del waits["metadata"]["annotations"]
    (one,) = found(waits)
    assert (one.number, one.benign, one.confidence) == (93, False, Confidence.SURE)
    assert "names the volume `pv-old`, which does not exist" in one.clause
    assert lines(one.plan.steps) == ["kubectl get persistentvolume -o yaml"]
    assert one.plan.alternatives[0].why.startswith("if the data on that volume are not wanted")


def test_the_nearest_free_volume_is_offered() -> None:
    (one,) = found(claim("team-manual", volumeName="pv-uplods"), volume("pv-uploads", "1Gi"))
    assert "nearest: `pv-uploads`" in one.clause
    assert not one.plan.changes
    _, again = one.plan.alternatives
    assert isinstance(again.operation, Apply)
    assert again.operation.manifest["spec"]["volumeName"] == "pv-uploads"


def test_one_that_is_taken_is_not() -> None:
    taken = volume("pv-uploads", "1Gi", status={"phase": "Bound"})
    (one,) = found(claim("team-manual", volumeName="pv-uplods"), taken)
    assert "nearest" not in one.clause


@pytest.mark.parametrize(
    ("there", "lacks"),
    [
        (volume("pv-old", "1Gi", "other"), "which is of the class `other`, not of the class `team-manual`"),
        (volume("pv-old", "1Mi"), "which has `1Mi`, less than"),
        (volume("pv-old", "1Gi", status=FREE, claimRef={"name": "theirs"}), "which belongs to the claim `theirs`"),
    ],
)
def test_what_keeps_it_from_a_volume_that_exists(there: dict[str, object], lacks: str) -> None:
    (one,) = found(claim("team-manual", volumeName="pv-old"), there)
    assert lacks in one.clause
    assert lines(one.plan.steps) == ["kubectl get persistentvolume pv-old -o yaml"]


def test_a_volume_that_fits_is_bound_in_a_moment() -> None:
    young = claim("team-manual", born="11:59:55", volumeName="pv-old")
    assert not found(young, volume("pv-old", "1Gi"))


def test_where_volumes_may_not_be_read_it_is_only_likely() -> None:
    reading = Reading()
    reading.inner = cluster(local_path(), claim("local-path", volumeName="pv-old"), unread=[UNREADABLE])
    (one,) = reading.see(lambda case: [*asked_about(case)], CLAIM)
    assert (one.number, one.confidence) == (93, Confidence.LIKELY)
    assert "does not exist" not in one.clause
