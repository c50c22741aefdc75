"""In every broken scenario the first step of the verdict's plan, run as the line that is shown, heals the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.server import Sandbox

pytestmark = pytest.mark.kubectl

TARGETS = [
    ("checkout", "shop"),
    ("api", "missing-configmap"),
    ("mailer", "image-not-found"),
    ("catalog", "selector-mismatch"),
    ("reports", "out-of-memory"),
    ("trainer", "pending-cpu"),
    ("archive", "missing-claim"),
    ("search", "quota-exceeded"),
    ("gateway", "readiness-path"),
    ("billing", "paused-rollout"),
]
# These heal by the restart of a pod that crashed a moment ago, which a careful verdict does not trust at once.
RESTARTED = [("orders", "dependency-down"), ("frontend", "default-deny")]
# The longest pause of a controller or a kubelet before it tries again, and a little more.
_LONGEST_PAUSE = 700.0


@dataclass(frozen=True)
class Broken:
    """The sandbox with all its scenarios."""

    sandbox: Sandbox
    environment: dict[str, str]

    def diagnose(self, name: str, namespace: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "bot", "diagnose", name, "-n", namespace, "--output", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=self.environment, check=False)
        assert done.stdout, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def run(self, line: str) -> None:
        done = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, timeout=60, env=self.environment, check=False
        )
        assert done.returncode == 0, f"{line}: {done.stderr}"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    with Sandbox() as sandbox:
        kubeconfig: Path = sandbox.write_kubeconfig(tmp_path_factory.mktemp("heal") / "kubeconfig")
        yield Broken(sandbox, {**os.environ, "KUBECONFIG": str(kubeconfig)})


def repair(broken: Broken, name: str, namespace: str) -> None:
    verdict = broken.diagnose(name, namespace)
    assert verdict["verdict"] == "fault"
    step = next(item for item in verdict["plan"] if item["changes"])
    broken.run(step["kubectl"])
    broken.sandbox.pass_time(_LONGEST_PAUSE)
    found = broken.sandbox.store.get("apps", "deployments", namespace, name)
    assert found["status"].get("availableReplicas") == found["spec"]["replicas"]


@pytest.mark.parametrize(("name", "namespace"), TARGETS)
def test_the_first_change_heals(broken: Broken, name: str, namespace: str) -> None:
    repair(broken, name, namespace)
    healed = broken.diagnose(name, namespace)
    assert healed["verdict"] == "healthy", healed["cause"]


@pytest.mark.parametrize(("name", "namespace"), RESTARTED)
def test_the_first_change_brings_the_pods_back(broken: Broken, name: str, namespace: str) -> None:
    repair(broken, name, namespace)
