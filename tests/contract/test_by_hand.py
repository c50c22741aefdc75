"""The lines that people run themselves do on a real cluster what they are said to do."""

import os
import select
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from explainers.kinds import DEPLOYMENT, POD
from explainers.operations import byhand
from explainers.operations.byhand import ByHand
from tests.cluster.workloads import namespace_of
from tests.contract.parity import eventually
from tests.ports import free_port

pytestmark = pytest.mark.cluster

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - {name: nginx, image: "nginx:1.25", readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}}
        - {name: talker, image: "busybox:1.36", command: [sh, -c, "echo said something; sleep 3600"]}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {uri: "redis://cache:6379"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: idle}
spec:
  replicas: 0
  selector: {matchLabels: {app: idle}}
  template:
    metadata: {labels: {app: idle}}
    spec: {containers: [{name: nginx, image: "nginx:1.25"}]}
"""


LOCAL = free_port()
CASES: dict[str, tuple[Callable[[str], ByHand], str]] = {
    "pods": (lambda ns: byhand.Show(POD, ns, labels="app=web"), "2/2"),
    "one": (lambda ns: byhand.Show(DEPLOYMENT, ns, "web"), "nginx:1.25"),
    "log": (lambda ns: byhand.FollowLogs(DEPLOYMENT, ns, "web", "talker"), "said something"),
    "logs": (lambda ns: byhand.FollowLogs(DEPLOYMENT, ns, "web"), "said something"),
    "events": (lambda ns: byhand.EventsFor(DEPLOYMENT, ns, "web"), "Scaled up replica set"),
    "describe": (lambda ns: byhand.Describe(DEPLOYMENT, ns, "web"), "StrategyType:"),
    "shell": (lambda ns: byhand.Shell(DEPLOYMENT, ns, "web", "talker"), "I am web-"),
    "usage": (lambda ns: byhand.Usage(ns, "app=web"), "nginx"),
    "a value": (lambda ns: byhand.ReadSecretKey(ns, "login", "uri"), "redis://cache:6379"),
    "variables": (lambda ns: byhand.EnvFromSecret(ns, "login", "deployment/idle"), "env updated"),
    "forward": (lambda ns: byhand.PortForward(DEPLOYMENT, ns, "web", ((LOCAL, 80),)), f"127.0.0.1:{LOCAL} -> 80"),
}


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    with namespace_of("by-hand", WEB) as name:
        yield name


@pytest.mark.parametrize("name", CASES)
def test_the_line_does_what_it_says(name: str, namespace: str) -> None:
    make, expected = CASES[name]
    for _ in eventually(200.0, every=3.0):  # metrics come a while after a pod does
        running = started(make(namespace).line())
        try:
            said = until(running, expected)
            if expected in said and name == "forward":
                with urllib.request.urlopen(f"http://127.0.0.1:{LOCAL}/", timeout=10) as response:
                    assert response.status == 200
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            running.communicate(timeout=30)
        if expected in said or name != "usage":
            break
    assert expected in said


def started(line: str) -> subprocess.Popen[str]:
    """The line in a shell of its own; whatever asks for input is asked who it is."""
    running = subprocess.Popen(
        ["bash", "-c", line],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert running.stdin is not None
    running.stdin.write('echo "I am $(hostname)"\n')
    running.stdin.flush()
    return running


def until(running: subprocess.Popen[str], expected: str, seconds: float = 60) -> str:
    """What it prints until it says that, ends, or takes too long."""
    assert running.stdout is not None
    said = ""
    while expected not in said and select.select([running.stdout], [], [], seconds)[0]:
        line = running.stdout.readline()
        if not line:
            break
        said += line
    return said
