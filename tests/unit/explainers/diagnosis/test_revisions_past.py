"""What an earlier revision suffers from is history once a newer one has trouble of its own."""

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.when import moment
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.reads import PAGE, Get, List

NOW = moment("2026-11-28T10:10:00Z")
WEB = Ref("Deployment", "shop", "web")


def pod(revision: str, born: str, **state: object) -> dict[str, object]:
    owner = {"kind": "ReplicaSet", "name": f"web-{revision}", "controller": True, "apiVersion": "apps/v1"}
    return {
        "metadata": {
            "name": f"web-{revision}-x", "namespace": "shop", "creationTimestamp": born,
            "labels": {"app": "web", "pod-template-hash": revision}, "ownerReferences": [owner],
        },
        "spec": {"containers": [{"name": "web"}]},
        "status": {"phase": "Pending", "containerStatuses": [{"name": "web", "restartCount": 0, "state": state}]},
    }  # fmt: skip


def unready(*pods: dict[str, object]) -> list[str]:
    assert NOW
    facts = Facts(NOW)
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}}}
    deployment = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}
    facts.learn(Get(kinds.DEPLOYMENT, "shop", "web"), Answer(200, deployment))
    facts.learn(List(kinds.POD, "shop", "app=web", limit=PAGE), Answer(200, {"items": list(pods)}))
    return [one.name for one in Case(facts, WEB).unready_pods]


OLD = pod("a1", "2026-11-28T10:00:00Z", waiting={"reason": "ImagePullBackOff"})


def test_the_newest_revision_is_judged() -> None:
    assert unready(OLD, pod("b2", "2026-11-28T10:05:00Z", waiting={"reason": "CrashLoopBackOff"})) == ["web-b2-x"]


def test_a_pod_that_only_starts_does_not_hide_the_old_one() -> None:
    new = pod("b2", "2026-11-28T10:09:58Z", waiting={"reason": "ContainerCreating"})
    assert unready(OLD, new) == ["web-b2-x", "web-a1-x"]


def test_going_back_makes_the_older_revision_the_newest() -> None:
    """Its ReplicaSet is older, its pod is not."""
    again = pod("a1", "2026-11-28T10:08:00Z", waiting={"reason": "CrashLoopBackOff"})
    assert unready(pod("b2", "2026-11-28T10:05:00Z", waiting={"reason": "ErrImagePull"}), again) == ["web-a1-x"]
