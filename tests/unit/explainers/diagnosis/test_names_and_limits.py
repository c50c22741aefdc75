"""What is offered instead: a name that means the same thing, a label that people may set, a limit that is larger."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.near import most_like, nearest, nearest_one
from explainers.diagnosis.plans.images import neighbour
from explainers.diagnosis.plans.placement import placement
from explainers.diagnosis.views.nodes import Placement
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.unplaced import Mismatch
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import Reading, replica_set, service, web, web_pod

NOT_FOUND = 'failed to resolve reference "ghcr.io/shop/web:1": ghcr.io/shop/web:1: not found'
UNREADABLE = {"resource": "secrets", "namespace": "shop", "status": 403, "problem": "secrets is forbidden"}


def verdict(target: str, *objects: Json, **more: Any) -> Json:
    request = Request("diagnose", target, Actor("test"), namespace="shop")
    reply = diagnose(request, services(*objects, **more))
    return {**reply.data, "undone": [step.inverse is not None for step in reply.document.plan.steps]}


def lines(rows: list[Json]) -> list[str]:
    return [row["kubectl"] for row in rows]


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("stripe-production", "stripe-staging"),
        ("stripe-testing", "stripe-staging"),
        ("stripe-prod", "stripe-preprod"),
        ("data-mongo-1", "data-mongo-0"),
        ("data-node1", "data-node2"),
        ("data_1", "data_0"),
        ("web1", "web2"),
        ("billing-api", "billing-ui"),
        ("pool-a", "pool-b"),
        ("pool-a100", "pool-v100"),
        ("DB_HOST", "DB_PORT"),
        ("ca.crt", "tls.crt"),
        ("ingress", "egress"),
        ("orders-db", "orders-dashboard"),
        ("orders-db", "orders-db-replica"),
        ("stripe", "stripe-staging"),
        ("redis", "redis-exporter"),
        ("1" * 5000, "2" * 5000),
    ],
)
def test_a_name_that_means_another_thing_is_not_near(wanted: str, there: str) -> None:
    assert nearest(wanted, [there]) == []
    assert nearest(there, [wanted]) == []


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("pg-mian", "pg-main"),
        ("chekout", "checkout"),
        ("cart", "cart-redis"),
        ("orders-db", "orders-db-primary"),
        ("api-service", "api"),
        ("password", "smtp_relay_user_password"),
        ("pgmain", "pg-main"),
        ("main-pg", "pg-main"),
        ("orders-bd", "orders-db"),
        ("DATABASE_HOST", "DB_HOST"),
        ("orders-pg", "orders-postgresql"),
        ("stripe-prod", "stripe-production"),
        ("redis-cahce-0", "redis-cache-0"),
        ("log-01", "log-1"),
        ("rules-v3", "rules-v2"),
        ("amd46", "amd64"),
        ("web-7c9d8f-bcd4x", "web-7c9d8f-fgh5j"),
        ("config.yml", "config.yaml"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("1.255", "1.25"),
        ("v1.2.3", "v1.2.4"),
        ("3.12-slim", "3.11-slim"),
    ],
)
def test_slips_abbreviations_and_versions_stay_near(wanted: str, there: str) -> None:
    assert nearest(wanted, [there]) == [there]


@pytest.mark.parametrize(
    ("wanted", "there", "near"),
    [
        ("api", ["api-service", "web"], "api-service"),
        ("api", ["api-auth", "api-web"], ""),
        ("api", ["api-auth", "apii"], "apii"),
        ("orders-db", ["orders-db-primary", "orders-db-replica"], "orders-db-primary"),
        ("shop-orders-db", ["orders-db", "db"], "orders-db"),
        ("DB_URL", ["DB_READ_URL", "DB_WRITE_URL"], ""),
        ("api", [], ""),
    ],
)
def test_a_word_more_is_meant_where_no_other_name_has_one(wanted: str, there: list[str], near: str) -> None:
    assert nearest_one(wanted, there) == near


def test_the_most_similar_is_found_however_little_it_resembles() -> None:
    assert most_like("app:1", ["app:77", "b"]) == "app:77"
    assert most_like("app:1", []) == ""


def test_another_tag_that_runs_beside_is_still_the_neighbour() -> None:
    broken, other = pod("web-1", {"app": "web"}, ready=False), deployment("other")
    broken["spec"]["containers"][0]["image"] = "shop/nginx:release-9"
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "shop/nginx:release-2"
    reading = Reading(deployment("web", ready=0), broken, other)
    assert reading.see(lambda case: neighbour(case, Pod(broken).containers[0])) == "shop/nginx:release-2"


def selecting(name: str, **selector: str) -> Json:
    (made, _) = service(name=name)
    made["spec"]["selector"] = selector
    return made


def behind(name: str, **labels: str) -> list[Json]:
    return [deployment(name, labels=labels), pod(f"{name}-1", labels)]


def test_a_service_is_not_sent_to_another_program() -> None:
    found = verdict("svc/api", selecting("api", app="billing-api"), *behind("billing-ui", app="billing-ui"))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (2, "likely")
    assert not any("set selector" in line for line in lines([*found["plan"], *found["alternatives"]]))


def test_nor_to_another_part_of_the_same_program() -> None:
    ui = behind("ui", app="billing", tier="ui")
    found = verdict("svc/api", selecting("api", app="billing", tier="api"), *ui)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (2, "likely")
    assert not any(row["changes"] for row in found["plan"])


def test_nor_to_a_bare_pod_of_another_program() -> None:
    bare = pod("billing-ui", {"app": "billing-ui"})
    found = verdict("svc/api", selecting("api", app="billing-api"), bare)
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (2, "likely")
    assert not any(row["changes"] for row in found["plan"])


@pytest.mark.parametrize(
    ("name", "selector", "labels"),
    [
        ("shop", {"app": "chekout"}, {"app": "checkout"}),
        ("checkout", {"app": "frontend"}, {"app": "checkout"}),
        ("shop", {"app": "checkout", "version": "blue"}, {"app": "checkout", "version": "green"}),
        ("shop", {"app": "checkout"}, {"app": "x", "k8s-app": "checkout"}),
    ],
)
def test_a_slip_the_own_name_and_another_release_are_meant(name: str, selector: Json, labels: Json) -> None:
    found = verdict(f"svc/{name}", selecting(name, **selector), *behind("checkout", **labels))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (2, "sure")
    assert f"set selector service/{name}" in lines(found["plan"])[0]


def offered(key: str) -> list[str]:
    node = thing("Node", "node-1", "", labels={"pool": "small"})
    reading = Reading(web(1, 1, 1, 0), replica_set(1, 1), web_pod(1, "a", ready=False), node)
    wrong = Mismatch(key, ("other",), "", ())
    plan = reading.see(lambda case: placement(case, Placement({"nodeSelector": {key: "other"}}), wrong))
    return [step.operation.line() for step in plan.alternatives]


@pytest.mark.parametrize(
    "key",
    ["kubernetes.io/arch", "kubernetes.io/hostname", "topology.kubernetes.io/zone", "node.kubernetes.io/instance-type",
     "beta.kubernetes.io/os", "topology.ebs.csi.k8s.io/zone"],
)  # fmt: skip
def test_a_label_that_tells_what_the_node_is_is_not_set_by_hand(key: str) -> None:
    assert offered(key) == []


@pytest.mark.parametrize(
    "key", ["disk", "example.com/disk", "node-role.kubernetes.io/worker", "shop.node-restriction.kubernetes.io/pci"]
)
def test_a_label_that_people_give_may_be_given(key: str) -> None:
    (line,) = offered(key)
    assert f"label node/node-1 --overwrite {key}=other" in line


def killed(before: str | None, now: str, *more: Json, own: bool = True, note: str = "") -> Json:
    """The verdict on a container killed at its limit `now`, which was `before` in the revision before. Without `own`
    the template sets none; `note` is what the API server notes of a LimitRange."""
    sets, made = [replica_set(1), replica_set(2, 1)], web(2, 1, 1, 0)
    for one, limit in ((sets[0], before), (sets[1], now if own else None), (made, now if own else None)):
        container = one["spec"]["template"]["spec"]["containers"][0]
        container["resources"] = {"limits": {"memory": limit}} if limit else {}
    broken = web_pod(2, "a", ready=False)
    end = {"exitCode": 137, "reason": "OOMKilled", "startedAt": "2026-01-02T11:59:00Z",
           "finishedAt": "2026-01-02T11:59:01Z"}  # fmt: skip
    broken["spec"]["containers"][0]["resources"] = {"limits": {"memory": now}}
    broken["status"] |= {"phase": "Running", "containerStatuses": [{
        "name": "app", "ready": False, "restartCount": 3, "lastState": {"terminated": end},
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    }]}  # fmt: skip
    broken["metadata"]["annotations"] = {"kubernetes.io/limit-ranger": note}
    found = verdict("deployment/web", made, *sets, broken, *more)
    assert found["cause"]["class"] == 60
    return found


def test_a_limit_that_was_raised_and_does_not_do_is_raised_again() -> None:
    found = killed("64Mi", "128Mi")
    assert lines(found["plan"])[0].endswith("set resources deployment/web -c app --limits=memory=256Mi")
    assert not any("undo" in line for line in lines([*found["plan"], *found["alternatives"]]))


@pytest.mark.parametrize("before", ["1Gi", "129Mi", None])
def test_a_limit_that_was_lowered_or_new_is_taken_back_first(before: str | None) -> None:
    found = killed(before, "128Mi")
    assert "rollout undo deployment/web" in lines(found["plan"])[0]
    assert "--limits=memory=256Mi" in lines(found["alternatives"])[0]


def limit_range(memory: str) -> Json:
    return thing("LimitRange", "lr", spec={"limits": [{"type": "Container", "default": {"memory": memory}}]})


def test_a_limit_that_a_range_gave_before_and_was_smaller_is_nothing_to_go_back_to() -> None:
    found = killed(None, "48Mi", limit_range("24Mi"))
    assert lines(found["plan"])[0].endswith("--limits=memory=96Mi")
    assert not any("undo" in line for line in lines([*found["plan"], *found["alternatives"]]))
    assert not any("revision 2" in row["text"] for row in found["evidence"])
    assert "rollout undo" in lines(killed(None, "48Mi", limit_range("64Mi"))["plan"])[0]


def test_a_limit_of_a_range_is_told_as_that_and_not_undone_to() -> None:
    note = "LimitRanger plugin set: cpu, memory request for container app; cpu, memory limit for container app"
    found = killed("12Mi", "24Mi", limit_range("24Mi"), own=False, note=note)
    assert "its limit of 24Mi, which a LimitRange gives it" in found["headline"]
    assert "limits.memory 24Mi; the template sets none, so a LimitRange gave it" in [
        row["text"] for row in found["evidence"]
    ]
    assert lines(found["plan"]) == ["kubectl -n shop set resources deployment/web -c app --limits=memory=48Mi"]
    assert found["undone"] == [False]
    assert killed("12Mi", "24Mi")["undone"] == [True]


def test_of_the_same_limit_going_back_is_the_other_way() -> None:
    found = killed("134217728", "128Mi")
    assert "--limits=memory=256Mi" in lines(found["plan"])[0]
    assert "rollout undo deployment/web" in lines(found["alternatives"])[0]


@pytest.mark.parametrize(("ready", "told"), [(1, "healthy"), (0, "")])
def test_a_bare_replicaset_counts_no_updated_pods(ready: int, told: str) -> None:
    only, made = pod("hello-1", {"app": "hello"}, bool(ready)), deployment("hello", labels={"app": "hello"})
    made |= {"kind": "ReplicaSet", "status": {"replicas": 1, "readyReplicas": ready, "observedGeneration": 1}}
    only["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "hello", "controller": True}]
    found = verdict("rs/hello", made, only)
    assert (found["verdict"] == "healthy") == bool(told), found["headline"]


def not_found(*objects: Json, **more: Any) -> Json:
    """The verdict on a pull that a registry answers with `not found`, where the pod names a pull secret."""
    made, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    made["spec"]["template"]["spec"]["containers"] = [{"name": "app", "image": "ghcr.io/shop/web:1"}]
    one["spec"] |= {
        "imagePullSecrets": [{"name": "ghcr-pull"}],
        "containers": [{"name": "app", "image": "ghcr.io/shop/web:1"}],
    }
    one["status"]["phase"] = "Pending"
    one["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ErrImagePull", "message": NOT_FOUND}}
    found = verdict("deployment/web", made, one, *objects, **more)
    assert found["cause"]["class"] == 41
    return found


def warning() -> Json:
    message = "Unable to retrieve some image pull secrets (ghcr-pull); attempting to pull the image may not succeed."
    involved = {"kind": "Pod", "name": "web-1", "namespace": "shop", "uid": "uid-Pod-web-1"}
    return thing("Event", "e", involvedObject=involved, reason="FailedToRetrieveImagePullSecret", message=message)


@pytest.mark.parametrize(("objects", "more"), [((), {}), ((warning(),), {"unread": [UNREADABLE]})])
def test_not_found_without_the_login_is_only_likely(objects: tuple[Json, ...], more: Json) -> None:
    found = not_found(*objects, **more)
    assert found["cause"]["confidence"] == "likely"
    told = "; its pull secret `ghcr-pull` does not exist, so the registry was asked without a login"
    assert found["cause"]["sentence"].endswith(told)
    assert any("create secret" in line and "ghcr-pull" in line for line in lines(found["alternatives"]))


def test_not_found_with_the_login_is_sure() -> None:
    found = not_found(thing("Secret", "ghcr-pull", type="kubernetes.io/dockerconfigjson"))
    assert found["cause"]["confidence"] == "sure"
    assert "pull secret" not in found["cause"]["sentence"]
