"""Diagnose a scenario, live or from its capture, and compare the verdict with what `fault.yaml` expects.

One comparison for both: a capture that gives another verdict than the live cluster did is a defect.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot import wiring
from commands.base.ports import Services
from commands.base.request import Actor, Identity, Request
from commands.diagnose import diagnose
from tests.faults.harness import Fault

PROBE_IMAGE = "busybox:1.36"
CAPTURED_AS = "shop"
"""The namespace's name in every stored capture, whatever it was on the day."""


def live_services() -> Services:
    """The ports over the cluster of KUBECONFIG, as its own identity."""
    return wiring.live_services(wiring.live_clusters(), Identity(), PROBE_IMAGE)


def ask(services: Services, fault: Fault, namespace: str) -> dict[str, Any]:
    """The verdict as `tessera diagnose --output json` prints it."""
    target = fault.diagnose.replace("$NAMESPACE", namespace)
    data = diagnose(Request("diagnose", target, Actor("test"), namespace=namespace), services).data
    assert isinstance(data, dict)
    return data


def captured(fault: Fault) -> Path:
    """Where the scenario's capture is stored."""
    return fault.folder / "capture.json"


def complaints(fault: Fault, verdict: dict[str, Any], namespace: str) -> list[str]:
    """What differs from the expectation, in words; empty when the verdict is right."""
    if fault.healthy:
        return [] if verdict["verdict"] == "healthy" else [f"a false alarm: {verdict['headline']}"]
    cause = verdict["cause"]
    if verdict["verdict"] != "fault" or not cause:
        return [f"no fault found: {verdict['headline']}"]
    wrong = []
    if cause["class"] != fault.number:
        wrong.append(f"class {cause['class']} ({cause['name']}), wanted {fault.number}")
    wanted = (fault.object or "").replace("$NAMESPACE", namespace)
    if wanted and cause["object"] != wanted:
        wrong.append(f"object {cause['object']}, wanted {wanted}")
    said = verdict["headline"]
    missing = [word for word in (w.replace("$NAMESPACE", namespace) for w in fault.says) if word not in said]
    wrong += [f"the sentence does not say {word}" for word in missing]
    return [*wrong, f"it said: {said}"] if wrong else []
