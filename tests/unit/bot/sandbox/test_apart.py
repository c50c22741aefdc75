"""Tests work on copies of a cluster whose past was lived through once: none of them touches another."""

from bot.sandbox.jsonish import copied
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, PODS, Bench, deployment, scenario_bench


def _state(bench: Bench) -> object:
    return copied(list(bench.store._resources.items()))


def test_what_happens_in_one_copy_happens_in_no_other() -> None:
    one, other = scenario_bench("shop"), scenario_bench("shop")
    before, version = _state(other), other.store.version
    one.post(DEPLOYMENTS, deployment("web", "nginx:1.27", 2))
    one.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"replicas": 3}})
    for pod in one.pods("shop"):
        one.ask("DELETE", f"{PODS}/{pod['metadata']['name']}")
    one.pass_time(4000)
    assert (_state(other), other.store.version) == (before, version)
    assert _state(scenario_bench("shop")) == before
    assert one.store.version > version


def test_a_copy_goes_on_as_its_cluster_would() -> None:
    one, other = scenario_bench("shop"), scenario_bench("shop")
    for bench in (one, other):
        bench.pass_time(600)
    assert one.statuses("shop") == other.statuses("shop")
