"""`/commit` on a sandbox cluster: by the image's label, by the roll-out's note, by neither."""

from dataclasses import replace
from typing import Any

import pytest

from commands.base.errors import Unavailable, UsageError
from commands.base.ports import Builds
from explainers.builds.running import REVISION, SOURCE
from explainers.document import Tone
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.fakes.registry import FakeRegistry
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, Bench, deployment, empty_bench
from tests.unit.fakes import builds_with
from tests.unit.sandboxed import Desk, button

DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = f"ghcr.io/acme/web@{DIGEST}"


class World:
    """A deployment `web` of IMAGE, the repository `acme/web` with two commits on `main`, and a registry."""

    def __init__(self, image: str = IMAGE) -> None:
        self.bench: Bench = empty_bench("  ghcr.io/acme/web:*: {}")
        made: dict[str, Any] = deployment("web", image, 1)
        made["metadata"]["annotations"] = {}
        self.repository = FakeRepository()
        self.first = self.repository.push("main", {"a": "1"}, "Say hello\n\nBecause of *reasons*.")
        self.second = self.repository.push("main", {"a": "2", "b": "2"}, "Say more", "Ben")
        self.made = made
        self.registry = FakeRegistry()
        self.code = FakeCodeHost({"acme/web": self.repository})

    def note(self, **notes: str) -> None:
        self.made["metadata"]["annotations"] |= {
            f"tessera.dev/{key.replace('_', '-')}": text for key, text in notes.items()
        }

    def label(self, **labels: str) -> None:
        names = {"revision": REVISION, "source": SOURCE}
        self.registry.push("ghcr.io/acme/web:1", DIGEST, {names[key]: value for key, value in labels.items()})

    def desk(self, builds: bool = True) -> Desk:
        self.bench.post(DEPLOYMENTS, self.made)
        self.bench.pass_time(30)
        parts: Builds = replace(builds_with(self.registry), code=self.code)
        return Desk(self.bench, builds=parts if builds else None)


@pytest.fixture
def world() -> World:
    made = World()
    made.note(repository="acme/web")
    return made


def test_the_label_of_the_running_image_tells(world: World) -> None:
    world.label(revision=world.first)
    reply = world.desk().types("commit web")
    document = reply.document
    assert document.tone is Tone.INFO
    assert document.headline == f"`web` runs `{world.first[:7]}`, 1 commit behind the default branch."
    assert "“Say hello”" in document.facts
    assert any(fact.startswith("by Ana ") for fact in document.facts)
    assert document.explanation == "Because of *reasons*."
    assert document.code == "1 file changed\na"
    assert {"commit": world.first, "by": "label", "behind": 1, "files": ["a"]}.items() <= reply.data.items()


def test_what_a_roll_out_noted_tells_where_the_image_does_not(world: World) -> None:
    world.label()
    world.note(commit=world.second, commit_branch="main", built_at="2026-01-01T00:00:00Z", asked_by="ada")
    reply = world.desk().types("commit web")
    assert reply.document.headline == f"`web` runs `{world.second[:7]}` of `main`, with all that is on `main`."
    assert any(fact.startswith("rolled out for ada ") for fact in reply.document.facts)
    assert not [one for one in reply.document.buttons if one.action == "build"]
    assert reply.data["by"] == "note"


def test_the_head_is_offered_to_whoever_is_behind(world: World) -> None:
    world.label(revision=world.first)
    world.note(commit=world.first, commit_branch="main")
    offered = button(world.desk().types("commit web"), "Build main")
    assert (offered.action, offered.argument) == ("build", "deployment/web main -n shop")


def test_a_note_of_another_commit_than_the_image_has_is_not_believed(world: World) -> None:
    world.label(revision=world.first)
    world.note(commit=world.second, commit_branch="feature")
    reply = world.desk().types("commit web")
    assert reply.data["commit"] == world.first
    assert reply.data["noted"] == world.second
    assert any(world.second[:7] in fact and "another image since" in fact for fact in reply.document.facts)


def test_a_short_label_is_the_same_commit_as_its_note(world: World) -> None:
    world.label(revision=world.first[:12])
    world.note(commit=world.first)
    assert world.desk().types("commit web").data["noted"] is None


def test_a_tag_is_asked_for_by_the_digest_that_runs() -> None:
    world = World("ghcr.io/acme/web:1")
    world.note(repository="acme/web")
    desk = world.desk()
    pods = world.bench.get("/api/v1/namespaces/shop/pods")["items"]
    runs = pods[0]["status"]["containerStatuses"][0]["imageID"].rpartition("@")[2]
    world.registry.push("ghcr.io/acme/web:old", runs, {REVISION: world.first})
    world.registry.push("ghcr.io/acme/web:1", OTHER, {REVISION: world.second})
    assert desk.types("commit web").data["commit"] == world.first


def test_nothing_tells(world: World) -> None:
    world.label()
    reply = world.desk().types("commit web")
    assert reply.document.headline == "Nothing tells which commit `web` runs."
    assert any(f"has no label `{REVISION}`" in fact for fact in reply.document.facts)
    assert "/build web -n shop" in reply.document.explanation
    assert f"--label {REVISION}=" in reply.document.explanation
    assert reply.data == {"commit": None}


def test_a_note_is_not_believed_of_an_image_from_elsewhere(world: World) -> None:
    world.note(commit=world.second, image="ghcr.io/acme/built")
    reply = world.desk().types("commit web")
    assert reply.data == {"commit": None}
    assert f"the note of `{world.second[:7]}` on it is of an image from another repository" in reply.document.facts


def test_the_short_and_the_whole_name_of_an_image_are_one() -> None:
    world = World("docker.io/acme/web:1")
    world.note(repository="acme/web", image="acme/web", commit=world.second)
    assert world.desk().types("commit web").data["commit"] == world.second


def test_an_image_that_is_gone_is_said(world: World) -> None:
    assert any("not in its registry any more" in fact for fact in world.desk().types("commit web").document.facts)


def test_a_registry_that_does_not_answer_hides_nothing_that_is_noted(world: World) -> None:
    world.registry.fails["ghcr.io"] = Unavailable("ghcr.io does not answer.")
    world.note(commit=world.second)
    reply = world.desk().types("commit web")
    assert reply.data["commit"] == world.second
    assert any("ghcr.io does not answer." in fact for fact in reply.document.facts)
    assert "its roll-out noted so; the image does not confirm it" in reply.document.facts


def test_a_code_host_that_does_not_answer_is_said(world: World) -> None:
    world.label(revision=world.first)
    world.code.fails["acme/web"] = Unavailable("github.com does not answer.")
    reply = world.desk().types("commit web")
    assert "github.com does not answer." in reply.document.facts
    assert reply.document.headline == f"`web` runs `{world.first[:7]}`."
    assert (reply.data["files"], reply.data["behind"]) == (None, None)


def test_a_commit_that_the_repository_does_not_know_may_be_of_the_base_image(world: World) -> None:
    world.label(revision="c" * 40)
    facts = world.desk().types("commit web").document.facts
    assert any("has no commit cccccccccccc" in fact and "base image" in fact for fact in facts)


def test_a_branch_that_is_gone_leaves_the_rest(world: World) -> None:
    world.label(revision=world.first)
    world.note(commit=world.first, commit_branch="gone")
    reply = world.desk().types("commit web")
    assert any(fact.startswith("how far behind it is, I cannot say") for fact in reply.document.facts)
    assert reply.document.code


@pytest.mark.parametrize("label", ["main", "--upload-pack=x", "🚀" * 90, "$(id)", "`x` *y*\n/build"])
def test_a_label_that_is_no_commit_is_not_looked_up(world: World, label: str) -> None:
    world.label(revision=label)
    facts = world.desk().types("commit web").document.facts
    assert any("is not a commit's digits" in fact for fact in facts)


def test_without_a_binding_the_image_s_own_repository_is_named_and_not_asked() -> None:
    world = World()
    world.label(revision=world.first, source="https://github.com/acme/web")
    reply = world.desk().types("commit web")
    assert any("`/bind web https://github.com/acme/web ghcr.io/acme/web`" in fact for fact in reply.document.facts)
    assert reply.data["files"] is None


def test_without_an_engine_the_note_still_tells(world: World) -> None:
    world.note(commit=world.second, commit_message="Say more", author="Ben")
    reply = world.desk(builds=False).types("commit web")
    assert {"“Say more”", "by Ben"} <= set(reply.document.facts)
    assert reply.data["behind"] is None


def test_many_files_are_cut_and_counted(world: World) -> None:
    large = world.repository.push("main", {f"{number:03}": "x" for number in range(50)}, "Many")
    world.label(revision=large)
    reply = world.desk().types("commit web")
    assert reply.document.code.splitlines()[0] == "52 files changed"
    assert reply.document.code.splitlines()[-1] == "and 32 more"


def test_it_takes_one_name(world: World) -> None:
    with pytest.raises(UsageError):
        world.desk().types("commit")
