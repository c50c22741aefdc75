"""A postStart hook that fails again and again, of which the kubelet told some minutes ago."""

import pytest

from tests.unit.clusters import Json
from tests.unit.explainers.diagnosis.test_probe_causes import OOM, ended, event, verdict

HOOK = {"lifecycle": {"postStart": {"exec": {"command": ["curl", "-sf", "http://localhost:8080/warm"]}}}, **OOM}


def told() -> list[Json]:
    failed = event("FailedPostStartHook", "PostStartHook failed", "2026-01-02T11:53:00Z")
    return [failed, event("Killing", "FailedPostStartHook", "2026-01-02T11:53:00Z")]


@pytest.mark.parametrize("code", [137, 143, 0])
def test_the_hook_is_the_cause_and_not_the_memory(code: int) -> None:
    found = verdict(HOOK, {**ended(code, 3), "started": False}, *told())
    assert found["cause"]["class"] == 73
    assert "event FailedPostStartHook of pod web-1" in [row["source"] for row in found["evidence"]]
    assert not any("limits" in row["kubectl"] for row in found["plan"])


@pytest.mark.parametrize(
    ("status", "number"),
    [
        ({**ended(137, 3, "OOMKilled"), "started": False}, 60),
        ({**ended(137, 3), "started": True}, 60),
        ({**ended(1, 3), "started": False}, 57),
    ],
    ids=["out of memory", "it has started", "ended by itself"],
)
def test_another_end_is_not_the_hooks(status: Json, number: int) -> None:
    assert verdict(HOOK, status, *told())["cause"]["class"] == number
