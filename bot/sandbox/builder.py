"""Builds a cluster from scenarios: store, controllers, and a past that has already happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.access import Authorizer
from bot.sandbox.admission import Admission
from bot.sandbox.api import Api
from bot.sandbox.controllers.claims import Claims
from bot.sandbox.controllers.deployments import Deployments
from bot.sandbox.controllers.endpoints import EndpointSlices
from bot.sandbox.controllers.gauges import Gauges
from bot.sandbox.controllers.housekeeping import Garbage, Namespaces
from bot.sandbox.controllers.jobs import CronJobs, Jobs
from bot.sandbox.controllers.ordered import DaemonSets, StatefulSets
from bot.sandbox.controllers.replicasets import ReplicaSets
from bot.sandbox.controllers.scheduling import Scheduler
from bot.sandbox.engine import Clock, Controller, Engine
from bot.sandbox.events import Recorder
from bot.sandbox.jsonish import Object
from bot.sandbox.node.heartbeat import report_nodes
from bot.sandbox.node.images import Lookup, Registry, nowhere
from bot.sandbox.node.kubelet import Kubelet
from bot.sandbox.paths import Target
from bot.sandbox.refusals import RefusalError
from bot.sandbox.resources import by_kind
from bot.sandbox.scenarios import CLUSTER, Scenario, ScenarioError, load
from bot.sandbox.store import Store
from bot.sandbox.world import World
from bot.sandbox.writing import Writer


@dataclass(frozen=True)
class Cluster:
    """A cluster without a server: its API, and the engine that keeps it going."""

    api: Api
    engine: Engine


def build_cluster(
    scenarios: Sequence[Scenario], token: str, now: datetime | None = None, pushed: Lookup = nowhere
) -> Cluster:
    """Build a cluster and let the scenarios' past happen, up to `now`. `pushed` finds images that no scenario has.

    Raises ScenarioError for a manifest that the API refuses.
    """
    clock = Clock()
    store = Store(clock.now)
    writer = Writer(store, Admission(store))
    world = World(store, writer, Recorder(store))
    registry = Registry(pushed)
    kubelet = Kubelet(world, registry)
    engine = Engine(store, clock, _controllers(world, kubelet))
    everything = [load(CLUSTER), *scenarios]
    for scenario in everything:
        registry.add(scenario.images)
    _live_through(everything, engine, clock, writer, now or datetime.now(UTC))
    authorizer = Authorizer(store, [rule for scenario in everything for rule in scenario.denials])
    return Cluster(Api(store, authorizer, writer, kubelet, token), engine)


def _controllers(world: World, kubelet: Kubelet) -> list[Controller]:
    return [
        Namespaces(world),
        CronJobs(world),
        Jobs(world),
        Deployments(world),
        StatefulSets(world),
        DaemonSets(world),
        ReplicaSets(world),
        Claims(world),
        Scheduler(world),
        kubelet,
        EndpointSlices(world),
        Garbage(world),
        Gauges(world),
    ]


def _live_through(scenarios: Sequence[Scenario], engine: Engine, clock: Clock, writer: Writer, now: datetime) -> None:
    steps = [(now - step.ago, scenario, step) for scenario in scenarios for step in scenario.timeline]
    steps.sort(key=lambda item: item[0])
    for moment, scenario, step in steps:
        if clock.fixed:
            engine.replay(moment)
        clock.fix(moment)
        for body in step.apply:
            _apply(writer, body, scenario)
        for body in step.delete:
            writer.delete(_target(body, scenario), {})
        engine.settle()
    engine.replay(now)
    report_nodes(writer.store)
    engine.settle()


def _target(body: Object, scenario: Scenario) -> Target:
    resource = by_kind(body.get("apiVersion", ""), body.get("kind", ""))
    if resource is None:
        what = f"{body.get('apiVersion')} {body.get('kind')}"
        raise ScenarioError(f"scenario {scenario.name}: the sandbox serves no {what}")
    namespace = body["metadata"].get("namespace", "") if resource.namespaced else ""
    return Target(resource, namespace, body["metadata"]["name"])


def _apply(writer: Writer, body: Object, scenario: Scenario) -> None:
    target = _target(body, scenario)
    if not target.resource.namespaced:
        body = {**body, "metadata": {k: v for k, v in body["metadata"].items() if k != "namespace"}}
    try:
        writer.patch(target, "application/apply-patch+yaml", body)
    except RefusalError as refusal:
        raise ScenarioError(f"scenario {scenario.name}: {refusal.message}") from refusal
