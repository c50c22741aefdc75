"""Whatever a cluster returns, diagnosis answers or says what is wrong: never a traceback.

Real captures are damaged at random places: values become null, another type, or vanish.
"""

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cluster.snapshot import SnapshotCluster
from bot.state.memory import MemoryState
from commands.base.errors import TesseraError
from commands.base.ports import Services
from commands.base.request import Actor, Reply, Request
from commands.diagnose import diagnose
from tests.faults.harness import Fault, faults
from tests.faults.verdicts import captured
from tests.madeup import made_up
from tests.unit.odd import damage

CAPTURED = [fault for fault in faults() if captured(fault).exists()]


def answer(fault: Fault, capture: dict[str, Any]) -> Reply | TesseraError:
    """The reply about a scenario's target, or the error meant for people."""
    try:
        cluster = SnapshotCluster(capture)
        services = Services(cluster, cluster.clock, cluster.ask, MemoryState())
        target = fault.diagnose.replace("$NAMESPACE", "shop")
        return diagnose(Request("diagnose", target, Actor("fuzz"), namespace="shop"), services)
    except TesseraError as error:
        return error


@settings(made_up(150), suppress_health_check=list(HealthCheck))
@given(st.sampled_from(CAPTURED), st.integers(0, 2**32), st.integers(1, 12))
def test_damaged_clusters_are_answered(fault: Fault, seed: int, wounds: int) -> None:
    capture, chance = json.loads(captured(fault).read_text()), Random(seed)
    for _ in range(wounds):
        damage(chance, capture["objects"])
    reply = answer(fault, capture)
    assert isinstance(reply, TesseraError) or reply.document.headline
