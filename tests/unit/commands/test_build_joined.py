"""`/build` of what another request builds already: it is built once."""

import pytest

from commands.base.request import Reply
from explainers.builds.model import BuildEvent, Phase
from explainers.document import Document, StageState
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS
from tests.unit.commands.building import World, scripted, shop_world, with_image


@pytest.fixture
def world() -> World:
    return shop_world()


def test_the_same_build_twice_at_once_is_one(world: World) -> None:
    """The second is asked for while the first builds; it waits until the first is done and takes its image."""
    sha = world.repository.branches["main"]
    first = world.desk.types("build shop main", id="r-1")
    key = next(key for key in world.state.keys if key.startswith("built:") and sha in key)
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "strategic-merge-patch", with_image("acme/shop:1"))
    second = build_beside(world, key, "build shop main")
    assert (first.outcome, second.outcome) == ("healthy", "healthy")
    assert len(world.engine.orders) == 1
    assert first.data["image"] == second.data["image"]
    build = next(stage for stage in second.document.stages if stage.name == "build")
    assert (build.state, build.detail) == (StageState.SKIPPED, "done by request r-1")


def build_beside(world: World, key: str, line: str) -> Reply:
    """Build while another request, which has left its result under `key`, still holds the lease and then ends."""
    lease = key.replace("built:", "building:")
    world.state.put(lease, "r-1", 60)

    def done(document: Document) -> None:
        if "by request r-1" in document.headline:
            world.state.delete(lease)

    world.on_show = done
    return world.desk.types(line, id="r-2")


def test_a_failure_is_shared_with_who_waited(world: World) -> None:
    world.push("broken", "FROM busybox\nRUN echo no such module; exit 3\n")
    first = world.desk.types("build shop broken", id="r-1")
    second = build_beside(world, next(key for key in world.state.keys if key.startswith("built:")), "build shop broken")
    assert len(world.engine.orders) == 1
    assert (second.outcome, second.document.headline) == ("fault", first.document.headline)
    assert second.document.evidence == first.document.evidence
    assert any("built for request r-1" in fact for fact in second.document.facts)
    assert world.image() == "acme/shop:1"


def test_a_failure_that_may_heal_is_tried_again_by_who_waited(world: World) -> None:
    away = BuildEvent(Phase.BUILD, error="Docker Engine at build:2376 no longer answers: the build was broken off.")
    world.engine.script = scripted(away)
    assert world.desk.types("build shop main", id="r-1").outcome == "fault"
    world.engine.script = None
    sha = world.repository.branches["main"]
    assert not [key for key in world.state.keys if key.startswith("built:")]
    made = world.desk.types("build shop feature/login", id="r-3")  # for the form of the key
    other = next(key for key in world.state.keys if key.startswith("built:"))
    key = other.replace(str(made.data["commit"]), sha)
    assert build_beside(world, key, "build shop main").outcome == "healthy"


def test_an_older_result_is_not_taken_without_waiting(world: World) -> None:
    world.desk.types("build shop main")
    world.desk.types("build shop main")
    assert len(world.engine.orders) == 2
