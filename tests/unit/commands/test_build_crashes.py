"""`/build` whose process is killed: the next run of its job ends it, once."""

import pytest

from commands.base.errors import Unavailable
from explainers.document import Document, StageState
from explainers.operations.base import Answer, Operation
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS
from tests.unit.commands.building import DOCKERFILE, Killed, World, shop_world, with_image
from tests.unit.sandboxed import SandboxedCluster


@pytest.fixture
def world() -> World:
    return shop_world()


@pytest.mark.parametrize("stage", ["fetch", "build", "push", "deploy", "verify"])
@pytest.mark.parametrize("state", [StageState.RUNNING, StageState.DONE])
def test_killed_at_any_stage_the_next_run_ends_it_once(world: World, stage: str, state: StageState) -> None:
    def kill(document: Document) -> None:
        if any(one.name == stage and one.state is state for one in document.stages):
            world.state.dead = True
            raise Killed

    world.on_show = kill
    with pytest.raises(Killed):
        world.desk.types("build shop main", id="r-1")
    world.state.dead = False
    wanted = world.repository.branches["main"]
    world.push("main", DOCKERFILE.replace("hello", "moved on"))
    world.on_show = None
    reply = world.desk.types("build shop main", id="r-1")
    assert reply.outcome == "healthy"
    assert reply.data["commit"] == wanted
    assert world.notes()["tessera.dev/commit"] == wanted
    assert world.image() == reply.data["image"]
    built_before = stage in ("deploy", "verify")
    assert (len(world.engine.orders) == 1) or not built_before
    assert not [key for key in world.state.keys if key.startswith(("building:", "running:"))]


def killed_while_it_verifies(world: World) -> None:
    """A build whose worker dies when the new pods are on their way; what remembers is back afterwards."""

    def kill(document: Document) -> None:
        if any(one.name == "verify" and one.state is StageState.RUNNING for one in document.stages):
            world.state.dead = True
            raise Killed

    world.on_show = kill
    with pytest.raises(Killed):
        world.desk.types("build shop main", id="r-1")
    world.state.dead = False
    world.on_show = None


def test_what_somebody_set_after_a_crash_is_not_taken_back(world: World) -> None:
    killed_while_it_verifies(world)
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "strategic-merge-patch", with_image("acme/shop:9"))
    reply = world.desk.types("build shop main", id="r-1")
    assert "was given another image meanwhile" in reply.document.headline
    assert world.image() == "acme/shop:9"


def test_the_way_back_is_the_image_before_also_after_a_crash(world: World) -> None:
    killed_while_it_verifies(world)
    reply = world.desk.types("build shop main", id="r-1")
    inverse = reply.document.plan.steps[0].inverse
    assert inverse
    assert inverse.line().endswith("shop=acme/shop:1")


def test_a_cluster_that_goes_away_at_the_roll_out_is_asked_again(world: World) -> None:
    cluster = world.desk.cluster

    class Away(SandboxedCluster):
        def run(self, operation: Operation) -> Answer:
            return Answer(503, problem="etcd is away") if operation.changes else cluster.run(operation)

    world.desk.cluster = Away(world.desk.bench)
    with pytest.raises(Unavailable, match="etcd is away"):
        world.desk.types("build shop main", id="r-1")
    world.desk.cluster = cluster
    assert world.desk.types("build shop main", id="r-1").outcome == "healthy"
    assert len(world.engine.orders) == 1
