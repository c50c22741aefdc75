"""Where a binding comes from: what a person stored, else the workload's annotations."""

import pytest

from commands.base.bindings import Bound, find_binding, known_binding, need_binding, remove_binding, store_binding
from commands.base.errors import TesseraError, Unavailable, UsageError
from commands.base.parse import parse
from commands.base.request import Actor, Request
from commands.base.workloads import Workload, find_workload
from explainers.builds.binding import Binding
from explainers.builds.running import SOURCE
from tests.fakes.registry import FakeRegistry
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.fakes import builds_with
from tests.unit.sandboxed import Desk

STORED = Binding("team/other", "ghcr.io/team/other", "deploy/Dockerfile", "src", "main", "web")


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  acme/web:1: {}")
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1"))
    return Desk(bench)


def workload(desk: Desk, **notes: str) -> Workload:
    if notes:
        body = {"metadata": {"annotations": {f"tessera.dev/{name}": value for name, value in notes.items()}}}
        desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", body)
    request = Request("build", "web", Actor("ada"), namespace="shop")
    return find_workload(request, desk.services, parse("web", ""), "web")


def test_unbound_teaches_the_form(desk: Desk) -> None:
    with pytest.raises(UsageError) as told:
        need_binding(desk.services, workload(desk))
    assert "/bind TARGET REPOSITORY IMAGE" in told.value.hint


def test_annotations_bind_and_the_image_in_use_is_the_default(desk: Desk) -> None:
    assert need_binding(desk.services, workload(desk, repository="team/web")) == Binding("team/web", "acme/web")
    named = need_binding(desk.services, workload(desk, image="ghcr.io/team/web", branch="dev"))
    assert named == Binding("team/web", "ghcr.io/team/web", branch="dev")


def test_what_was_stored_goes_before_and_is_kept_whole(desk: Desk) -> None:
    bound = workload(desk, repository="team/web")
    store_binding(desk.services, bound.ref, STORED)
    found = find_binding(desk.services, bound)
    assert found
    assert (found.binding, found.stored) == (STORED, True)
    remove_binding(desk.services, bound.ref)
    left = find_binding(desk.services, bound)
    assert left
    assert (left.binding.repository, left.stored) == ("team/web", False)


def labelled(source: str, fails: TesseraError | None = None) -> Desk:
    bench = empty_bench("  ghcr.io/acme/web:*: {}")
    bench.post(DEPLOYMENTS, deployment("web", "ghcr.io/acme/web:1"))
    registry = FakeRegistry(fails={"ghcr.io": fails} if fails else {})
    registry.push("ghcr.io/acme/web:1", "sha256:" + "a" * 64, {SOURCE: source})
    return Desk(bench, builds=builds_with(registry))


def test_the_label_of_the_image_binds_last() -> None:
    desk = labelled("https://github.com/team/web")
    found = find_binding(desk.services, workload(desk))
    assert found == Bound(Binding("https://github.com/team/web", "ghcr.io/acme/web"), stored=False, labelled=True)
    assert known_binding(desk.services, workload(desk)) is None, "a list asks no registry"
    assert "stated by the label" in desk.types("bind web").document.facts[0]
    stated = find_binding(desk.services, workload(desk, repository="team/other"))
    assert stated
    assert (stated.binding.repository, stated.labelled) == ("team/other", False)


@pytest.mark.parametrize("source", ["https://github.com/nginx/docker-nginx", "", "team/web `x`", "team/" + "web" * 200])
def test_a_label_of_a_base_image_or_of_no_repository_binds_nothing(source: str) -> None:
    desk = labelled(source)
    assert find_binding(desk.services, workload(desk)) is None


def test_a_registry_that_is_away_binds_nothing() -> None:
    desk = labelled("team/web", Unavailable("away"))
    assert find_binding(desk.services, workload(desk)) is None
