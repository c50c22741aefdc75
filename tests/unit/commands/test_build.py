"""`/build` that ends well: from a branch to pods that serve its image."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from commands.base.ports import Stop
from commands.base.undoing import OFFERED
from explainers.builds.model import BuildEvent, Credentials, Order, Phase
from explainers.document import StageState, Tone
from tests.contract.fakes.engine import FakeEngine
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS
from tests.unit.commands.building import IMAGE, World, shop_world, states
from tests.unit.sandboxed import button


@pytest.fixture
def world() -> World:
    return shop_world()


def test_a_branch_is_built_rolled_out_by_digest_and_noted(world: World) -> None:
    reply = world.desk.types("build shop feature/login")
    sha = world.repository.branches["feature/login"]
    assert (reply.outcome, reply.document.tone) == ("healthy", Tone.HEALTHY)
    assert reply.document.headline == f"`shop` runs `{sha[:7]}` of `feature/login`"
    assert set(states(reply).values()) == {"done"}
    [(reference, pushed)] = world.engine.images.items()
    assert reference.startswith(f"{IMAGE}:feature-login-{sha[:7]}")
    assert pushed.labels["org.opencontainers.image.revision"] == sha
    assert world.image() == f"{IMAGE}@{pushed.digest}"
    assert "2 of 2 pods ready" in reply.document.facts
    notes = world.notes()
    assert (notes["tessera.dev/commit"], notes["tessera.dev/commit-branch"]) == (sha, "feature/login")
    assert (notes["tessera.dev/author"], notes["tessera.dev/asked-by"]) == ("Ana", "ada")
    assert [one.label for one in reply.document.buttons] == ["Roll back", "Logs"]
    until = datetime.fromisoformat(button(reply, "Roll back").until)
    assert until - world.desk.services.clock.now() == OFFERED
    assert any(f"a button does, too, until {until:%H:%M} UTC" in fact for fact in reply.document.facts)


def test_the_way_back_is_to_what_ran_before_this_build(world: World) -> None:
    reply = world.desk.types("build shop feature/login")
    world.desk.types("build shop main")
    proposed = world.desk.presses(button(reply, "Roll back"))
    world.desk.presses(button(proposed, "Apply"))
    assert world.image() == "acme/shop:1"


def test_no_way_back_is_offered_where_the_cluster_keeps_none(world: World) -> None:
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "merge-patch", {"spec": {"revisionHistoryLimit": 0}})
    reply = world.desk.types("build shop feature/login")
    assert [one.label for one in reply.document.buttons] == ["Logs"]
    assert any("cannot be rolled back" in fact for fact in reply.document.facts)


def test_a_push_to_what_wants_none_builds_nothing(world: World) -> None:
    reply = world.desk.types("build shop", pushed="a" * 40)
    assert "wants no build on push any more" in reply.document.headline
    assert world.engine.orders == []
    wish = {"metadata": {"annotations": {"tessera.dev/on-push": "true"}}}
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "merge-patch", wish)
    assert world.desk.types("build shop", pushed="a" * 40).outcome == "healthy"


def test_the_plan_shows_exactly_what_was_sent(world: World) -> None:
    reply = world.desk.types("build shop")
    assert [step.operation.line() for step in reply.document.plan.steps if step.changes] == world.desk.cluster.sent
    assert "--to-revision" not in "".join(world.desk.cluster.sent)


def test_without_a_ref_the_bindings_branch_then_the_default_one(world: World) -> None:
    world.desk.types("build shop feature/login")
    assert world.desk.types("build shop").document.headline.endswith("of `main`")
    world.desk.bench.patch(
        f"{DEPLOYMENTS}/shop", "merge-patch", {"metadata": {"annotations": {"tessera.dev/branch": "feature/login"}}}
    )
    assert world.desk.types("build shop").document.headline.endswith("of `feature/login`")


def test_the_checklist_moves_while_it_works(world: World) -> None:
    world.desk.types("build shop feature/login")
    assert all(document.tone is Tone.WORKING for document in world.shown)
    assert [one.label for one in world.shown[0].buttons] == ["Cancel"]
    running = [stage.name for document in world.shown for stage in document.stages if stage.state is StageState.RUNNING]
    assert list(dict.fromkeys(running)) == ["fetch", "build", "push", "deploy", "verify"]
    assert any("login" in document.code for document in world.shown)


def test_logins_of_the_push_and_of_base_images_are_given(world: World) -> None:
    given: list[str] = []

    class Asked(FakeEngine):
        def build(
            self, order: Order, context: object, credentials: Iterable[tuple[str, Credentials]], stop: Stop
        ) -> Iterator[BuildEvent]:
            given.extend(host for host, _ in credentials)
            yield BuildEvent(Phase.BUILD, error="enough")

    asked = Asked()
    login = Credentials("ada", "secret")
    world.logins = {"localhost:5000": login, "ghcr.io": login, "quay.io": login, "unused.example": login}
    world.push("bases", "FROM ghcr.io/team/base AS b\nFROM $NAME\nCOPY --from=quay.io/team/tools /a /a\n")
    world.desk.builds = replace(world.desk.builds, engine=asked) if world.desk.builds else None
    world.desk.types("build shop bases")
    assert given == ["localhost:5000", "ghcr.io", "quay.io"]


def test_the_reply_for_scripts_names_stages_and_image(world: World) -> None:
    data = json.loads(json.dumps(world.desk.types("build shop").data))
    assert [stage["name"] for stage in data["stages"]] == ["fetch", "build", "push", "deploy", "verify"]
    assert data["image"] == world.image()
