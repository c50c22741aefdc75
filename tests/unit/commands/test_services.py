"""`/services` on a sandbox cluster: the rows, what is hidden, what is not there."""

import pytest

from commands.base.errors import Denied, NotFound, UsageError
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench, scenario_bench
from tests.unit.sandboxed import Desk, as_user, button

EVERY = ["deployments", "statefulsets", "daemonsets", "cronjobs", "services", "pods", "jobs"]


def test_the_demo_shop_at_a_glance() -> None:
    desk = Desk(scenario_bench("shop"))
    reply = desk.types("services")
    assert "1 down" in reply.document.headline
    first = reply.document.evidence[0]
    assert first.source == "deployment/checkout"
    assert first.text.startswith("down: CrashLoopBackOff · 0/2 · checkout:")
    assert "service checkout:80" in first.text
    assert button(reply, "Diagnose checkout").argument == "deployment/checkout -n shop"
    assert desk.cluster.sent == []


def test_the_rows_for_scripts() -> None:
    reply = Desk(scenario_bench("shop")).types("services")
    found = reply.data["workloads"]
    assert isinstance(found, list)
    assert {"kind": "Deployment", "name": "checkout", "state": "down"}.items() <= found[0].items()


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  acme/web:*: {}")
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1"))
    bench.pass_time(10)
    return Desk(bench)


def test_what_may_not_be_seen_is_named(desk: Desk) -> None:
    reply = as_user(desk, ["get", "list"], [one for one in EVERY if one != "pods"]).types("services")
    assert len(reply.document.evidence) == 1
    assert any("list pods" in one.missing for one in reply.document.unchecked)


def test_who_may_see_nothing_is_told_what_is_missing(desk: Desk) -> None:
    with pytest.raises(Denied, match="needs list"):
        as_user(desk, ["get"], ["secrets"]).types("services")


def test_a_namespace_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no namespace `nowhere`"):
        desk.types("services -n nowhere")


def test_an_empty_namespace(desk: Desk) -> None:
    assert desk.types("services -n default").document.headline.startswith("Nothing runs in `default`")


def test_more_than_a_reply_holds(desk: Desk) -> None:
    for number in range(60):
        assert desk.bench.ask("POST", DEPLOYMENTS, deployment(f"web-{number}", "acme/web:1", 0)).code == 201
    desk.bench.pass_time(1)
    reply = desk.types("services")
    assert len(reply.document.evidence) == 40
    assert "and 21 more, none of them worse" in reply.document.facts


def test_it_takes_no_name(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.types("services web")
