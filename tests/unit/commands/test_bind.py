"""`/bind`: every part of a binding is tried before it is kept."""

import pytest

from bot.source.context import build_context
from commands.base.errors import Denied, NotFound, UsageError
from commands.base.ports import Builds
from commands.base.pushes import sponsors
from commands.base.registry import commands
from commands.base.request import Actor, Reply
from tests.contract.fakes.engine import FakeEngine
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.fakes.registry import FakeRegistry
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.fakes import NoSecrets
from tests.unit.sandboxed import Desk, button

BOUND = "bind web team/web ghcr.io/team/web"


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  acme/web:1: {}")
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1"))
    repository = FakeRepository()
    repository.push("main", {"Dockerfile": "FROM busybox", "deploy/Dockerfile": "FROM busybox"})
    code = FakeCodeHost({"team/web": repository})
    registry = FakeRegistry(denied={"quay.io"})
    return Desk(bench, builds=Builds(code, build_context, FakeEngine(), registry, NoSecrets()))


def test_bound_shown_and_unbound(desk: Desk) -> None:
    assert "is not bound" in desk.types("bind web").document.headline
    kept = desk.types(f"{BOUND} --dockerfile deploy/Dockerfile")
    assert kept.document.headline == "`web` is built from `team/web` now."
    assert button(kept, "Build").argument == "deployment/web -n shop"
    shown = desk.types("bind web")
    assert [row.text for row in shown.document.evidence] == [
        "`team/web`",
        "`deploy/Dockerfile`, context `.`",
        "`ghcr.io/team/web`",
    ]
    desk.types("bind web off")
    assert "is not bound" in desk.types("bind web").document.headline


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("bind web team/wob ghcr.io/team/web", NotFound, "team/wob"),
        (f"{BOUND} --branch nine", NotFound, "nine"),
        (f"{BOUND} --dockerfile Dockerfil", NotFound, "has no file"),
        (f"{BOUND} --container proxy", UsageError, "Which container"),
        ("bind web team/web quay.io/team/web", Denied, "quay.io"),
        ("bind web team/web ghcr.io/Not/An/Image", UsageError, "Not/An/Image"),
        ("bind web team/web ghcr.io/team/web:1", UsageError, "ghcr.io/team/web:1"),
        ("bind web team/web", UsageError, "image repository"),
        ("bind", UsageError, "What should I bind"),
    ],
)
def test_what_does_not_hold_is_said_and_nothing_is_kept(
    desk: Desk, line: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        desk.types(line)
    assert "is not bound" in desk.types("bind web").document.headline


def problems(reply: Reply) -> dict[str, str]:
    assert reply.form
    return {field.name: field.problem for field in reply.form.fields if field.problem}


def test_a_workload_alone_is_asked_about_with_the_best_guess(desk: Desk) -> None:
    reply = desk.types("bind web")
    assert reply.form
    values = {field.name: field.initial for field in reply.form.fields}
    assert values == {
        "repository": "team/web", "branch": "", "dockerfile": "Dockerfile", "context": "", "image": "acme/web",
    }  # fmt: skip
    done = desk.types("bind web", filled=values | {"image": "ghcr.io/team/web"})
    assert done.document.headline == "`web` is built from `team/web` now."
    assert not desk.types("bind web").form


def test_each_mistake_stands_at_its_own_field_and_nothing_is_kept(desk: Desk) -> None:
    wrong = {
        "repository": "team/web",
        "branch": "",
        "dockerfile": "Dockerfil",
        "context": "deplo",
        "image": "quay.io/team/web",
    }
    found = problems(desk.types("bind web", filled=wrong))
    assert set(found) == {"dockerfile", "context", "image"}
    assert "Dockerfiles there: `Dockerfile`, `deploy/Dockerfile`" in found["dockerfile"]
    assert "did you mean `deploy`?" in found["context"]
    assert "quay.io" in found["image"]
    assert "nine" in problems(desk.types("bind web", filled=wrong | {"branch": "nine"}))["branch"]
    assert "team/wob" in problems(desk.types("bind web", filled=wrong | {"repository": "team/wob"}))["repository"]
    assert set(problems(desk.types("bind web", filled={**wrong, "repository": ""}))) == {"repository"}
    assert "is not bound" in desk.types("bind web").document.headline


def test_a_binding_is_edited_in_the_form(desk: Desk) -> None:
    desk.types(BOUND)
    edit = button(desk.types("bind web"), "Edit")
    form = desk.presses(edit).form
    assert form
    assert {field.name: field.initial for field in form.fields}["image"] == "ghcr.io/team/web"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("web", True),
        ("web -n shop", True),
        ("web --edit", True),
        ("web a/b c/d --edit", True),
        ("web a/b c/d", False),
        ("web off", False),
        ("web --on-push", False),
        ("--all", False),
        ("--al 'x", False),
        ("", False),
    ],
)
def test_slack_opens_a_form_only_where_one_may_come(text: str, asks: bool) -> None:
    assert commands()["bind"].asks(text) is asks


# On push

ANA = Actor("U0ANA", "T0", channel="C0SHOP")


def test_on_push_somebody_stands_for_it_in_a_channel(desk: Desk) -> None:
    desk.types(BOUND)
    with pytest.raises(UsageError, match="answered in a channel"):
        desk.types("bind web --on-push")
    assert sponsors(desk.state) == []
    desk.actor = ANA
    said = desk.types("bind web --on-push")
    assert said.document.headline == "`web` is built on each push to the default branch of `team/web`."
    [one] = sponsors(desk.state)
    assert (one.user, one.channel, one.repository, one.workload) == (
        "U0ANA", "C0SHOP", "team/web", "deployment/web -n shop",
    )  # fmt: skip
    assert any("for `U0ANA` in `C0SHOP`" in fact for fact in desk.types("bind web").document.facts)
    desk.types("bind web --no-push")
    assert sponsors(desk.state) == []
    desk.types(f"{BOUND} --on-push --branch main")
    assert sponsors(desk.state)[0].branch == "main"


@pytest.mark.parametrize("line", [BOUND, "bind web off"])
def test_another_binding_is_not_what_somebody_stood_for(desk: Desk, line: str) -> None:
    desk.actor = ANA
    desk.types(f"{BOUND} --on-push")
    desk.types(line)
    assert sponsors(desk.state) == []


def test_an_annotation_alone_stands_for_nothing(desk: Desk) -> None:
    notes = {"tessera.dev/repository": "team/web", "tessera.dev/image": "ghcr.io/team/web"}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"metadata": {"annotations": notes}})
    desk.actor = ANA
    with pytest.raises(UsageError, match="want no build on push"):
        desk.types("bind web --on-push")
    wish = {"metadata": {"annotations": {"tessera.dev/on-push": "true"}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", wish)
    assert any("nobody stands for that" in fact for fact in desk.types("bind web").document.facts)
    assert sponsors(desk.state) == []
    desk.types("bind web --on-push")
    assert len(sponsors(desk.state)) == 1


def test_without_an_engine_it_says_how_to_get_one(desk: Desk) -> None:
    desk.builds = None
    with pytest.raises(UsageError) as told:
        desk.types(BOUND)
    assert "TESSERA_DOCKER_HOST" in told.value.hint
