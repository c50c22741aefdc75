"""Details of workload operations that parity with kubectl does not show: what is known of the way back, odd input."""

from typing import Any

import pytest

from explainers.kinds import CRON_JOB, DEPLOYMENT, STATEFUL_SET
from explainers.operations.rollouts import Undo, revision_of, rolled_out, undo
from explainers.operations.workloads import Scale, SetEnv, SetImage, SetResources, set_env

ENV = [
    {"name": "A", "value": "0"},
    {"name": "EMPTY"},
    {"name": "FROM", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
]


def deployment(env: Any = ENV) -> dict[str, Any]:
    spec = {"containers": [{"name": "main", "env": env}], "initContainers": [{"name": "prepare"}]}
    return {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {"spec": spec}}}


def test_the_environment_read_is_the_way_back() -> None:
    change = set_env(DEPLOYMENT, deployment(), "main", (("A", "1"), ("NEW", "n")), ("EMPTY",))
    assert change.was == (("A", "0"), ("EMPTY", ""))
    inverse = change.inverse()
    assert isinstance(inverse, SetEnv)
    assert inverse.line() == "kubectl -n shop set env deployment/web -c main A=0 EMPTY= NEW-"


def test_a_reference_has_no_way_back() -> None:
    assert set_env(DEPLOYMENT, deployment(), "main", (("FROM", "1"),)).inverse() is None
    assert set_env(DEPLOYMENT, deployment(), "main", (), ("FROM",)).inverse() is None


def test_new_variables_come_last() -> None:
    body = set_env(DEPLOYMENT, deployment(), "main", (("NEW", "n"),), ("A",)).request().body
    container = body["spec"]["template"]["spec"]["containers"][0]
    assert [one["name"] for one in container["$setElementOrder/env"]] == ["EMPTY", "FROM", "NEW"]


@pytest.mark.parametrize("env", [None, [], "odd", [None, "x"], {"a": 1}])
def test_odd_environments(env: Any) -> None:
    change = set_env(DEPLOYMENT, deployment(env), "main", (("A", "1"),))
    assert change.was == ()
    assert "$setElementOrder/env" not in str(change.request().body)


def test_a_container_that_is_not_there() -> None:
    assert set_env(DEPLOYMENT, {}, "gone", (("A", "1"),)).existing == ()
    assert set_env(CRON_JOB, {"spec": "odd"}, "gone", (("A", "1"),), init=True).existing == ()


def test_unknown_former_values_have_no_way_back() -> None:
    assert Scale(DEPLOYMENT, "shop", "web", 2).inverse() is None
    assert SetImage(DEPLOYMENT, "shop", "web", "main", "nginx").inverse() is None
    assert SetEnv(DEPLOYMENT, "shop", "web", "main", (("A", "1"),)).inverse() is None
    partly = SetResources(
        DEPLOYMENT, "shop", "web", "main", (("cpu", "1"), ("memory", "1Gi")), was_requests=(("cpu", "2"),)
    )
    assert partly.inverse() is None


def revision(number: int, image: str) -> dict[str, Any]:
    labels = {"app": "web", "pod-template-hash": "abc"}
    spec = {"containers": [{"name": "main", "image": image}]}
    return {
        "metadata": {"annotations": {"deployment.kubernetes.io/revision": str(number), "why": image}},
        "spec": {"template": {"metadata": {"labels": labels, "creationTimestamp": None}, "spec": spec}},
    }


def test_undo_is_what_kubectl_sends() -> None:
    workload = {
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "annotations": {"deployment.kubernetes.io/revision": "2", "why": "b", "own": "gone"},
        }
    }
    back = undo(DEPLOYMENT, workload, revision(1, "a"), revision(2, "b"))
    template, annotations = back.request().body
    assert template["value"]["metadata"] == {"labels": {"app": "web"}}
    assert template["value"]["spec"]["containers"][0]["image"] == "a"
    assert annotations["value"] == {"deployment.kubernetes.io/revision": "2", "why": "a"}
    assert back.line() == "kubectl -n shop rollout undo deployment/web --to-revision=1"
    inverse = back.inverse()
    assert isinstance(inverse, Undo)
    assert inverse.line().endswith("--to-revision=2")
    assert inverse.inverse() == back
    assert undo(DEPLOYMENT, workload, revision(1, "a")).inverse() is None


def test_undo_of_a_stateful_set_is_the_revisions_own_patch() -> None:
    data = {"spec": {"template": {"$patch": "replace"}}}
    back = undo(STATEFUL_SET, {"metadata": {"name": "pg", "namespace": "shop"}}, {"revision": 3, "data": data})
    assert back.request().body == data
    assert back.revision == 3


@pytest.mark.parametrize("odd", [{}, {"metadata": None}, {"metadata": []}, {"metadata": {"annotations": "x"}}])
def test_odd_revisions(odd: dict[str, Any]) -> None:
    assert revision_of(odd) == 0
    assert undo(DEPLOYMENT, odd, odd).revision == 0


def workload(kind: str, wanted: Any = 2, /, **status: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"generation": 3}, "spec": {"replicas": wanted}, "status": status}


def partitioned(partition: int, updated: int) -> dict[str, Any]:
    """A StatefulSet of three, of which those below the partition stay as they are."""
    status = {"observedGeneration": 3, "readyReplicas": 3, "updatedReplicas": updated}
    thing = workload("StatefulSet", 3, **status, updateRevision="b", currentRevision="a")
    thing["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}
    return thing


@pytest.mark.parametrize(
    ("thing", "through"),
    [
        (partitioned(2, 1), True),
        (partitioned(2, 0), False),
        (partitioned(1, 1), False),
        (partitioned(0, 1), False),
        (workload("Deployment", observedGeneration=3, replicas=2, updatedReplicas=2, availableReplicas=2), True),
        (workload("Deployment", observedGeneration=2, replicas=2, updatedReplicas=2, availableReplicas=2), False),
        (workload("Deployment", observedGeneration=3, replicas=3, updatedReplicas=2, availableReplicas=2), False),
        (workload("Deployment", observedGeneration=3, replicas=2, updatedReplicas=1, availableReplicas=2), False),
        (workload("Deployment", observedGeneration=3, replicas=2, updatedReplicas=2, availableReplicas=1), False),
        (workload("Deployment", None, observedGeneration=3, replicas=1, updatedReplicas=1, availableReplicas=1), True),
        (workload("Deployment", 0, observedGeneration=3), True),
        (workload("StatefulSet", observedGeneration=3, readyReplicas=2, updateRevision="a", currentRevision="a"), True),
        (
            workload("StatefulSet", observedGeneration=3, readyReplicas=1, updateRevision="a", currentRevision="a"),
            False,
        ),
        (
            workload("StatefulSet", observedGeneration=3, readyReplicas=2, updateRevision="b", currentRevision="a"),
            False,
        ),
        (
            workload(
                "DaemonSet", observedGeneration=3, desiredNumberScheduled=1, updatedNumberScheduled=1, numberAvailable=1
            ),
            True,
        ),
        (workload("DaemonSet", observedGeneration=3, desiredNumberScheduled=1, updatedNumberScheduled=1), False),
        ({}, False),
        ({"metadata": [], "spec": "x", "status": None}, False),
        (workload("Deployment", "two", observedGeneration="3"), False),
    ],
)
def test_rolled_out(thing: dict[str, Any], through: bool) -> None:
    assert rolled_out(thing) is through
