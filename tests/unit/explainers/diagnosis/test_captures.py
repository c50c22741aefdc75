"""Every captured fault of a real node gets the verdict that its fault.yaml expects, without a cluster."""

import pytest

from tests.faults.harness import Fault, faults
from tests.faults.verdicts import CAPTURED_AS, ask_capture, captured, complaints

CAPTURED = [fault for fault in faults() if captured(fault).exists()]


@pytest.mark.parametrize("fault", CAPTURED, ids=lambda fault: fault.name)
def test_capture_gives_the_expected_verdict(fault: Fault) -> None:
    assert complaints(fault, ask_capture(fault), CAPTURED_AS) == []
