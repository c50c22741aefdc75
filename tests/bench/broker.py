"""A broker with much to do: 200 instances at once, 10,000 in its ledger, 1,000 entries in its catalog.

`python -m tests.bench.broker` prints the memory, in MB, of a process that has 10,000 instances in its ledger.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.broker.ledger import RedisLedger
from bot.brokering import Brokering, adapters
from bot.demo import sandbox_clusters
from bot.secrets.keys import OwnKeys
from bot.settings import load
from bot.state.connect import connect_redis
from bot.state.memory import MemoryState
from bot.wiring import SystemClock
from commands.base.ports import Services
from commands.base.request import Actor, Identity, Request
from commands.broker.records import Instance, State
from commands.broker.wishes import ProvisionWish
from commands.catalog import catalog
from explainers import kinds
from explainers.operations.apply import Create
from explainers.operations.base import Answer, Operation
from tests.bench.figures import Figure, median_seconds
from tests.bench.long_log import peak
from tests.contract.redis_server import redis_server
from tests.fakes.passing import Passing
from tests.parts import missing

AT_ONCE, ENTRIES, KEPT = 200, 1000, 10_000
MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ instance.name }}"}, "data": {"a": "b"}}


@dataclass
class Counting(Passing):
    """A cluster that knows how many requests are under way, and how many were at the most."""

    now: int = 0
    most: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, operation: Operation) -> Answer:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return super().run(operation)
        finally:
            with self._lock:
                self.now -= 1


def figures(runs: int) -> Iterator[Figure]:
    yield _two_hundred()
    yield _listing(runs)
    done = subprocess.run([sys.executable, "-m", "tests.bench.broker"], check=True, capture_output=True, text=True)
    yield Figure(f"broker's memory, {KEPT:,} instances", float(done.stdout), 150, "MB", "listed once, ledger in Redis")


def _two_hundred() -> Figure:
    with sandbox_clusters("platform", ["healthy"]) as clusters:
        counted = Counting(clusters.as_identity(Identity()))
        for one in ({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "platform"}}, *_objects()):
            kind = kinds.NAMESPACE if one["kind"] == "Namespace" else kinds.CONFIG_MAP
            counted.run(Create(kind, "platform", one))
        adapt = adapters(load().model_copy(update={"broker_namespace": "platform"}), clusters, SystemClock())
        brokering = Brokering("bench", counted, "platform", connect_redis(), OwnKeys(), SystemClock(), adapt)
        broker, began = brokering.broker, time.perf_counter()
        brokering.work(lambda _: True)
        plan = broker.shelf().entries[0]
        for number in range(AT_ONCE):
            wish = ProvisionWish(f"i-{number}", plan.service_id, plan.plan_id, namespace="shop", incomplete=True)
            broker.provision(wish)
        while any(one.state is not State.READY for one in broker.parts.ledger.instances()):
            time.sleep(0.1)
        took = time.perf_counter() - began
        brokering.stop(works=True)
    return Figure(f"requests under way, {AT_ONCE} instances at once", counted.most, 8, "", f"all ready in {took:.1f} s")


def _objects() -> list[dict[str, Any]]:
    made = {"namespace": "platform", "name": "{{ instance.name }}", "labelselector": "mesitis/offering=thing"}
    raw = _raw("thing") | {"provisionkind": "ProvisionNewClusterObjects", "provisiondata": made}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": MANIFEST["metadata"],
        "spec": {"ports": [{"port": 80}]},
    }
    return [
        _configmap("entry", {"mesitis/kind": "catalog-entry"}, raw),
        _configmap("object-1", {"mesitis/offering": "thing", "mesitis/order": "1"}, MANIFEST),
        _configmap("object-2", {"mesitis/offering": "thing", "mesitis/order": "2"}, service),
    ]


def _listing(runs: int) -> Figure:
    """What `/catalog` costs a worker that has the catalog already: every entry points to a Service that may be down, in
    one of ten namespaces, so that each of those on the page is looked at twice."""
    with sandbox_clusters("shop", ["healthy"]) as clusters:
        cluster = clusters.as_identity(Identity())
        for number in range(ENTRIES):
            one = _configmap(f"entry-{number}", {"mesitis/kind": "catalog-entry"}, _behind(number), "default")
            cluster.run(Create(kinds.CONFIG_MAP, "default", one))
        adapt = adapters(load().model_copy(update={"broker_namespace": "default"}), clusters, SystemClock())
        brokering = Brokering("bench", cluster, "default", connect_redis(), OwnKeys(), SystemClock(), adapt)
        brokering.watch()
        services = Services(cluster, SystemClock(), cluster.run, MemoryState(), broker=brokering.broker)  # type: ignore[arg-type]
        request = Request("catalog", "-n shop", Actor("bench"))
        took = median_seconds(lambda: catalog(request, services), runs)
        brokering.stop(works=False)
    return Figure(
        f"/catalog, {ENTRIES:,} entries", took * 1000, 300, "ms", "the command, without Slack; 40 services looked at"
    )


def _behind(number: int) -> dict[str, Any]:
    where = {"namespace": f"data-{number % 10}", "name": f"thing-{number}"}
    more = {"provisionkind": "ProvisionExistingClusterService", "provisiondata": where}
    return _raw(f"thing-{number}") | more


def _raw(name: str) -> dict[str, Any]:
    return {
        "team": "platform", "offering": name, "description": "A thing", "uuid": f"uuid-{name}", "version": "1",
        "whitelist": ["shop"], "provisionkind": "ProvisionNonClusterURL",
        "provisiondata": {"url": "https://thing.example.com"},
        "credentialkind": "CredentialNoCredential", "credentialdata": {},
    }  # fmt: skip


def _configmap(name: str, labels: dict[str, str], value: dict[str, Any], namespace: str = "platform") -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {"mesitis/enabled": "true", **labels}}
    data = {"wrapped-resource": json.dumps(value)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def main() -> None:
    """Fill a ledger in a Redis of its own (or in this process, without one) and list it."""
    if missing("redis"):
        print(_filled(""))
        return
    with TemporaryDirectory() as folder, redis_server(Path(folder)) as url:
        print(_filled(url))


def _filled(url: str) -> float:
    ledger = RedisLedger(connect_redis(url), "bench", OwnKeys())
    hidden = {"asked": {}, "parameters": {"size": 3}, "entry": _raw("thing"), "credentials": {"password": "x" * 32}}
    one = Instance("", "s", "uuid-thing", "platform", "thing", "1", "shop", "thing", by="ana", hidden=hidden)
    for number in range(KEPT):
        ledger.save(replace(one, id=f"i-{number}", created="2026-03-02T09:00:00+00:00"))
    assert len(ledger.instances()) == KEPT
    return peak()


if __name__ == "__main__":
    main()
