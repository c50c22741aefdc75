"""`/rollback`: Deployments on a sandbox cluster; the kinds whose revisions it does not keep on plain objects."""

import pytest

import commands.rollback
from commands.base.errors import Denied, NotFound, UsageError
from commands.base.request import Actor, Reply, Request
from explainers.document import Button, Tone
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.clusters import Json, services
from tests.unit.explainers.diagnosis.test_standing import LABELS, controller_revision, owned, workload
from tests.unit.sandboxed import Desk, as_user, button, changing

IMAGES = """  acme/web:1: {listens: [80]}
  acme/web:2: {listens: [80]}
  acme/web:3: {exit: {after: 1, code: 3, log: ["no config"]}}"""
READ = ["deployments", "services", "statefulsets", "pods", "replicasets", "endpointslices"]


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench(IMAGES)
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1", 2, env=[{"name": "TOKEN", "value": "first-token"}]))
    bench.pass_time(30)
    return Desk(bench)


def set_image(desk: Desk, image: str, wait: float = 60) -> None:
    container = {"name": "web", "image": image, "env": [{"name": "TOKEN", "value": "second-token"}]}
    template = {"spec": {"template": {"spec": {"containers": [container]}}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "strategic-merge-patch", template)
    desk.bench.pass_time(wait)


def image(desk: Desk) -> str:
    return str(desk.bench.get(f"{DEPLOYMENTS}/web")["spec"]["template"]["spec"]["containers"][0]["image"])


def test_back_to_the_revision_before_after_a_yes(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    proposed = desk.types("rollback web")
    assert proposed.document.headline == "Roll `deployment/web` back to revision 1?"
    assert changing(proposed) == ["kubectl -n shop rollout undo deployment/web --to-revision=1"]
    assert "containers[web].image: acme/web:2 → acme/web:1" in proposed.document.facts
    assert image(desk) == "acme/web:2"
    done = desk.presses(button(proposed, "Apply"))
    assert (done.outcome, done.document.headline) == ("healthy", "`web` runs what revision 1 was, all pods ready")
    assert image(desk) == "acme/web:1"


def test_private_values_are_not_shown(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    facts = " ".join(desk.types("rollback web").document.facts)
    assert "env[TOKEN]" in facts
    assert "first-token" not in facts + str(desk.types("rollback web"))
    assert "second-token" not in facts


def test_a_crashing_revision_is_left_while_the_old_pods_serve(desk: Desk) -> None:
    set_image(desk, "acme/web:3", 20)
    done = desk.presses(button(desk.types("rollback web"), "Apply"))
    assert done.outcome == "healthy"
    assert desk.bench.available("shop", "web") == 2


def test_to_a_revision_that_is_named(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    set_image(desk, "acme/web:3", 20)
    assert changing(desk.types("rollback web 1")) == ["kubectl -n shop rollout undo deployment/web --to-revision=1"]
    done = desk.presses(button(desk.types("rollback web 1"), "Apply"))
    assert done.outcome == "healthy"
    assert image(desk) == "acme/web:1"


def test_a_yes_is_to_the_revision_that_was_shown(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    yes = button(desk.types("rollback web"), "Apply")
    assert yes.argument == "deployment/web 1 -n shop"
    set_image(desk, "acme/web:3", 20)
    assert image(desk) == "acme/web:3"
    again = desk.presses(yes)
    assert again.outcome == "proposed"
    assert changing(again) == ["kubectl -n shop rollout undo deployment/web --to-revision=1"]
    assert image(desk) == "acme/web:3"


def test_a_yes_to_another_plan_changes_nothing(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    set_image(desk, "acme/web:3", 20)
    yes = button(desk.types("rollback web 2"), "Apply")
    again = desk.presses(Button("Apply", "rollback", "web 1 -n shop", approves=yes.approves, at=yes.at))
    assert again.outcome == "proposed"
    assert image(desk) == "acme/web:3"


def test_a_job_that_is_run_again_tells_what_it_did(desk: Desk) -> None:
    """After the change the revision has another number and the one before is the one that was left."""
    set_image(desk, "acme/web:2")
    yes = button(desk.types("rollback web"), "Apply")
    first, again = desk.presses(yes, id="r-1"), desk.presses(yes, id="r-1")
    assert again.document.headline == first.document.headline
    assert len(desk.cluster.sent) == 1


def test_a_paused_deployment_is_resumed_first(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"paused": True}})
    proposed = desk.types("rollback web")
    assert changing(proposed) == [
        "kubectl -n shop rollout resume deployment/web",
        "kubectl -n shop rollout undo deployment/web --to-revision=1",
    ]
    assert desk.presses(button(proposed, "Apply")).outcome == "healthy"
    assert image(desk) == "acme/web:1"


def test_a_change_that_a_pause_holds_back_is_taken_back_to_what_runs(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"paused": True}})
    set_image(desk, "acme/web:3")
    proposed = desk.types("rollback web")
    assert proposed.document.headline == "Roll `deployment/web` back to revision 2?"
    assert "the newest change is not rolled out yet" in proposed.document.facts
    assert desk.presses(button(proposed, "Apply")).outcome == "healthy"
    assert image(desk) == "acme/web:2"


def test_no_earlier_revision(desk: Desk) -> None:
    reply = desk.types("rollback web")
    assert reply.document.headline.startswith("`web` has no earlier revision")
    assert reply.document.buttons == ()


def test_a_revision_that_is_not_kept(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    with pytest.raises(NotFound, match="no revision 9") as error:
        desk.types("rollback web 9")
    assert error.value.hint == "there are: 2, 1"


def test_the_revision_that_runs(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    assert desk.types("rollback web 2").document.headline == "`web` runs revision 2 already."


@pytest.mark.parametrize("text", ["", "web 1 2", "web first", "web 0", "web -1", "web " + "9" * 500, "web ２"])
def test_what_is_no_revision_is_taught(desk: Desk, text: str) -> None:
    with pytest.raises(UsageError):
        desk.types(f"rollback {text}")


def test_who_may_not_gets_no_button(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    with pytest.raises(Denied, match="You may not do that"):
        as_user(desk, ["get", "list"], READ).types("rollback web")


def test_revisions_that_may_not_be_seen_are_not_called_absent(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    with pytest.raises(Denied, match="replicasets"):
        as_user(desk, ["get", "list", "patch"], READ[:4]).types("rollback web")


# --- sets ----------------------------------------------------------------------------------------


def revised(kind: str, number: int, image: str) -> Json:
    name = {1: "old", 2: "new"}[number]
    template = {
        "$patch": "replace",
        "metadata": {"labels": LABELS},
        "spec": {"containers": [{"name": "web", "image": image}]},
    }
    return controller_revision(kind, number, name) | {"data": {"spec": {"template": template}}}


def asked(kind: str, *objects: Json, text: str = "web") -> Reply:
    made = (workload(kind), revised(kind, 1, "web:1"), revised(kind, 2, "web:2"), *objects)
    return commands.rollback.rollback(Request("rollback", text, Actor("ada"), namespace="shop"), services(*made))


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_sets_go_back_by_their_controller_revisions(kind: str) -> None:
    pods = [owned("web-0", kind, "new"), owned("web-1", kind, "new")]
    reply = asked(kind, *pods)
    assert changing(reply) == [f"kubectl -n shop rollout undo {kind.lower()}/web --to-revision=1"]
    assert "containers[web].image: web:2 → web:1" in reply.document.facts
    assert reply.document.tone is Tone.INFO


def test_a_broken_pod_of_a_stateful_set_must_go_by_hand() -> None:
    reply = asked(
        "StatefulSet", owned("web-0", "StatefulSet", "new"), owned("web-1", "StatefulSet", "new", ready=False)
    )
    assert changing(reply)[1:] == ["kubectl -n shop delete pod web-1"]


def test_a_set_that_kubectl_cannot_follow_has_no_line_for_that() -> None:
    held = workload("StatefulSet", {"updateStrategy": {"type": "OnDelete"}})
    made = (held, revised("StatefulSet", 1, "web:1"), revised("StatefulSet", 2, "web:2"))
    request = Request("rollback", "web", Actor("ada"), namespace="shop")
    reply = commands.rollback.rollback(request, services(*made))
    assert "status" not in " ".join(step.operation.line() for step in reply.document.plan.steps)


def test_what_a_build_noted_goes_with_the_image_of_a_set() -> None:
    noted = workload("StatefulSet")
    noted["metadata"]["annotations"] = {"tessera.dev/commit": "abc", "kubernetes.io/change-cause": "abc of main"}
    made = (noted, revised("StatefulSet", 1, "web:1"), revised("StatefulSet", 2, "web:2"))
    reply = commands.rollback.rollback(Request("rollback", "web", Actor("ada"), namespace="shop"), services(*made))
    assert changing(reply)[1] == (
        "kubectl -n shop annotate statefulset/web --overwrite tessera.dev/commit- kubernetes.io/change-cause-"
    )
