"""What a diagnosis costs on a real cluster: requests, bytes, time against kubectl, and beside 5,000 other pods."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.cluster.adapter import KubernetesClusters
from bot.wiring import live_services, offline_services
from commands.base import dispatch
from commands.base.request import Actor, Identity, Request
from commands.diagnose import diagnose
from explainers.operations.base import Answer, Operation
from explainers.operations.reads import Logs
from tests.bench.figures import Figure, paired_ratio
from tests.fakes.passing import Passing
from tests.faults.harness import HERE, live, load
from tests.faults.verdicts import CAPTURED_AS, ask, captured

HEALTHY = "125-healthy-web"
COSTS = (
    HEALTHY, "125-five-replicas", "125-service-without-probes", "125-among-many-services", "125-service-canary",
    "125-cronjob-failed-then-succeeded", "057-every-replica", "041-three-replicas", "041-tag-typo-in-first-deploy",
    "041-image-typo-after-rollout", "041-after-many-revisions", "002-selector-typo", "002-among-many-services",
    "003-same-app-other-component", "011-url-port", "031-peer-label", "038-env-typo", "078-second-replica",
    "112-new-revision-unready", "074-cache-image-missing",
)  # fmt: skip
LOWER_DEPENDENCY = 74
CROWD = 5000
TESSERA = str(Path(sys.executable).with_name("tessera"))


def verdict(clusters: KubernetesClusters, target: str, namespace: str) -> str:
    """One verdict in this process, as a warm worker gives it, without live probes."""
    services = live_services(clusters, Identity(), "busybox:1.36")
    return dispatch.run(diagnose, _request(target, namespace), services).outcome


def _request(target: str, namespace: str) -> Request:
    return Request("diagnose", target, Actor("bench"), namespace=namespace)


def costs(name: str) -> Iterator[Figure]:
    """Requests and kilobytes of one diagnosis, without the logs that it read."""
    fault = load(HERE / name)
    requests = 12 if fault.healthy else 20
    with live(fault) as namespace:
        clusters = KubernetesClusters.connect()
        services = live_services(clusters, Identity(), "busybox:1.36")
        reading = LogsCounted(services.cluster)
        dispatch.run(diagnose, _request(fault.diagnose, namespace), replace(services, cluster=reading))
        logs = reading.log_bytes
        called = fault.number == LOWER_DEPENDENCY  # then two services are read
        kind = "healthy service" if fault.healthy else "broken service" + (" that another calls" if called else "")
        read = (clusters.bytes_received - logs) / 1000
        yield Figure(f"API requests for a {kind}", clusters.requests, requests, "", name)
        yield Figure(f"answers of a {kind}", read, 40 if called else 20, "kB", "without its logs")


@dataclass
class LogsCounted(Passing):
    """A cluster, and the bytes of the logs that were read from it."""

    log_bytes: int = 0

    def run(self, operation: Operation) -> Answer:
        return self.read([operation])[0]

    def read(self, operations: Sequence[Operation]) -> list[Answer]:
        answers = self.inner.read(operations)
        read = zip(operations, answers, strict=True)
        self.log_bytes += sum(len(answer.text.encode()) for operation, answer in read if isinstance(operation, Logs))
        return answers


def against_kubectl(runs: int) -> Iterator[Figure]:
    """The whole process, and a warm worker, against describing the same things and reading the events."""
    fault = load(HERE / HEALTHY)
    with live(fault) as namespace:
        clusters = KubernetesClusters.connect()

        def by_hand() -> None:
            for words in (["describe", "deployment", "web"], ["describe", "pods", "-l", "app=web"],
                          ["describe", "service", "web"], ["get", "events"]):  # fmt: skip
                subprocess.run(["kubectl", "-n", namespace, *words], capture_output=True, check=True)

        def process() -> None:
            subprocess.run([TESSERA, "diagnose", "web", "-n", namespace], capture_output=True, check=True)

        def worker() -> None:
            verdict(clusters, "web", namespace)

        ratio, ours, theirs = paired_ratio(process, by_hand, runs)
        yield Figure(
            "process: tessera diagnose / kubectl", ratio, 2, "×", f"{ours * 1000:.0f} ms / {theirs * 1000:.0f} ms"
        )
        ratio, ours, theirs = paired_ratio(worker, by_hand, runs)
        yield Figure(
            "warm worker: verdict / kubectl", ratio, 0.5, "×", f"{ours * 1000:.0f} ms / {theirs * 1000:.0f} ms"
        )


def in_a_crowd(runs: int) -> Iterator[Figure]:
    """The same verdict beside 50 and beside 5,000 other pods, each time as a multiple of one without a cluster: what
    the machine has left for us changes within minutes."""
    fault = load(HERE / HEALTHY)

    def alone() -> None:
        ask(offline_services(captured(fault)), fault, CAPTURED_AS)

    with live(fault) as namespace:
        clusters = KubernetesClusters.connect()

        def worker() -> None:
            verdict(clusters, "web", namespace)

        with crowd(50):
            few, few_seconds, _ = paired_ratio(worker, alone, runs)
        with crowd(CROWD):
            many, many_seconds, _ = paired_ratio(worker, alone, runs)
    times = f"{many_seconds * 1000:.0f} ms / {few_seconds * 1000:.0f} ms"
    yield Figure(f"beside {CROWD:,} other pods / beside 50", many / few, 1.2, "×", times)


SETTLES = 5
"""Seconds after which the cluster has done with what new pods set going."""


@contextmanager
def crowd(count: int) -> Iterator[None]:
    """So many pods that no scheduler takes, in a namespace of their own."""
    name = f"crowd-{count}-{secrets.token_hex(3)}"
    subprocess.run(["kubectl", "create", "namespace", name], check=True, capture_output=True)
    account = ["wait", "--for=create", "serviceaccount/default", "--timeout=60s"]  # without it pods are refused
    try:
        subprocess.run(["kubectl", "-n", name, *account], check=True, capture_output=True)
        for start in range(0, count, 500):
            items = [_pod(f"p{number}") for number in range(start, min(start + 500, count))]
            pods = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
            subprocess.run(
                ["kubectl", "-n", name, "create", "-f", "-"], input=pods, text=True, check=True, capture_output=True
            )
        time.sleep(SETTLES)
        yield
    finally:
        subprocess.run(["kubectl", "delete", "namespace", name, "--wait=false"], check=True, capture_output=True)


def _pod(name: str) -> dict[str, object]:
    container = {"name": "app", "image": "busybox:1.36", "command": ["sleep", "infinity"]}
    metadata = {"name": name, "labels": {"app": "crowd"}}
    spec = {"schedulerName": "none", "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
