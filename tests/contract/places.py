"""Two places to run kubectl and the official client against: the sandbox, and a real cluster where there is one."""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.server import Sandbox

PLACES = [pytest.param("sandbox", id="sandbox"), pytest.param("node", id="node", marks=pytest.mark.cluster)]


@dataclass(frozen=True)
class Place:
    """A cluster, and a namespace of one's own in it."""

    kubeconfig: Path
    namespace: str

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run kubectl in the namespace; the caller judges its exit code."""
        command = ["kubectl", "-n", self.namespace, *arguments]
        environment = {**os.environ, "KUBECONFIG": str(self.kubeconfig)}
        return subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=120, env=environment, check=False
        )

    def kubectl(self, *arguments: str, given: str = "") -> str:
        """Run kubectl, which must succeed, and give its output."""
        done = self.run(*arguments, given=given)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def refused(self, *arguments: str, given: str = "") -> str:
        """Run kubectl, which must fail, and give its complaint."""
        done = self.run(*arguments, given=given)
        assert done.returncode != 0, f"kubectl {' '.join(arguments)} succeeded: {done.stdout}"
        return done.stderr.strip()

    def get(self, *arguments: str) -> Any:
        """Run `kubectl get … -o json`."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def until(self, what: str, *arguments: str, path: str, seconds: float = 90) -> str:
        """Wait until a JSON path of an object contains a text, and give the path's value."""
        deadline = time.monotonic() + seconds
        while True:
            value = self.kubectl("get", *arguments, "-o", f"jsonpath={path}")
            if what in value:
                return value
            assert time.monotonic() < deadline, f"{path} stays {value!r}"
            time.sleep(1)

    def until_logged(self, text: str, *arguments: str, seconds: float = 60) -> None:
        """Wait until `kubectl logs` prints exactly a text; the log of a container that just ended may be on its way."""
        deadline = time.monotonic() + seconds
        while (found := self.kubectl("logs", *arguments)) != text:
            assert time.monotonic() < deadline, f"the log stays {found!r}"
            time.sleep(1)


@contextmanager
def place(name: str, folder: Path, *scenarios: str) -> Iterator[Place]:
    """Open a place by name, with a fresh namespace that is deleted afterwards."""
    if name == "node":
        with _namespace(Path(os.environ["KUBECONFIG"])) as found:
            yield found
        return
    with Sandbox(scenarios) as sandbox, _namespace(sandbox.write_kubeconfig(folder / "kubeconfig")) as found:
        yield found


@contextmanager
def _namespace(kubeconfig: Path) -> Iterator[Place]:
    found = Place(kubeconfig, f"contract-{uuid.uuid4().hex[:8]}")
    found.kubectl("create", "namespace", found.namespace)
    try:
        found.until("default", "serviceaccounts", path="{.items[*].metadata.name}")
        yield found
    finally:
        found.run("delete", "namespace", found.namespace, "--wait=false")


def pod_manifest(name: str, **spec: Any) -> str:
    """A pod with one container `c`, as text for kubectl."""
    fields = {
        key: spec.pop(key) for key in ("volumes", "initContainers", "restartPolicy", "securityContext") if key in spec
    }
    container = {"name": "c", "image": "busybox", **spec}
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [container], **fields},
    }
    return json.dumps(body)
