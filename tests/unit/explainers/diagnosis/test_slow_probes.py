"""A connection that fails late: on a busy node refused, behind a NetworkPolicy perhaps dropped."""

import json
from pathlib import Path
from typing import Any

from bot import wiring
from tests.faults.harness import Fault, faults
from tests.faults.verdicts import CAPTURED_AS, ask, captured
from tests.unit.clusters import thing

(BOUND,) = (one for one in faults() if one.name == "008-bound-to-itself")
ALLOWS_ALL = thing(
    "NetworkPolicy", "open", CAPTURED_AS, spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}
)


def verdict(fault: Fault, folder: Path, *more: dict[str, Any], took: float) -> dict[str, Any]:
    """The verdict of a scenario whose probes took `took` seconds, with more objects beside it."""
    capture = json.loads(captured(fault).read_text(encoding="utf-8"))
    capture["objects"] += more
    for answer in capture["asked"].values():
        answer["took"] = took
    path = folder / "capture.json"
    path.write_text(json.dumps(capture), encoding="utf-8")
    return ask(wiring.offline_services(path), fault, CAPTURED_AS)


def test_a_refusal_that_comes_late_is_still_the_fault(tmp_path: Path) -> None:
    for took, sure in ((0.2, "sure"), (2.5, "sure"), (4.0, "likely")):
        cause = verdict(BOUND, tmp_path, took=took)["cause"]
        assert (cause["class"], cause["confidence"]) == (8, sure)


def test_a_policy_that_may_have_dropped_the_packets_does_not_make_it_well(tmp_path: Path) -> None:
    cause = verdict(BOUND, tmp_path, ALLOWS_ALL, took=4.0)["cause"]
    assert (cause["class"], cause["confidence"]) == (8, "likely")
