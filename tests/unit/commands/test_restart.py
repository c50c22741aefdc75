"""`/restart` on a sandbox cluster, and what it says about the image that the new pods will run."""

from dataclasses import replace

import pytest

import commands.restart
from commands.base.errors import Denied, Unavailable, UsageError
from commands.base.request import Actor, Request
from explainers.pulling import brings
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.clusters import services
from tests.unit.explainers.diagnosis.test_standing import owned, workload
from tests.unit.fakes import FakeRegistry, builds_with
from tests.unit.sandboxed import Desk, as_user, button, changing

IMAGES = "  acme/web:*: {listens: [80]}"
RESTART = "kubectl -n shop rollout restart deployment/web"
NOW, THEN = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench(IMAGES)
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1", 2))
    bench.pass_time(30)
    return Desk(bench)


def names(desk: Desk) -> set[str]:
    return {pod["metadata"]["name"] for pod in desk.bench.pods("shop")}


def test_every_pod_is_replaced_after_a_yes(desk: Desk) -> None:
    before = names(desk)
    proposed = desk.types("restart web")
    assert changing(proposed) == [RESTART]
    assert names(desk) == before
    done = desk.presses(button(proposed, "Apply"))
    assert (done.outcome, done.document.headline) == ("healthy", "`web` runs on new pods, all ready")
    assert not names(desk) & before


def test_the_yes_still_counts_a_minute_later(desk: Desk) -> None:
    """The plan holds a time; it is the one of the proposal, not of the press."""
    yes = button(desk.types("restart web"), "Apply")
    desk.bench.pass_time(60)
    assert desk.presses(yes).outcome == "healthy"


def test_a_job_that_is_run_again_restarts_once(desk: Desk) -> None:
    yes = button(desk.types("restart web"), "Apply")
    desk.presses(yes, id="r-1")
    assert desk.presses(yes, id="r-1").outcome == "healthy"
    assert desk.cluster.sent == [RESTART]


def test_a_paused_deployment_is_resumed_first(desk: Desk) -> None:
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"paused": True}})
    proposed = desk.types("restart web")
    assert changing(proposed) == ["kubectl -n shop rollout resume deployment/web", RESTART]
    assert desk.presses(button(proposed, "Apply")).outcome == "healthy"


def test_scaled_to_zero_there_is_nothing_to_restart(desk: Desk) -> None:
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"replicas": 0}})
    reply = desk.types("restart web")
    assert "scaled to zero" in reply.document.headline
    assert reply.document.buttons == ()


def test_recreate_means_that_it_is_down_meanwhile(desk: Desk) -> None:
    strategy = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", strategy)
    assert any("down meanwhile" in fact for fact in desk.types("restart web").document.facts)


def test_who_may_not_gets_no_button(desk: Desk) -> None:
    limited = as_user(desk, ["get", "list"], ["deployments", "services", "statefulsets", "pods"])
    with pytest.raises(Denied, match="You may not do that"):
        limited.types("restart web")


def test_one_target(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.types("restart")
    with pytest.raises(UsageError):
        desk.types("restart web api")


def test_whoever_manages_it_leaves_a_restart_alone(desk: Desk) -> None:
    annotation = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", annotation)
    assert any(
        "Argo CD" in fact and "nothing to take back" in fact for fact in desk.types("restart web").document.facts
    )


def test_the_registry_is_asked_where_there_is_one(desk: Desk) -> None:
    running = desk.bench.pods("shop")[0]["status"]["containerStatuses"][0]["imageID"].rpartition("@")[2]
    moved = Desk(desk.bench, builds=builds_with(FakeRegistry({"acme/web:1": NOW})))
    same = Desk(desk.bench, builds=builds_with(FakeRegistry({"acme/web:1": running})))
    away = Desk(desk.bench, builds=builds_with(FakeRegistry({}, Unavailable("no answer"))))
    assert any("now means another image" in fact for fact in moved.types("restart web").document.facts)
    assert any("still means the image that runs" in fact for fact in same.types("restart web").document.facts)
    assert any("if the tag was pushed again" in fact for fact in away.types("restart web").document.facts)


@pytest.mark.parametrize(
    ("image_id", "said"),
    [
        (f"docker.io/acme/web@{THEN}", "now means another image"),
        (f"docker.io/acme/web@{NOW}", "still means the image that runs"),
        (f"docker.io/library/other@{THEN}", "if the tag was pushed again"),
        (THEN, "if the tag was pushed again"),
        ("", "if the tag was pushed again"),
    ],
)
def test_a_digest_counts_only_where_the_runtime_says_it_of_this_repository(image_id: str, said: str) -> None:
    runs = owned("web-a", "Deployment", "new")
    runs["spec"]["containers"] = [{"name": "web", "image": "acme/web:1"}]
    runs["status"]["containerStatuses"] = [{"name": "web", "ready": True, "imageID": image_id}]
    made = workload("Deployment")
    made["spec"]["template"]["spec"]["containers"] = [{"name": "web", "image": "acme/web:1"}]
    ports = replace(services(made, runs), builds=builds_with(FakeRegistry({"acme/web:1": NOW})))
    reply = commands.restart.restart(Request("restart", "web", Actor("ada"), namespace="shop"), ports)
    assert any(said in fact for fact in reply.document.facts)


@pytest.mark.parametrize(
    ("image", "policy", "running", "now", "said"),
    [
        (f"web@{NOW}", "Always", set(), None, "one image for ever"),
        (f"web:1@{NOW}", "IfNotPresent", set(), None, "one image for ever"),
        ("web:1", "Never", set(), NOW, "never pulls"),
        ("web", "", set(), None, "pulls at every start"),
        ("localhost:5000/web", "", set(), None, "pulls at every start"),
        ("web:latest", "", {NOW}, NOW, "still means"),
        ("web:latest", "", {THEN}, NOW, "which the new pods will run"),
        ("web:latest", "IfNotPresent", set(), None, "does not surely bring that"),
        ("web:1", "", {THEN}, NOW, f"`web@{NOW}` does"),
        ("web:1", "", {THEN, NOW}, NOW, "does not surely bring that"),
    ],
)
def test_what_a_new_pod_runs(image: str, policy: str, running: set[str], now: str | None, said: str) -> None:
    assert said in brings("web", image, policy, running, now)
