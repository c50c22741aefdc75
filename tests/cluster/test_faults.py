"""Every scenario on the real node: the verdict is right, and where `heals` says so the plan repairs it."""

import os
import subprocess
import time
from typing import Any

import pytest

from commands.base.ports import Services
from tests.faults.harness import Fault, faults, live
from tests.faults.kubectl import Kubectl
from tests.faults.verdicts import ask, complaints, live_services

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
ALL = "TESSERA_ALL_FAULTS"
"""Set it to run every scenario; by default one a class runs live, of the healthy ones one for each first word of their
names, and the others by their captures (unit tests)."""


def _chosen() -> list[Fault]:
    every = list(faults())
    if os.environ.get(ALL):
        return every
    healing_first = sorted(every, key=lambda one: (not one.heals, one.name))
    first = {_group(fault): fault.name for fault in reversed(healing_first)}
    return [one for one in every if "two-faults" in one.name or first[_group(one)] == one.name]


def _group(fault: Fault) -> str:
    """`074`; `125-headless`"""
    number, word, *_ = fault.name.split("-")
    return f"{number}-{word}" if fault.healthy else number


def _marked(fault: Fault) -> Any:
    """The scenario as a parameter; one that breaks the cluster for others runs alone."""
    return pytest.param(fault, id=fault.name, marks=[pytest.mark.alone] if fault.exclusive else [])


@pytest.mark.usefixtures("turn")
@pytest.mark.parametrize("fault", [_marked(one) for one in _chosen()])
def test_verdict_and_healing(fault: Fault) -> None:
    with live(fault) as namespace:
        services = live_services()
        verdict = ask(services, fault, namespace)
        assert complaints(fault, verdict, namespace) == []
        if fault.heals:
            for step in _steps(fault, verdict["plan"]):
                _heal(step["kubectl"], namespace)
            _healthy_again(services, fault, namespace)


def _steps(fault: Fault, plan: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [step for step in plan if step["changes"]] if fault.whole_plan else plan[:1]


def _heal(line: str, namespace: str) -> None:
    """Run the printed line as it stands, as a person who copies it into a shell does."""
    assert line.startswith("kubectl ")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{line}: {done.stderr}\n{Kubectl(namespace)('get', 'all')}"


def _healthy_again(services: Services, fault: Fault, namespace: str) -> None:
    end = time.monotonic() + fault.healed_within
    while (verdict := ask(services, fault, namespace))["verdict"] != "healthy":
        assert time.monotonic() < end, f"still not healthy: {verdict['headline']}"
        time.sleep(2)
