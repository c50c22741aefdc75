"""`/image` on a sandbox cluster: which container, which reference, what the registry says, what comes of it."""

import pytest

from commands.base.errors import Denied, NotFound, Unavailable, UsageError
from commands.base.ports import Builds
from explainers.document import Button, Tone
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, Bench, deployment, empty_bench
from tests.unit.fakes import FakeRegistry, builds_with
from tests.unit.sandboxed import Desk, as_user, button, changing

IMAGES = """  acme/web:1: {listens: [80]}
  acme/web:2: {listens: [80]}
  acme/web:3: {exit: {after: 1, code: 3, log: ["no config"]}}
  acme/log:1: {}"""
DIGEST = "sha256:" + "a" * 64
READ = ["deployments", "services", "statefulsets", "pods"]


def tags(*names: str) -> Builds:
    return builds_with(FakeRegistry({f"acme/web:{name}": DIGEST for name in names}))


@pytest.fixture
def bench() -> Bench:
    made = empty_bench(IMAGES)
    made.post(DEPLOYMENTS, deployment("web", "acme/web:1", 2))
    made.pass_time(30)
    return made


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench, builds=tags("1", "2", "3"))


def image(desk: Desk) -> str:
    return str(desk.bench.get(f"{DEPLOYMENTS}/web")["spec"]["template"]["spec"]["containers"][0]["image"])


def test_another_tag_after_a_yes(desk: Desk) -> None:
    proposed = desk.types("image web 2")
    assert changing(proposed) == ["kubectl -n shop set image deployment/web web=acme/web:2"]
    assert "container `web`: `acme/web:1` → `acme/web:2`" in proposed.document.facts
    assert image(desk) == "acme/web:1"
    done = desk.presses(button(proposed, "Apply"))
    assert (done.outcome, done.document.headline) == ("healthy", "`web` runs `acme/web:2`, all pods ready")
    assert image(desk) == "acme/web:2"


def test_an_image_that_crashes_is_diagnosed_with_the_way_back(desk: Desk) -> None:
    done = desk.presses(button(desk.types("image web 3"), "Apply"))
    assert done.document.tone is Tone.FAULT
    assert "do not come up" in done.document.headline
    back = button(done, "Roll back")
    assert (back.action, back.argument) == ("rollback", "deployment/web -n shop")
    healed = desk.presses(button(desk.presses(back), "Apply"))
    assert healed.outcome == "healthy"
    assert image(desk) == "acme/web:1"


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("2", "acme/web:2"),
        (":2", "acme/web:2"),
        ("v2.0_x-1", "acme/web:v2.0_x-1"),
        (DIGEST, f"acme/web@{DIGEST}"),
        (f"@{DIGEST}", f"acme/web@{DIGEST}"),
        ("acme/other", "acme/other"),
        ("other:2", "other:2"),
        ("localhost:5000/web", "localhost:5000/web"),
        (f"ghcr.io/acme/web:2@{DIGEST}", f"ghcr.io/acme/web:2@{DIGEST}"),
    ],
)
def test_what_a_word_means(bench: Bench, word: str, wanted: str) -> None:
    assert changing(Desk(bench).types(f"image web {word}")) == [
        f"kubectl -n shop set image deployment/web web={wanted}"
    ]


@pytest.mark.parametrize(
    "word",
    ["acme/WEB:1", "'a b'", "web:", "web:1:2", "web@sha256:abc", "sha256:abc", "-x", "ü", "..", "x" * 400, ":-"],
)
def test_what_is_no_reference_is_taught(desk: Desk, word: str) -> None:
    with pytest.raises(UsageError) as error:
        desk.types(f"image web {word}")
    assert error.value.hint
    assert desk.cluster.sent == []


def test_no_tag_means_latest(bench: Bench) -> None:
    facts = Desk(bench).types("image web acme/other").document.facts
    assert any("means `latest`" in fact for fact in facts)


@pytest.mark.parametrize("text", ["image", "image web 1 2", "image web 1 --tags", "image web 1 --container"])
def test_the_form_is_taught(desk: Desk, text: str) -> None:
    with pytest.raises(UsageError):
        desk.types(text)


# --- the registry --------------------------------------------------------------------------------


def test_a_missing_tag_is_said_before_anything_changes(desk: Desk) -> None:
    with pytest.raises(NotFound, match="has no `22`") as error:
        desk.types("image web 22")
    assert "`2`" in error.value.hint
    assert desk.cluster.sent == []


def test_a_missing_repository_is_said(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no `acme/none`"):
        desk.types("image web acme/none:1")


def test_a_registry_that_does_not_answer_forbids_nothing(bench: Bench) -> None:
    away = Desk(bench, builds=builds_with(FakeRegistry({}, Unavailable("acme does not answer."))))
    proposed = away.types("image web 2")
    assert any("could not be asked" in fact for fact in proposed.document.facts)
    assert button(proposed, "Apply")


def test_tags_are_listed_highest_first_with_the_newest_to_press(bench: Bench) -> None:
    reply = Desk(bench, builds=tags("1", "1.9", "1.10", "2", "latest")).types("image web --tags")
    assert reply.document.code.splitlines()[:3] == ["2", "1.10", "1.9"]
    assert [one.label for one in reply.document.buttons] == ["2", "1.10", "1.9"]
    assert reply.document.buttons[0].argument == "deployment/web 2 --container web -n shop"
    proposed = Desk(bench, builds=tags("1", "2")).presses(reply.document.buttons[0])
    assert proposed.outcome == "proposed"


def test_no_registry_to_list_tags_of(bench: Bench) -> None:
    with pytest.raises(UsageError, match="none is connected"):
        Desk(bench).types("image web --tags")


def test_a_repository_without_tags(bench: Bench) -> None:
    with pytest.raises(NotFound):
        Desk(bench, builds=tags()).types("image web --tags")


# --- containers ----------------------------------------------------------------------------------


@pytest.fixture
def two(bench: Bench) -> Desk:
    body = deployment("duo", "acme/web:1")
    body["spec"]["template"]["spec"]["containers"].append({"name": "log", "image": "acme/log:1"})
    body["spec"]["template"]["spec"]["initContainers"] = [{"name": "setup", "image": "acme/log:1"}]
    bench.post(DEPLOYMENTS, body)
    return Desk(bench)


def test_several_containers_and_a_tag_is_ambiguous(two: Desk) -> None:
    with pytest.raises(UsageError, match="several containers") as error:
        two.types("image duo 2")
    assert "`duo` (acme/web:1), `log` (acme/log:1)" in error.value.message
    assert "--container" in error.value.hint


def test_the_container_that_has_the_repository_is_meant(two: Desk) -> None:
    assert changing(two.types("image duo acme/log:2")) == ["kubectl -n shop set image deployment/duo log=acme/log:2"]


def test_the_container_that_is_named(two: Desk) -> None:
    assert changing(two.types("image duo 2 --container log"))[0].endswith("deployment/duo log=acme/log:2")
    assert changing(two.types("image duo 2 --container=setup"))[0].endswith("deployment/duo setup=acme/log:2")


def test_a_container_that_is_not_there(two: Desk) -> None:
    with pytest.raises(NotFound) as error:
        two.types("image duo 2 --container web")
    assert "`duo` (acme/web:1)" in error.value.hint


# --- before and after ----------------------------------------------------------------------------


def test_the_image_that_it_has(desk: Desk) -> None:
    reply = desk.types("image web 1")
    assert reply.document.headline == "`web` has `acme/web:1` already."
    assert button(reply, "Restart").argument == "deployment/web -n shop"


def test_a_yes_to_another_plan_changes_nothing(desk: Desk) -> None:
    yes = button(desk.types("image web 2"), "Apply")
    again = desk.presses(Button("Apply", "image", "web 3 -n shop", approves=yes.approves, at=yes.at))
    assert again.outcome == "proposed"
    assert image(desk) == "acme/web:1"


def test_a_job_that_is_run_again_sends_once(desk: Desk) -> None:
    yes = button(desk.types("image web 2"), "Apply")
    first, again = desk.presses(yes, id="r-1"), desk.presses(yes, id="r-1")
    assert again.document.headline == first.document.headline
    assert len(desk.cluster.sent) == 1


def test_what_was_noted_about_the_build_before_goes(desk: Desk) -> None:
    notes = {"tessera.dev/commit": "abc", "tessera.dev/commit-branch": "main", "mine": "stays"}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"metadata": {"annotations": notes}})
    proposed = desk.types("image web 2")
    assert changing(proposed)[0].startswith("kubectl -n shop annotate deployment/web --overwrite tessera.dev/commit-")
    desk.presses(button(proposed, "Apply"))
    left = desk.bench.get(f"{DEPLOYMENTS}/web")["metadata"]["annotations"]
    assert "tessera.dev/commit" not in left
    assert left["mine"] == "stays"
    back = desk.presses(button(desk.types("rollback web"), "Apply"))
    assert back.outcome == "healthy"
    assert desk.bench.get(f"{DEPLOYMENTS}/web")["metadata"]["annotations"]["tessera.dev/commit"] == "abc"


def test_a_paused_deployment_gets_it_when_it_is_resumed(desk: Desk) -> None:
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"paused": True}})
    proposed = desk.types("image web 2")
    assert any("paused" in fact for fact in proposed.document.facts)
    done = desk.presses(button(proposed, "Apply"))
    assert done.document.headline == "`web` has `acme/web:2` in its template, and its pods do not have it yet"
    assert "kubectl -n shop rollout resume deployment/web" in changing(done)


def test_who_may_not_gets_no_button(desk: Desk) -> None:
    with pytest.raises(Denied, match="You may not do that"):
        as_user(desk, ["get", "list"], READ).types("image web 2")


def test_a_release_is_said_before(desk: Desk) -> None:
    notes = {"metadata": {"annotations": {"meta.helm.sh/release-name": "shop"}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", notes)
    facts = desk.types("image web 2").document.facts
    assert any(fact.startswith("Helm manages it (release `shop`)") for fact in facts)


# Picked from the registry


def test_alone_it_asks_with_the_tags_of_the_registry_the_highest_first(desk: Desk) -> None:
    desk.builds = tags("1", "1.9", "1.10", "2")
    form = desk.types("image web").form
    assert form
    pick = form.fields[0]
    assert (pick.options, pick.initial) == (("2", "1.10", "1.9", "1"), "1")
    proposed = desk.types("image web", filled={"tag": "2", "reference": ""})
    assert changing(proposed) == ["kubectl -n shop set image deployment/web web=acme/web:2"]
    assert image(desk) == "acme/web:1"
    done = desk.presses(button(proposed, "Apply"))
    assert (done.outcome, image(desk)) == ("healthy", "acme/web:2")


def test_no_more_tags_than_a_form_holds(desk: Desk) -> None:
    desk.builds = tags(*(str(number) for number in range(250)))
    form = desk.types("image web").form
    assert form
    assert len(form.fields[0].options) == 100
    assert "the 100 highest of 250" in form.fields[0].hint


@pytest.mark.parametrize(
    ("filled", "field", "said"),
    [
        ({"tag": "", "reference": ""}, "reference", "Pick a tag"),
        ({"tag": "", "reference": "acme/web:4"}, "reference", "has no `4`"),
        ({"tag": "", "reference": "No/Way:1"}, "reference", "No/Way"),
        ({"tag": "7", "reference": ""}, "tag", "Choose one of those offered"),
    ],
)
def test_what_is_wrong_stands_at_its_field(desk: Desk, filled: dict[str, str], field: str, said: str) -> None:
    form = desk.types("image web", filled=filled).form
    assert form
    assert said in next(one.problem for one in form.fields if one.name == field)


def test_without_tags_any_image_is_asked_for(desk: Desk) -> None:
    desk.builds = builds_with(FakeRegistry({}, Unavailable("The registry does not answer.")))
    form = desk.types("image web").form
    assert form
    assert [one.name for one in form.fields] == ["reference"]
    assert "does not answer" in form.text
