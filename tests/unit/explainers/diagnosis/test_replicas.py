"""Which of several pods are read whole, and what is said of the others."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts, Missing
from explainers.diagnosis.health import health
from explainers.diagnosis.views.given_up import NOT_GIVEN_UP
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.replicas import Groups, groups, ready_of_several
from explainers.diagnosis.views.rows import rows_of
from explainers.kinds import Ref
from explainers.operations.base import Answer, Json
from explainers.operations.reads import Get, List, Rows

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
COLUMNS = ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates")
SET = "web-5d9c7bf6d4"
WEB: Json = {"kind": "Deployment", "metadata": {"name": "web"}}


def row(
    name: str, ready: str = "1/1", status: str = "Running", restarts: str = "0", age: str = "5m", **more: str
) -> Json:
    cells = [
        name,
        ready,
        status,
        restarts,
        age,
        more.get("ip", "10.0.0.1"),
        "node-1",
        "<none>",
        more.get("gates", "<none>"),
    ]
    return {"cells": cells}


def printed(*rows: Json) -> Answer:
    return Answer(200, {"columnDefinitions": [{"name": name} for name in COLUMNS], "rows": list(rows)})


def grouped(*rows: Json, ready: int, owner: Json = WEB) -> Groups:
    found = groups(rows_of(printed(*rows)), ready, owner)
    assert found is not None
    return found


def read(found: Groups) -> dict[str, list[str]]:
    return {name: [one.name for one in same] for name, same in found.rows.items()}


def test_of_pods_that_are_well_the_oldest_is_read() -> None:
    rows = [row(f"{SET}-aaaaa"), row(f"{SET}-bbbbb", age="3d4h"), row(f"{SET}-ccccc", age="26s")]
    assert read(grouped(*rows, ready=3)) == {f"{SET}-bbbbb": [f"{SET}-{x * 5}" for x in "abc"]}


def test_of_pods_that_fail_alike_the_newest_is_read_and_stands_for_those_that_are_well() -> None:
    fails = {"ready": "0/1", "status": "CrashLoopBackOff", "restarts": "4 (20s ago)"}
    rows = [row(f"{SET}-aaaaa"), row(f"{SET}-bbbbb", **fails), row(f"{SET}-ccccc", age="2m", **fails)]
    assert read(grouped(*rows, ready=1)) == {f"{SET}-ccccc": [f"{SET}-{x * 5}" for x in "abc"]}


def test_a_moment_between_two_crashes_is_no_other_trouble() -> None:
    rows = [
        row(f"{SET}-aaaaa", "0/1", "CrashLoopBackOff", "4 (20s ago)"),
        row(f"{SET}-bbbbb", "0/1", "Error", "4 (20s ago)", "4m"),
    ]
    assert list(read(grouped(*rows, ready=0))) == [f"{SET}-bbbbb"]


def test_pods_that_crash_again_and_again_are_alike_whatever_they_show() -> None:
    """One that waits tells more than one that runs again, ready or not, as long as nobody probes it."""
    rows = [
        row(f"{SET}-aaaaa", "1/1", "Running", "4 (2s ago)"),
        row(f"{SET}-bbbbb", "0/1", "RunContainerError", "4 (9s ago)"),
        row(f"{SET}-ccccc", "0/1", "Running", "3 (1m ago)"),
    ]
    for ready in (0, 1):
        assert read(grouped(*rows, ready=ready)) == {f"{SET}-bbbbb": [f"{SET}-{x * 5}" for x in "abc"]}
    assert groups(rows_of(printed(*rows)), 3 + 1, WEB) is None


def test_an_image_that_is_tried_again_is_still_the_same_trouble() -> None:
    rows = [row(f"{SET}-aaaaa", "0/1", "ErrImagePull"), row(f"{SET}-bbbbb", "0/1", "ImagePullBackOff")]
    assert len(read(grouped(*rows, ready=0))) == 1


def test_one_that_is_not_ready_beside_one_that_crashes_has_yet_to_crash() -> None:
    rows = [row(f"{SET}-{x * 5}", "0/1", restarts=times) for x, times in (("a", "0"), ("b", "2 (1m ago)"), ("c", "0"))]
    assert read(grouped(*rows, ready=0)) == {f"{SET}-bbbbb": [f"{SET}-{x * 5}" for x in "bac"]}
    old = [row(f"{SET}-{x * 5}", "0/1", restarts=times) for x, times in (("a", "0"), ("b", "2 (3d ago)"), ("c", "0"))]
    assert list(read(grouped(*old, ready=0))) == [f"{SET}-ccccc", f"{SET}-bbbbb"]


def test_what_a_row_may_hide_is_read_itself() -> None:
    rows = [row(f"{SET}-{x * 5}") for x in "abc"]
    for odd in (
        row(f"{SET}-ddddd", restarts="1 (3d ago)"),
        row(f"{SET}-ddddd", status="NodeAffinity", ready="0/1"),
        row(f"{SET}-ddddd", status="Terminating"),
    ):
        ready = 4 if odd["cells"][2] == "Running" else 3
        assert f"{SET}-ddddd" in read(grouped(*rows, odd, ready=ready))


def test_pods_of_two_templates_are_not_alike() -> None:
    rows = [row(f"{SET}-aaaaa"), row(f"{SET}-bbbbb"), row("web-77c8d9f4b5-ccccc")]
    assert len(grouped(*rows, ready=3).rows) == 2


@pytest.mark.parametrize(
    ("rows", "ready"),
    [
        ([row(f"{SET}-aaaaa"), row(f"{SET}-bbbbb"), row(f"{SET}-ccccc")], 2),
        ([row(f"{SET}-aaaaa"), row(f"{SET}-bbbbb"), row(f"{SET}-ccccc", gates="0/1")], 3),
        ([row(f"{SET}-aaaaa", restarts="1 (1h ago)"), row(f"{SET}-bbbbb", restarts="1 (1h ago)")], 2),
        ([row(f"{SET}-{x * 5}", "0/1", "Evicted") for x in "abcdef"], 0),
        ([row("a" * 52 + "-bcdfg-abcde"), row("a" * 52 + "-bcdfg-fghij")], 2),
        ([row("one"), row("two")], 2),
    ],
    ids=["a node is lost", "a gate is shut", "both restarted", "too many differ", "names are cut", "made by nobody"],
)
def test_all_are_listed_where_rows_do_not_tell(rows: list[Json], ready: int) -> None:
    assert groups(rows_of(printed(*rows)), ready, WEB) is None


def test_what_is_no_table_tells_nothing() -> None:
    assert groups(rows_of(Answer(406, problem="only JSON")), 0, WEB) is None
    assert groups(rows_of(Answer(200, {"kind": "PodList", "items": [{}, {}]})), 0, WEB) is None
    more = printed(row(f"{SET}-aaaaa"), row(f"{SET}-bbbbb")).object | {"metadata": {"continue": "next"}}
    assert groups(rows_of(Answer(200, more)), 2, WEB) is None


def stateful(updated: int = 3, **status: Any) -> Json:
    counts = {"replicas": 3, "updatedReplicas": updated, "observedGeneration": 1, **status}
    return {"kind": "StatefulSet", "metadata": {"name": "db", "generation": 1}, "status": counts}


def test_pods_of_a_stateful_set_keep_what_is_their_own() -> None:
    spec = {
        "hostname": "db-0",
        "initContainers": [{"name": "prepare"}, {"name": "proxy", "restartPolicy": "Always"}],
        "containers": [{"name": "pg"}],
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}},
            {"name": "shared", "persistentVolumeClaim": {"claimName": "shared"}},
        ],
    }
    labels = {"app": "db", "statefulset.kubernetes.io/pod-name": "db-0", "apps.kubernetes.io/pod-index": "0"}
    whole = {"metadata": {"name": "db-0", "namespace": "shop", "labels": labels}, "spec": spec}
    rows = [row("db-0"), row("db-1", age="4m", ip="10.0.0.7"), row("db-2", age="3m")]
    found = grouped(*rows, ready=3, owner=stateful())
    assert list(found.rows) == ["db-0"]
    pods = {pod.name: pod for pod in found.pods([whole], NOW)}
    assert pods["db-0"] == Pod(whole)
    other = pods["db-1"]
    assert (other.like, other.namespace, other.ip, other.node) == ("db-0", "shop", "10.0.0.7", "node-1")
    assert other.labels == {
        "app": "db",
        "statefulset.kubernetes.io/pod-name": "db-1",
        "apps.kubernetes.io/pod-index": "1",
    }
    assert other.spec["hostname"] == "db-1"
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in other.spec["volumes"]]
    assert claims == ["data-db-1", "shared"]
    assert other.ready
    assert [(one.name, one.ready, one.ran, one.running_since) for one in other.containers] == [
        ("prepare", True, True, None), ("proxy", True, True, None), ("pg", True, True, None),
    ]  # fmt: skip
    assert other.created == NOW - timedelta(minutes=4)


def test_pods_of_a_stateful_set_under_way_or_in_trouble_are_read_themselves() -> None:
    rows = [row("db-0"), row("db-1"), row("db-2", "0/1", "CrashLoopBackOff", "3 (1m ago)")]
    assert groups(rows_of(printed(*rows)), 2, stateful(updated=1)) is None
    assert read(grouped(*rows, ready=2, owner=stateful())) == {"db-2": ["db-0", "db-1", "db-2"]}


def test_of_a_pod_that_fails_only_its_row_is_said() -> None:
    fails = {"ready": "0/1", "status": "CrashLoopBackOff", "restarts": "4 (20s ago)"}
    ended = {"name": "web", "restartCount": 9, "lastState": {"terminated": {"exitCode": 3}}}
    whole: Json = {
        "metadata": {"name": f"{SET}-aaaaa", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web"}]},
        "status": {"phase": "Running", "containerStatuses": [ended]},
    }
    found = grouped(row(f"{SET}-aaaaa", age="1m", **fails), row(f"{SET}-bbbbb", **fails), ready=0)
    (other,) = [pod for pod in found.pods([whole], NOW) if not pod.whole]
    assert other.like == f"{SET}-aaaaa"
    assert not other.ready
    assert [(one.restarts, one.last_end, one.waiting) for one in other.containers] == [(0, {}, "")]


def test_a_pod_that_restarts_stands_for_those_that_are_well_and_is_not_like_them() -> None:
    rows = [row("db-0"), row("db-1", restarts="3 (20s ago)"), row("db-2")]
    found = grouped(*rows, ready=3, owner=stateful())
    assert list(found.rows) == ["db-1"]
    pods = found.pods([{"metadata": {"name": "db-1"}}], NOW)
    assert sorted((pod.name, pod.whole) for pod in pods) == [("db-0", False), ("db-1", True), ("db-2", False)]
    assert not any(pod.like for pod in pods)


@given(st.lists(st.lists(st.none() | st.integers() | st.text(alphabet="0123456789/dmhsy-<>abc"), max_size=10)))
def test_whatever_is_printed_is_grouped_or_not(cells: list[list[Any]]) -> None:
    found = groups(rows_of(printed(*({"cells": each} for each in cells))), 0, WEB)
    if found:
        found.pods([{} for _ in found.rows], NOW)


@pytest.mark.parametrize(
    ("owner", "ready"),
    [
        ({"kind": "Deployment", "status": {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}}, None),
        ({"kind": "Deployment", "status": {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 1}}, None),
        ({"kind": "Deployment", "status": {"replicas": 2, "updatedReplicas": 2}}, 0),
        ({"kind": "Deployment", "status": {"replicas": 4, "readyReplicas": 3, "updatedReplicas": 1}}, 3),
        ({"kind": "DaemonSet", "status": {"currentNumberScheduled": 9, "numberReady": 8}}, 8),
        ({"kind": "Job", "status": {"active": 1, "failed": 1}}, None),
        ({"kind": "Job", "status": {"active": 2, "ready": 1, "failed": 1}}, 1),
        ({}, None),
    ],
)
def test_one_pod_or_two_that_differ_are_listed(owner: Json, ready: int | None) -> None:
    assert ready_of_several(owner) == ready


def test_a_service_counts_its_endpoints() -> None:
    def slices(*names: str) -> list[Json]:
        return [{"endpoints": [{"targetRef": {"name": name}, "conditions": {"ready": True}} for name in names]}]

    service = {"kind": "Service"}
    assert ready_of_several(service, slices(f"{SET}-aaaaa", f"{SET}-bbbbb")) == 2
    assert ready_of_several(service, slices(f"{SET}-aaaaa") * 2) is None
    assert ready_of_several(service, slices("db-0", "db-1", "db-2")) is None


def test_pods_are_ready_for_as_long_as_nobody_counted_otherwise() -> None:
    counts = {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3}
    selector = {"selector": {"matchLabels": {"app": "web"}}, "replicas": 3}
    wrote = {"subresource": "status", "time": (NOW - timedelta(seconds=20)).isoformat()}
    web = {"metadata": {"name": "web", "managedFields": [wrote]}, "spec": selector, "status": counts}
    condition = {"type": "Ready", "status": "True", "lastTransitionTime": (NOW - timedelta(hours=1)).isoformat()}
    whole = {"metadata": {"name": f"{SET}-ccccc"}, "status": {"phase": "Running", "conditions": [condition]}}
    facts = Facts(NOW)
    facts.learn(Get(kinds.DEPLOYMENT, "shop", "web"), Answer(200, web))
    facts.learn(
        Rows(kinds.POD, "shop", "app=web", NOT_GIVEN_UP),
        printed(
            *(row(f"{SET}-{x * 5}", age="60m") for x in "abc"),
        ),
    )
    facts.learn(Get(kinds.POD, "shop", f"{SET}-ccccc"), Answer(200, whole))
    facts.learn(List(kinds.SERVICE, "shop", limit=500), Answer(200, {"items": []}))
    facts.learn(List(kinds.NETWORK_POLICY, "shop", limit=500), Answer(200, {"items": []}))
    found = health(Case(facts, Ref("Deployment", "shop", "web"), sparing=True))
    assert found.good
    assert [one.age for one in found.evidence] == ["for at least 20 s"]


def test_where_the_pod_has_gone_meanwhile_all_are_listed() -> None:
    facts, labels = Facts(NOW), "app=web"
    counts = {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}
    web = {**WEB, "spec": {"selector": {"matchLabels": {"app": "web"}}}, "status": counts}
    listed = [{"metadata": {"name": f"{SET}-{x * 5}", "namespace": "shop"}} for x in "bc"]
    facts.learn(Get(kinds.DEPLOYMENT, "shop", "web"), Answer(200, web))
    facts.learn(Rows(kinds.POD, "shop", labels, NOT_GIVEN_UP), printed(row(f"{SET}-aaaaa"), row(f"{SET}-bbbbb")))
    with pytest.raises(Missing):
        _ = Case(facts, Ref("Deployment", "shop", "web"), sparing=True).pods
    asked = Get(kinds.POD, "shop", f"{SET}-bbbbb")
    assert asked in facts.take_wanted()
    facts.learn(asked, Answer(404, problem="not found"))
    facts.learn(List(kinds.POD, "shop", labels, NOT_GIVEN_UP, limit=500), Answer(200, {"items": listed}))
    pods = Case(facts, Ref("Deployment", "shop", "web"), sparing=True).pods
    assert [(pod.name, pod.whole) for pod in pods] == [(f"{SET}-bbbbb", True), (f"{SET}-ccccc", True)]
