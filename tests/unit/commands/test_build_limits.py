"""`/build` where somebody else decides: who keeps the workload, who may change it, what was meant."""

import pytest

from commands.base.errors import Denied, NotFound, UsageError
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment
from tests.unit.commands.building import IMAGE, World, shop_world
from tests.unit.sandboxed import as_user, button


@pytest.fixture
def world() -> World:
    return shop_world()


def test_a_workload_that_is_kept_by_git_is_left_with_the_choice(world: World) -> None:
    world.annotate(**{"kustomize.toolkit.fluxcd.io_name": "shop", "kustomize.toolkit.fluxcd.io_namespace": "flux"})
    reply = world.desk.types("build shop main")
    assert "is left to you" in reply.document.headline
    assert any("Flux" in fact for fact in reply.document.facts)
    assert (world.image(), world.desk.cluster.sent) == ("acme/shop:1", [])
    offered = button(reply, "Roll out anyway, for now")
    applied = world.desk.presses(button(world.desk.presses(offered), "Apply"))
    assert applied.outcome == "healthy"
    assert world.image() == f"{IMAGE}@{next(iter(world.engine.images.values())).digest}"


def test_a_helm_release_is_said_before_anything_is_patched_too(world: World) -> None:
    world.annotate(**{"app.kubernetes.io_managed-by": "Helm"})
    note = {"metadata": {"annotations": {"meta.helm.sh/release-name": "shop"}}}
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "merge-patch", note)
    reply = world.desk.types("build shop main")
    assert any("Helm manages it" in fact for fact in world.shown[0].facts), "already while it is built"
    assert "is left to you" in reply.document.headline
    assert any("the next upgrade of the release takes this back" in fact for fact in reply.document.facts)
    assert (world.image(), world.desk.cluster.sent) == ("acme/shop:1", [])
    assert button(reply, "Roll out anyway, for now").argument.startswith("deployment/shop localhost:5000/shop@sha256:")


def test_who_may_not_change_it_is_told_before_anything_is_built(world: World) -> None:
    read = ["deployments", "pods", "replicasets", "services", "endpointslices", "events", "pods/log"]
    intern = as_user(world.desk, ["get", "list", "watch"], read)
    with pytest.raises(Denied, match="patch deployments"):
        intern.types("build shop")
    assert world.engine.orders == []


def test_of_several_containers_one_must_be_meant(world: World) -> None:
    two = {"spec": {"template": {"spec": {"containers": [{"name": "proxy", "image": "acme/shop:2"}]}}}}
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "strategic-merge-patch", two)
    with pytest.raises(UsageError, match="several containers"):
        world.desk.types("build shop")
    chosen = {"metadata": {"annotations": {"tessera.dev/container": "shop"}}}
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "merge-patch", chosen)
    assert world.desk.types("build shop").outcome == "healthy"
    spec = world.desk.bench.get(f"{DEPLOYMENTS}/shop")["spec"]["template"]["spec"]
    images = {one["name"]: one["image"] for one in spec["containers"]}
    assert images["proxy"] == "acme/shop:2"
    assert images["shop"].startswith(f"{IMAGE}@sha256:")


@pytest.mark.parametrize("line", ["build", "build shop main more"])
def test_other_forms_are_explained(world: World, line: str) -> None:
    with pytest.raises(UsageError, match="What should I build"):
        world.desk.types(line)


def test_without_an_engine_it_says_how_to_get_one(world: World) -> None:
    world.desk.builds = None
    with pytest.raises(UsageError) as told:
        world.desk.types("build shop")
    assert "docs.docker.com/engine/install" in told.value.hint


def test_unbound_and_unknown_refs_teach_the_form(world: World) -> None:
    with pytest.raises(NotFound) as told:
        world.desk.types("build shop feture/login")
    assert "feature/login" in told.value.hint
    world.desk.bench.post(DEPLOYMENTS, deployment("bare", "acme/shop:1"))
    with pytest.raises(UsageError, match="not bound"):
        world.desk.types("build bare")
