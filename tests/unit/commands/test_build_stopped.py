"""`/build` that is stopped: cancelled, or past its deadline."""

from datetime import timedelta

import pytest

from commands.base.cancelling import cancel
from commands.build import DEADLINE
from explainers.builds.model import BuildEvent, Phase
from explainers.document import Document, StageState
from tests.unit.commands.building import World, scripted, shop_world, states
from tests.unit.sandboxed import button


@pytest.fixture
def world() -> World:
    return shop_world()


def test_cancelled_while_it_builds_nothing_is_rolled_out(world: World) -> None:
    def press(document: Document) -> None:
        if any(stage.name == "build" and stage.state is StageState.RUNNING for stage in document.stages):
            cancel(world.desk.state, "r-1", "ben")
            world.desk.bench.pass_time(2)

    world.on_show = press
    reply = world.desk.types("build shop", id="r-1")
    assert "was cancelled" in reply.document.headline
    assert states(reply)["build"] == "skipped"
    assert (world.image(), world.engine.working) == ("acme/shop:1", 0)
    assert world.desk.state.get("running:r-1") is None


def test_cancelled_while_the_engine_is_silent_the_stage_is_not_called_done(world: World) -> None:
    def press(document: Document) -> None:
        if "a while" in document.code:
            cancel(world.desk.state, "r-1", "ben")
            world.desk.bench.now += timedelta(seconds=2)

    world.engine.script = scripted(BuildEvent(Phase.BUILD, text="this takes a while"), 30.0)
    world.on_show = press
    reply = world.desk.types("build shop", id="r-1")
    assert "was cancelled" in reply.document.headline
    assert (states(reply)["build"], states(reply)["push"]) == ("skipped", "waiting")
    assert world.engine.working == 0


def test_cancelled_while_it_rolls_out_the_way_back_is_offered(world: World) -> None:
    world.desk.types("build shop main")

    def press(document: Document) -> None:
        if any(stage.name == "verify" and stage.state is StageState.RUNNING for stage in document.stages):
            cancel(world.desk.state, "r-1", "ben")

    world.on_show = press
    crashed = "sha256:" + "c" * 64
    world.crashes.add(crashed)
    world.engine.script = scripted(BuildEvent(Phase.PUSH, digest=crashed))
    reply = world.desk.types("build shop feature/login", id="r-1")
    assert "was cancelled" in reply.document.headline
    assert "the new image is set and its roll-out goes on" in reply.document.facts
    assert button(reply, "Roll back")


def test_past_its_deadline_it_stops(world: World) -> None:
    def late(document: Document) -> None:
        if any(stage.name == "build" and stage.state is StageState.RUNNING for stage in document.stages):
            world.desk.bench.now += DEADLINE + timedelta(seconds=1)

    world.on_show = late
    reply = world.desk.types("build shop")
    assert "took longer than 30 minutes" in reply.document.headline
    assert world.image() == "acme/shop:1"
