"""What may not be read is never told as absent: which right is missing, the line that grants it, and exit code 2."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands.base.registry import Handler
from commands.base.request import Actor, Reply, Request
from commands.why import plan, why
from explainers.document import Tone
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench, scenario_bench
from tests.unit.sandboxed import Desk, as_user

VERDICT = Path(__file__).parents[3] / "bot" / "terminal" / "VERDICT.md"
ABOUT_WEB = Request("plan", "web", Actor("ada"), namespace="shop")
EVERY = ["deployments", "replicasets", "statefulsets", "daemonsets", "services", "pods", "pods/log", "events"]


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  acme/web:*: {}")
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1"))
    bench.pass_time(10)
    return Desk(bench)


def without(desk: Desk, *resources: str) -> Desk:
    """Somebody who may read everything but these."""
    return as_user(desk, ["get", "list"], [one for one in EVERY if one not in resources])


def could_not_tell(reply: Reply, missing: str) -> None:
    document = reply.document
    assert (document.tone, reply.outcome) == (Tone.UNKNOWN, "unknown")
    assert missing in " ".join(one.missing for one in document.unchecked)
    assert any("create rolebinding" in one.grant for one in document.unchecked)
    assert "forbidden" not in document.headline
    assert reply.data["unchecked"]


@pytest.mark.parametrize(
    ("command", "hidden", "missing"),
    [
        ("events", "events", "list events in shop"),
        ("events", "pods", "list pods in shop"),
        ("pods", "pods", "list pods in shop"),
        ("logs", "pods", "list pods in shop"),
        ("logs", "pods/log", "get pods/log in shop"),
        ("why", "pods", "list pods in shop"),
    ],
)
def test_a_refusal_is_told_with_what_grants_it(desk: Desk, command: str, hidden: str, missing: str) -> None:
    could_not_tell(without(desk, hidden).types(f"{command} web"), missing)


def test_events_that_were_seen_are_shown_all_the_same(desk: Desk) -> None:
    reply = without(desk, "pods").types("events web")
    assert reply.document.evidence
    assert "itself" in reply.document.headline


@pytest.mark.parametrize("command", ["events", "pods", "logs"])
def test_what_was_read_whole_is_no_doubt(desk: Desk, command: str) -> None:
    reply = without(desk).types(f"{command} web")
    assert (reply.outcome, reply.data["unchecked"]) == ("", [])


def test_no_plan_for_what_could_not_be_seen(desk: Desk) -> None:
    reply = plan(ABOUT_WEB, without(desk, "pods").services)
    could_not_tell(reply, "list pods in shop")
    assert "nothing to do" not in reply.document.headline


@pytest.mark.parametrize("handler", [why, plan])
def test_a_verdict_keeps_its_outcome_and_its_data(handler: Handler) -> None:
    reply = handler(replace(ABOUT_WEB, text="checkout"), Desk(scenario_bench("shop")).services)
    assert (reply.outcome, reply.data["verdict"]) == ("fault", "fault")


@pytest.mark.parametrize("handler", [why, plan])
def test_what_is_well_is_no_fault(desk: Desk, handler: Handler) -> None:
    assert handler(ABOUT_WEB, desk.services).outcome == "healthy"


def documented(command: str) -> set[str]:
    """The fields that VERDICT.md names for a command."""
    found = re.search(rf"^- `{command}`: (.*?)(?=^- |^# )", VERDICT.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return set(re.findall(r"`(\w+)`", found[1]))


def fields(thing: object) -> set[str]:
    """The names of all fields, those of what is inside too."""
    if isinstance(thing, Mapping):
        return set(thing) | set().union(*map(fields, thing.values()))
    return set().union(*map(fields, thing)) if isinstance(thing, list) else set()


@pytest.mark.parametrize("command", ["events", "pods", "logs"])
def test_data_for_scripts_have_the_documented_fields(desk: Desk, command: str) -> None:
    data: dict[str, Any] = dict(Desk(scenario_bench("shop")).types(f"{command} checkout").data)
    assert data.pop("target") == {"kind": "Deployment", "namespace": "shop", "name": "checkout"}
    assert data.pop("unchecked") == []
    assert fields(data) == documented(command)
