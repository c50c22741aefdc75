"""`/build` on a sandbox cluster, with code host, engine and registry of plain data: every way that a build may go."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.sandbox.builder import build_cluster
from bot.sandbox.node.images import Exit, Image
from bot.sandbox.scenarios import parse
from bot.source.context import build_context
from bot.state.memory import MemoryState
from commands.base.cancelling import cancel
from commands.base.errors import Denied, NotFound, Unavailable, UsageError
from commands.base.ports import Audience, Builds, Services, Stop
from commands.base.request import Reply
from commands.base.undoing import OFFERED
from commands.build import DEADLINE
from explainers.builds.model import BuildEvent, Credentials, Order, Phase
from explainers.document import Document, StageState, Tone
from explainers.operations.base import Answer, Operation
from tests.contract.fakes.engine import Beat, FakeEngine
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, NOW, Bench, deployment
from tests.unit.sandboxed import Desk, SandboxedCluster, as_user, button

IMAGE = "localhost:5000/shop"
NOTES = {"tessera.dev/repository": "team/shop", "tessera.dev/image": IMAGE}
DOCKERFILE = "FROM busybox\nRUN echo hello\n"
EMPTY = """
namespace: shop
images: {"acme/shop:*": {listens: [80]}}
timeline:
  - ago: 1d
    apply: [{apiVersion: v1, kind: Namespace, metadata: {name: shop}}]
"""


class Killed(BaseException):
    """The process ended here: nothing in it may catch this."""


class Mortal(MemoryState):
    """State that a killed process writes no more: what its `finally` would do does not happen."""

    dead = False

    def put(self, key: str, value: str, seconds: int | None) -> None:
        if not self.dead:
            super().put(key, value, seconds)

    def delete(self, key: str) -> None:
        if not self.dead:
            super().delete(key)

    @property
    def keys(self) -> list[str]:
        return list(self._values)


@dataclass
class World:
    """The parts of building, the desk, and what was shown meanwhile. `crashes` are digests whose program ends."""

    repository: FakeRepository
    engine: FakeEngine
    crashes: set[str] = field(default_factory=set)
    lies: str | None = ""
    logins: dict[str, Credentials] = field(default_factory=dict)
    shown: list[Document] = field(default_factory=list)
    on_show: Callable[[Document], None] | None = None

    def __post_init__(self) -> None:
        bench = Bench(build_cluster([parse("test", EMPTY)], "secret", NOW, pushed=self.pulled))
        probe = {"tcpSocket": {"port": 80}, "periodSeconds": 1}
        made = deployment("shop", "acme/shop:1", 2, readinessProbe=probe)
        made["metadata"]["annotations"] = dict(NOTES)
        bench.post(DEPLOYMENTS, made)
        bench.pass_time(60)
        code = FakeCodeHost({"team/shop": self.repository})
        self.desk = Watched(bench, builds=Builds(code, build_context, self.engine, self, self))
        self.desk.watcher = self.watch
        self.desk.state = self.state = Mortal()

    def pulled(self, reference: str) -> Image | None:
        digest = reference.partition("@")[2]
        if digest in self.crashes:
            return Image(reference, exit=Exit(0.5, 1, ("fatal: no config",)))
        return Image(reference, listens=(80,)) if reference.startswith(f"{IMAGE}@") else None

    def watch(self, document: Document) -> None:
        self.shown.append(document)
        if self.on_show:
            self.on_show(document)

    def digest(self, reference: str) -> str | None:
        """The registry: what the engine has pushed, or a lie."""
        if self.lies != "":
            return self.lies
        named = {**self.engine.images, **{f"{IMAGE}@{one.digest}": one for one in self.engine.images.values()}}
        return named[reference].digest if reference in named else None

    def labels(self, reference: str) -> Mapping[str, str] | None:
        return None

    def tags(self, repository: str) -> list[str]:
        return []

    def may_push(self, repository: str) -> None:
        return None

    def registry(self, host: str) -> Credentials | None:
        """The logins, by host."""
        return self.logins.get(host)

    def image(self) -> str:
        found = self.desk.bench.get(f"{DEPLOYMENTS}/shop")
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])

    def notes(self) -> dict[str, str]:
        found: dict[str, str] = self.desk.bench.get(f"{DEPLOYMENTS}/shop")["metadata"]["annotations"]
        return found

    def annotate(self, **labels: str) -> None:
        body = {"metadata": {"labels": {key.replace("_", "/"): value for key, value in labels.items()}}}
        self.desk.bench.patch(f"{DEPLOYMENTS}/shop", "merge-patch", body)

    def push(self, branch: str, dockerfile: str = DOCKERFILE) -> str:
        return self.repository.push(branch, {"Dockerfile": dockerfile}, f"Change {branch}")


class Watched(Desk):
    """A desk whose interim documents are looked at."""

    watcher: Callable[[Document], None]

    @property
    def services(self) -> Services:
        return replace(super().services, audience=Audience(self.said.append, self.watcher))


@pytest.fixture
def world() -> World:
    repository = FakeRepository()
    made = World(repository, FakeEngine())
    made.push("main")
    made.push("feature/login", DOCKERFILE.replace("hello", "login"))
    return made


def states(reply: Reply) -> dict[str, str]:
    return {stage.name: stage.state.value for stage in reply.document.stages}


def scripted(*beats: Beat) -> Callable[[Order, str], Iterable[Beat]]:
    return lambda _order, _dockerfile: beats


# Success


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
    assert any(f"works until {until:%H:%M} UTC" in fact for fact in reply.document.facts)


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


# Failures


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
    with pytest.raises(NotFound):
        world.desk.types("build shop none")
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


# Who decides


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


# Cancel, deadline, joined


def test_cancelled_while_it_builds_nothing_is_rolled_out(world: World) -> None:
    def press(document: Document) -> None:
        if any(stage.name == "build" and stage.state is StageState.RUNNING for stage in document.stages):
            cancel(world.desk.state, "r-1", "ben")
            world.desk.bench.pass_time(2)

    world.on_show = press
    reply = world.desk.types("build shop", id="r-1")
    assert "was cancelled" in reply.document.headline
    assert states(reply)["build"] == "skipped"
    assert (world.image(), world.engine.working) == ("acme/shop:1", 0)
    assert world.desk.state.get("running:r-1") is None


def test_cancelled_while_the_engine_is_silent_the_stage_is_not_called_done(world: World) -> None:
    def press(document: Document) -> None:
        if "a while" in document.code:
            cancel(world.desk.state, "r-1", "ben")
            world.desk.bench.now += timedelta(seconds=2)

    world.engine.script = scripted(BuildEvent(Phase.BUILD, text="this takes a while"), 30.0)
    world.on_show = press
    reply = world.desk.types("build shop", id="r-1")
    assert "was cancelled" in reply.document.headline
    assert (states(reply)["build"], states(reply)["push"]) == ("skipped", "waiting")
    assert world.engine.working == 0


def test_cancelled_while_it_rolls_out_the_way_back_is_offered(world: World) -> None:
    world.desk.types("build shop main")

    def press(document: Document) -> None:
        if any(stage.name == "verify" and stage.state is StageState.RUNNING for stage in document.stages):
            cancel(world.desk.state, "r-1", "ben")

    world.on_show = press
    crashed = "sha256:" + "c" * 64
    world.crashes.add(crashed)
    world.engine.script = scripted(BuildEvent(Phase.PUSH, digest=crashed))
    reply = world.desk.types("build shop feature/login", id="r-1")
    assert "was cancelled" in reply.document.headline
    assert "the new image is set and its roll-out goes on" in reply.document.facts
    assert button(reply, "Roll back")


def test_past_its_deadline_it_stops(world: World) -> None:
    def late(document: Document) -> None:
        if any(stage.name == "build" and stage.state is StageState.RUNNING for stage in document.stages):
            world.desk.bench.now += DEADLINE + timedelta(seconds=1)

    world.on_show = late
    reply = world.desk.types("build shop")
    assert "took longer than 30 minutes" in reply.document.headline
    assert world.image() == "acme/shop:1"


def test_the_same_build_twice_at_once_is_one(world: World) -> None:
    """The second is asked for while the first builds; it waits until the first is done and takes its image."""
    sha = world.repository.branches["main"]
    first = world.desk.types("build shop main", id="r-1")
    key = next(key for key in world.state.keys if key.startswith("built:") and sha in key)
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "strategic-merge-patch", _with_image("acme/shop:1"))
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


# Crash and redelivery


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


def test_what_somebody_set_after_a_crash_is_not_taken_back(world: World) -> None:
    def kill(document: Document) -> None:
        if any(one.name == "verify" and one.state is StageState.RUNNING for one in document.stages):
            world.state.dead = True
            raise Killed

    world.on_show = kill
    with pytest.raises(Killed):
        world.desk.types("build shop main", id="r-1")
    world.state.dead = False
    world.on_show = None
    world.desk.bench.patch(f"{DEPLOYMENTS}/shop", "strategic-merge-patch", _with_image("acme/shop:9"))
    reply = world.desk.types("build shop main", id="r-1")
    assert "was given another image meanwhile" in reply.document.headline
    assert world.image() == "acme/shop:9"


def test_the_way_back_is_the_image_before_also_after_a_crash(world: World) -> None:
    def kill(document: Document) -> None:
        if any(one.name == "verify" and one.state is StageState.RUNNING for one in document.stages):
            world.state.dead = True
            raise Killed

    world.on_show = kill
    with pytest.raises(Killed):
        world.desk.types("build shop main", id="r-1")
    world.state.dead = False
    world.on_show = None
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


def test_the_reply_for_scripts_names_stages_and_image(world: World) -> None:
    data = json.loads(json.dumps(world.desk.types("build shop").data))
    assert [stage["name"] for stage in data["stages"]] == ["fetch", "build", "push", "deploy", "verify"]
    assert data["image"] == world.image()


def _with_image(image: str) -> dict[str, object]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "shop", "image": image}]}}}}
