"""/bind --all in Slack: a message with proposals; Accept binds one, checked as /bind does, and nothing else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.state.connect import connect_redis
from commands.base.dispatch import dispatch
from commands.base.ports import Audience
from commands.base.request import Reply, Request
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.fakes.registry import FakeRegistry
from tests.scenario.slack.stack import POLICY, Asked, Stack, objections, stack
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.fakes import builds_with
from tests.unit.sandboxed import Desk


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  ghcr.io/team/*: {}")
    for name in ("shop", "pay-api", "redis"):
        bench.post(DEPLOYMENTS, deployment(name, f"ghcr.io/team/{name}:1", 1))
    code = FakeCodeHost({"team/shop": FakeRepository(), "team/pay": FakeRepository()})
    for held in code.held.values():
        held.push("main", {"Dockerfile": "FROM busybox"})
    return Desk(bench, builds=replace(builds_with(FakeRegistry()), code=code))


@pytest.fixture
def bot(desk: Desk) -> Iterator[Stack]:
    def answer(request: Request, audience: Audience) -> Reply:
        return dispatch(request, POLICY, lambda _who: replace(desk.services, audience=audience), "shop")

    with connect_redis() as redis, stack(redis, Asked(answer)) as bot:
        yield bot
        assert objections(bot.slack) == []


def labels(root: dict[str, Any]) -> list[str]:
    """What the buttons of a message say."""
    actions = [block["elements"] for block in root["blocks"] if block["type"] == "actions"]
    return [each["text"]["text"] for elements in actions for each in elements]


def proposed(bot: Stack) -> dict[str, Any]:
    assert bot.slack.slash("ana", "shop", "/bind", "--all").ok
    bot.wait(lambda: any("2 to propose" in root["text"] for root in bot.roots()))
    return bot.roots()[0]


def test_skip_renews_the_message_without_that_one(bot: Stack, desk: Desk) -> None:
    root = proposed(bot)
    bot.slack.click("ana", root["ts"], "Skip shop")
    bot.wait(lambda: labels(bot.roots()[0]) == ["Accept pay-api", "Edit pay-api", "Skip pay-api"])
    bot.wait(lambda: bot.surface.jobs.depth() == 0)
    assert len(bot.roots()) == 1
    assert "Checked again" not in str(bot.replies(root["ts"]))


def test_edit_opens_the_form_with_the_proposal_and_binds_what_is_filled_in(bot: Stack, desk: Desk) -> None:
    root = proposed(bot)
    bot.slack.click("ana", root["ts"], "Edit pay-api")
    bot.wait(lambda: "Try and keep" in json.dumps(bot.slack.view("ana") or {}))
    view = bot.slack.view("ana") or {}
    fields = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    assert fields["repository"]["element"]["initial_value"] == "team/pay"
    values = {"repository": "team/pay", "dockerfile": "Dockerfil", "image": "ghcr.io/team/pay"}
    bot.slack.submit("ana", values)
    bot.wait(lambda: "has no file" in json.dumps(bot.slack.view("ana") or {}))
    assert "is not bound" in desk.types("bind pay-api").document.headline
    bot.slack.submit("ana", values | {"dockerfile": "Dockerfile"})
    bot.wait(lambda: "is built from" in json.dumps(bot.slack.view("ana") or {}))
    assert "is built from `team/pay`" in desk.types("bind pay-api").document.headline


def test_a_workload_alone_opens_the_form(bot: Stack, desk: Desk) -> None:
    assert bot.slack.slash("ana", "shop", "/bind", "shop").ok
    bot.wait(lambda: "Try and keep" in json.dumps(bot.slack.view("ana") or {}))
    assert "team/shop" in json.dumps(bot.slack.view("ana"))


def test_accept_binds_that_one_and_nothing_else(bot: Stack, desk: Desk) -> None:
    assert bot.slack.slash("ana", "shop", "/bind", "--all").ok
    bot.wait(lambda: any("2 to propose" in root["text"] for root in bot.roots()))
    root = bot.roots()[0]
    bot.wait(lambda: "/bind deployment/pay-api team/pay" in str([root["blocks"], *bot.replies(root["ts"])]))
    assert labels(root) == [f"{verb} {name}" for name in ("pay-api", "shop") for verb in ("Accept", "Edit", "Skip")]
    assert "is not bound" in desk.types("bind shop").document.headline
    bot.slack.click("ana", root["ts"], "Accept shop")
    bot.wait(lambda: "is built from `team/shop` now" in str([*bot.roots(), *bot.replies(root["ts"])]))
    assert "is built from `team/shop`" in desk.types("bind shop").document.headline
    assert "is not bound" in desk.types("bind pay-api").document.headline
