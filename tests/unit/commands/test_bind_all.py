"""`/bind --all`: proposals with reasons; only a yes binds."""

from dataclasses import replace

import pytest

from commands.base.errors import Unavailable, UsageError
from commands.base.proposing import propose
from explainers.builds.binding import Binding, annotated
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.fakes.registry import FakeRegistry
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, Bench, deployment, empty_bench
from tests.unit.fakes import builds_with
from tests.unit.sandboxed import Desk, button


def repository(*paths: str) -> FakeRepository:
    made = FakeRepository()
    made.push("main", dict.fromkeys(paths, "FROM busybox"))
    return made


@pytest.fixture
def code() -> FakeCodeHost:
    monorepo = repository("Dockerfile", "services/pay/Dockerfile", "services/cart/Dockerfile")
    return FakeCodeHost({"team/shop": repository("Dockerfile"), "team/pay": monorepo, "team/docs": repository("a.md")})


@pytest.fixture
def bench() -> Bench:
    return empty_bench("  ghcr.io/team/*: {}")


def desk(bench: Bench, code: FakeCodeHost, *names: str) -> Desk:
    for name in names:
        bench.post(DEPLOYMENTS, deployment(name, f"ghcr.io/team/{name}:1", 1))
    return Desk(bench, builds=replace(builds_with(FakeRegistry()), code=code))


def test_each_proposal_has_its_reasons_and_a_yes_runs_the_ordinary_bind(bench: Bench, code: FakeCodeHost) -> None:
    ada = desk(bench, code, "shop-api", "pay", "redis")
    reply = ada.types("bind --all")
    assert reply.document.headline == "3 workloads in `shop` are not bound; I have 2 to propose. Nothing is bound yet."
    row = next(one for one in reply.document.evidence if one.source == "deployment/pay")
    assert "`team/pay`, `services/pay/Dockerfile`: its name `pay` is the same" in row.text
    assert "`/bind deployment/pay team/pay ghcr.io/team/pay --dockerfile services/pay/Dockerfile" in row.text
    assert any("`redis`: no repository that I know fits" in fact for fact in reply.document.facts)
    for name in ("pay", "shop-api"):
        assert "is not bound" in ada.types(f"bind {name}").document.headline
    done = ada.presses(button(reply, "Accept pay"))
    assert done.document.headline == "`pay` is built from `team/pay` now."
    left = ada.types("bind --all")
    assert [one.label for one in left.document.buttons] == ["Accept shop-api", "Edit shop-api", "Skip shop-api"]


def test_a_yes_is_checked_anew(bench: Bench, code: FakeCodeHost) -> None:
    ada = desk(bench, code, "shop")
    offer = button(ada.types("bind --all"), "Accept shop")
    code.fails["team/shop"] = Unavailable("GitHub is away.")
    with pytest.raises(Unavailable):
        ada.presses(offer)
    code.fails.clear()
    assert "is not bound" in ada.types("bind shop").document.headline


def test_what_is_not_clear_is_said(bench: Bench, code: FakeCodeHost) -> None:
    code.held["team/two"] = repository("a/Dockerfile", "b/Dockerfile")
    code.fails["team/shop"] = Unavailable("GitHub is away.")
    reply = desk(bench, code, "docs", "two", "shop").types("bind --all")
    assert not reply.document.buttons
    assert reply.data["unmatched"] == {
        "deployment/docs": "`team/docs` fits, but has no Dockerfile",
        "deployment/two": "`team/two` fits, but has several Dockerfiles",
        "deployment/shop": "GitHub is away.",
    }


def test_no_more_than_eight_at_once_and_the_rest_are_named(bench: Bench) -> None:
    words = ["amber", "birch", "cedar", "dahlia", "elm", "fern", "ginkgo", "hazel", "iris", "juniper", "kelp", "lotus"]
    code = FakeCodeHost({f"team/{word}": repository("Dockerfile") for word in words})
    reply = desk(bench, code, *words).types("bind --all")
    accepts = [one.label for one in reply.document.buttons if one.label.startswith("Accept")]
    assert accepts == [f"Accept {word}" for word in words[:8]]
    assert len(reply.document.buttons) <= 25
    assert "there are more: `iris`, `juniper`, `kelp`, `lotus`; accept these, then ask again" in reply.document.facts


def test_repositories_of_other_bindings_are_known_where_none_are_listed(bench: Bench, code: FakeCodeHost) -> None:
    ada = desk(bench, code, "pay", "pay-worker")
    ada.types("bind pay team/pay ghcr.io/team/pay --dockerfile services/pay/Dockerfile")
    code.away = Unavailable("GitHub is away.")
    reply = ada.types("bind --all")
    assert "I cannot list more repositories: GitHub is away." in reply.document.facts
    assert [one.label for one in reply.document.buttons] == ["Accept pay-worker", "Edit pay-worker", "Skip pay-worker"]


def test_a_skipped_one_is_left_out_and_the_others_stay(bench: Bench, code: FakeCodeHost) -> None:
    ada = desk(bench, code, "shop-api", "pay", "docs")
    code.held["team/docs"].push("main", {"Dockerfile": "FROM busybox"})
    first = ada.presses(button(ada.types("bind --all"), "Skip pay"))
    assert [one.label for one in first.document.buttons if "Accept" in one.label] == ["Accept docs", "Accept shop-api"]
    second = ada.presses(button(first, "Skip docs"))
    assert [one.label for one in second.document.buttons if "Accept" in one.label] == ["Accept shop-api"]
    assert any(fact.startswith("skipped: `deployment/pay`, `deployment/docs`") for fact in second.document.facts)


def test_edit_asks_in_the_form_with_the_proposal_in_it(bench: Bench, code: FakeCodeHost) -> None:
    ada = desk(bench, code, "pay")
    edit = button(ada.types("bind --all"), "Edit pay")
    form = ada.presses(edit).form
    assert form
    values = {field.name: field.initial for field in form.fields}
    assert (values["repository"], values["dockerfile"]) == ("team/pay", "services/pay/Dockerfile")
    assert (values["context"], values["image"]) == ("services/pay", "ghcr.io/team/pay")
    done = ada.types(f"bind {edit.argument}", filled=values | {"context": ""})
    assert done.document.headline == "`pay` is built from `team/pay` now."
    assert any("context `.`" in row.text for row in done.document.evidence)


def test_an_empty_namespace_and_a_name_too_many(bench: Bench, code: FakeCodeHost) -> None:
    ada = desk(bench, code)
    assert ada.types("bind --all -n default").document.headline.startswith("Everything in `default` is bound")
    with pytest.raises(UsageError):
        ada.types("bind shop --all")


def test_where_nothing_keeps_it_annotations_do_the_same(bench: Bench, code: FakeCodeHost) -> None:
    ada = desk(bench, code, "pay")
    [proposed] = propose(replace(ada.services, lasting=False), "shop").choices
    assert proposed.line.startswith("kubectl -n shop annotate deployment/pay --overwrite ")
    assert propose(ada.services, "shop").choices[0].line.startswith("/bind deployment/pay team/pay ")
    notes = dict(word.partition("=")[::2] for word in proposed.line.split()[6:])
    binding = annotated({"metadata": {"annotations": notes}})
    assert binding == Binding("team/pay", "ghcr.io/team/pay", "services/pay/Dockerfile", "services/pay")
