"""A change in chat, from the command to the pods that serve: the real bot on a sandbox cluster, in the strict Slack."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot import local
from bot.demo import PROBE_IMAGE, sandbox_clusters
from bot.local import Local
from commands.base.ports import Clusters
from commands.base.request import Identity
from explainers import kinds
from explainers.operations.reads import Get
from explainers.operations.workloads import Scale


@pytest.fixture
def clusters() -> Iterator[Clusters]:
    with sandbox_clusters("shop", ["shop"]) as clusters:
        yield clusters


@pytest.fixture
def bot(clusters: Clusters) -> Iterator[Local]:
    running = local.start(clusters, "shop", PROBE_IMAGE, own_identity=False, port=0)
    yield running
    refusals = running.console.refusals
    running.stop()
    assert refusals == []


def roots(bot: Local) -> list[dict[str, Any]]:
    return [one for one in bot.console.messages("shop") if one.get("bot_id") and not one.get("thread_ts")]


def wait(bot: Local, ready: Callable[[], object]) -> None:
    assert bot.console.wait_for(ready, 60), [one["text"] for one in roots(bot)]


def button(root: dict[str, Any], label: str) -> dict[str, Any] | None:
    found = (each for block in root["blocks"] if block["type"] == "actions" for each in block["elements"])
    return next((each for each in found if each["text"]["text"] == label), None)


def proposed(bot: Local, replicas: int) -> dict[str, Any]:
    """The message that asks whether to scale."""
    before = len(roots(bot))
    assert bot.console.slash("ana", "shop", "/scale", f"web {replicas}").ok
    wait(bot, lambda: len(roots(bot)) > before and button(roots(bot)[-1], "Apply"))
    return roots(bot)[-1]


def replicas(clusters: Clusters) -> int:
    return int(clusters.as_identity(Identity()).run(Get(kinds.DEPLOYMENT, "shop", "web")).object["spec"]["replicas"])


def test_nothing_happens_before_the_yes_and_all_of_it_after(bot: Local, clusters: Clusters) -> None:
    before = replicas(clusters)
    asked = proposed(bot, before + 1)
    yes = button(asked, "Apply")
    assert yes is not None
    assert f"web in shop: {before} → {before + 1} pods" in yes["confirm"]["text"]["text"]
    assert replicas(clusters) == before
    bot.console.click("ana", asked["ts"], "Apply")
    wait(bot, lambda: "all ready" in roots(bot)[-1]["text"])
    assert replicas(clusters) == before + 1
    assert button(roots(bot)[-1], "Apply") is None
    assert len(roots(bot)) == 1, "the message that was approved says what became of it"


def test_the_first_of_two_clicks_wins(bot: Local, clusters: Clusters) -> None:
    wanted = replicas(clusters) + 1
    asked = proposed(bot, wanted)
    for person in ("ana", "ben"):
        bot.console.click(person, asked["ts"], "Apply")
    wait(bot, lambda: "all ready" in roots(bot)[-1]["text"])
    whispered = [str(one) for person in ("ana", "ben") for one in bot.console.ephemerals(person, "shop")]
    assert sum("expired or was used" in one for one in whispered) == 1
    assert replicas(clusters) == wanted


def test_a_plan_that_the_cluster_has_overtaken_is_shown_anew(bot: Local, clusters: Clusters) -> None:
    wanted = replicas(clusters) + 2
    asked = proposed(bot, wanted)
    clusters.as_identity(Identity()).run(Scale(kinds.DEPLOYMENT, "shop", "web", 1))
    bot.console.click("ana", asked["ts"], "Apply")
    wait(bot, lambda: "the cluster has changed since" in str(roots(bot)[-1]["blocks"]))
    assert replicas(clusters) == 1
    bot.console.click("ana", asked["ts"], "Apply")
    wait(bot, lambda: "all ready" in roots(bot)[-1]["text"])
    assert replicas(clusters) == wanted


def test_who_may_not_ask_may_not_say_yes(bot: Local, clusters: Clusters) -> None:
    before = replicas(clusters)
    asked = proposed(bot, before + 1)
    yes = button(asked, "Apply")
    assert yes is not None
    bot.console.click("guest", asked["ts"], "Apply")
    wait(bot, lambda: any("guests" in str(one) for one in bot.console.ephemerals("guest", "shop")))
    assert replicas(clusters) == before
