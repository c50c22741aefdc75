"""`/build` that fails: why, what to do, and that nothing was rolled out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO

import pytest

from commands.base.errors import Unavailable
from commands.base.ports import Stop
from explainers.builds.model import BuildEvent, Order, Phase
from explainers.document import Tone
from tests.contract.fakes.engine import FakeEngine
from tests.fakes.code_host import FakeCodeHost
from tests.unit.commands.building import DOCKERFILE, World, scripted, shop_world, states
from tests.unit.sandboxed import button


@pytest.fixture
def world() -> World:
    return shop_world()


def test_a_failed_build_says_why_and_changes_nothing(world: World) -> None:
    world.push("broken", "FROM busybox\nRUN echo no such module; exit 3\n")
    reply = world.desk.types("build shop broken")
    assert (reply.outcome, reply.document.tone) == ("fault", Tone.FAULT)
    assert reply.document.headline.startswith("`shop` was not built from")
    assert states(reply) == {
        "fetch": "done", "build": "failed", "push": "waiting", "deploy": "waiting", "verify": "waiting",
    }  # fmt: skip
    assert "no such module" in reply.document.code
    assert "nothing was rolled out" in reply.document.facts
    assert (world.image(), world.desk.cluster.sent) == ("acme/shop:1", [])


BROKEN = BuildEvent(Phase.BUILD, error="exit code 3", code=3)
HEALS = BuildEvent(Phase.BUILD, error="Docker Engine at build:2376 no longer answers: the build was broken off.")


@pytest.mark.parametrize(
    ("error", "said"), [(BROKEN, "retrying without a change gives the same"), (HEALS, "retrying may help")]
)
def test_every_failed_build_can_be_retried_and_says_whether_that_helps(
    world: World, error: BuildEvent, said: str
) -> None:
    world.engine.script = scripted(error)
    reply = world.desk.types("build shop main")
    assert [one.label for one in reply.document.buttons] == ["Retry"]
    assert any(fact.startswith(said) for fact in reply.document.facts)
    corrected = world.push("main", DOCKERFILE.replace("hello", "corrected"))
    world.engine.script = None
    again = world.desk.presses(button(reply, "Retry"))
    assert (again.outcome, again.data["commit"]) == ("healthy", corrected)


def test_source_that_cannot_be_had_can_be_retried_too(world: World) -> None:
    world.repository.push("none", {"app.py": ""})
    reply = world.desk.types("build shop none")
    world.push("none")
    assert world.desk.presses(button(reply, "Retry")).outcome == "healthy"


def test_a_code_host_that_is_away_is_left_to_the_queue(world: World) -> None:
    class Away(FakeCodeHost):
        @contextmanager
        def archive(self, repository: str, sha: str) -> Iterator[IO[bytes]]:
            raise Unavailable("github.com cannot be reached.")
            yield

    assert world.desk.builds
    world.desk.builds = replace(world.desk.builds, code=Away({"team/shop": world.repository}))
    with pytest.raises(Unavailable):
        world.desk.types("build shop main")


def test_of_a_long_output_all_is_attached_and_the_end_shown(world: World) -> None:
    said = [BuildEvent(Phase.BUILD, text=f"line {number}") for number in range(400)]
    world.engine.script = scripted(*said, BuildEvent(Phase.BUILD, error="exit code 1", code=1))
    document = world.desk.types("build shop main", id="r-1").document
    assert document.code.split("\n") == [f"line {number}" for number in range(385, 400)]
    assert document.attachment
    assert document.attachment.name == f"shop-{world.repository.branches['main'][:7]}-r-1.log"
    assert document.attachment.text.split("\n") == [f"line {number}" for number in range(400)]
    assert "400 lines" in document.attachment.title


def test_a_refused_push_fails_in_its_own_stage(world: World) -> None:
    world.engine.private = frozenset({"localhost:5000"})
    reply = world.desk.types("build shop")
    assert reply.document.evidence[0].text == "no basic auth credentials"
    assert world.image() == "acme/shop:1"


@pytest.mark.parametrize("stored", [None, "sha256:" + "0" * 64])
def test_a_registry_that_has_something_else_is_not_believed(world: World, stored: str | None) -> None:
    world.lies = stored
    reply = world.desk.types("build shop")
    assert (reply.outcome, states(reply)["push"], world.image()) == ("fault", "failed", "acme/shop:1")
    assert reply.data["image"] is None


def test_an_engine_that_ends_without_a_digest_has_failed(world: World) -> None:
    class Silent(FakeEngine):
        def build(self, order: Order, context: object, credentials: object, stop: Stop) -> Iterator[BuildEvent]:
            yield BuildEvent(Phase.BUILD, text="Step 1/1 : FROM busybox")

    assert world.desk.builds
    world.desk.builds = replace(world.desk.builds, engine=Silent())
    reply = world.desk.types("build shop")
    assert (reply.outcome, states(reply)["build"]) == ("fault", "failed")


def test_a_dockerfile_that_is_not_there_and_an_engine_that_is_away(world: World) -> None:
    world.repository.push("none", {"app.py": ""})
    reply = world.desk.types("build shop none")
    assert (reply.outcome, states(reply)["fetch"]) == ("fault", "failed")
    assert "has no Dockerfile at Dockerfile" in reply.document.headline
    assert reply.document.explanation.startswith("Add a file called Dockerfile")
    world.engine.away = "refused"
    reply = world.desk.types("build shop")
    assert (reply.outcome, world.image()) == ("fault", "acme/shop:1")


def test_what_needs_buildkit_is_explained_with_its_line(world: World) -> None:
    world.push("mounts", "FROM busybox\nRUN --mount=type=cache,target=/c echo hi\n")
    reply = world.desk.types("build shop mounts")
    assert "BuildKit" in reply.document.headline
    assert "line 2" in reply.document.evidence[0].text


def test_a_program_that_crashes_is_diagnosed_while_the_old_one_serves(world: World) -> None:
    world.desk.types("build shop main")
    before = world.image()
    crashed = "sha256:" + "c" * 64
    world.crashes.add(crashed)
    world.engine.script = scripted(BuildEvent(Phase.PUSH, digest=crashed))
    reply = world.desk.types("build shop feature/login")
    assert (reply.outcome, reply.document.tone) == ("fault", Tone.FAULT)
    assert "does not serve" in reply.document.headline
    assert any("fatal: no config" in item.text for item in reply.document.evidence)
    assert (states(reply)["deploy"], states(reply)["verify"]) == ("done", "failed")
    assert world.desk.bench.available("shop", "shop") == 2
    back = world.desk.presses(button(reply, "Roll back"))
    done = world.desk.presses(button(back, "Apply"))
    assert (done.outcome, world.image()) == ("healthy", before)


def test_the_same_commit_again_is_said_with_a_restart(world: World) -> None:
    world.desk.types("build shop main")
    sent = len(world.desk.cluster.sent)
    reply = world.desk.types("build shop main")
    assert "runs" in reply.document.headline
    assert "already" in reply.document.headline
    assert button(reply, "Restart").action == "restart"
    assert len(world.desk.cluster.sent) == sent


def test_the_same_commit_that_crashes_is_not_called_running(world: World) -> None:
    crashed = "sha256:" + "c" * 64
    world.crashes.add(crashed)
    world.engine.script = scripted(BuildEvent(Phase.PUSH, digest=crashed))
    world.desk.types("build shop main")
    reply = world.desk.types("build shop main")
    assert (reply.outcome, states(reply)["deploy"], states(reply)["verify"]) == ("fault", "skipped", "failed")
    assert "already and does not serve it" in reply.document.headline
