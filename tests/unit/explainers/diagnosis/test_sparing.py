"""What a sparing case reads: of a rollout its newest pods, of many revisions those that matter, of many neighbours
rows, and of pods that are all well none."""

from copy import deepcopy

import pytest

from explainers.diagnosis.health import health
from explainers.diagnosis.views.listed import PRINTED
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.revisions import revisions
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import (
    SERVICE,
    WEB,
    Reading,
    replica_set,
    service,
    template,
    web,
    web_pod,
    well,
)  # fmt: skip

LIVING = "'--field-selector=status.phase!=Failed'"


def shown(pods: list[Pod]) -> list[tuple[str, bool, bool]]:
    return [(one.name, one.whole, one.ready) for one in pods]


# --- a rollout -----------------------------------------------------------------------------------

ROLLING = (web(2, 3, 1, 2), replica_set(1, 2, 2), replica_set(2, 1, 0), web_pod(2, "new11", ready=False))
OLD = (web_pod(1, "old11"), web_pod(1, "old22"))
BEHIND = service("web-bbbbbb-old11", "web-bbbbbb-old22")


@pytest.mark.parametrize("target", [WEB, SERVICE])
def test_of_a_rollout_the_newest_pods_are_read_and_the_endpoints_tell_of_the_others(target: Ref) -> None:
    reading = Reading(*ROLLING, *OLD, *BEHIND)
    pods = reading.see(lambda case: case.all_pods, target)
    assert shown([*pods]) == [
        ("web-cccccc-new11", True, False), ("web-bbbbbb-old11", False, True), ("web-bbbbbb-old22", False, True),
    ]  # fmt: skip
    fields = f" {LIVING}" if target == WEB else ""
    assert reading.pods == [f"pod -l 'app=web,pod-template-hash notin (bbbbbb)'{fields} -o yaml"]
    old = pods[1]
    assert (old.ip, old.spec["containers"][0]["image"], old.owner) == (
        "10.0.0.0", "app:1", Ref("ReplicaSet", "shop", "web-bbbbbb"),
    )  # fmt: skip
    assert "restartCount" not in old.containers[0].status


def test_pods_of_a_deployment_that_is_paused_are_told_by_the_template_they_have() -> None:
    """Its new template has no ReplicaSet yet."""
    paused = web(1, 2, 0, 2)
    paused["spec"] |= {"paused": True, "template": template(2)}
    reading = Reading(paused, replica_set(1, 2, 2), *OLD, *BEHIND)
    pods = reading.see(lambda case: case.all_pods)
    assert [(one.name, one.whole, one.spec["containers"][0]["image"]) for one in pods] == [
        ("web-bbbbbb-old11", False, "app:1"), ("web-bbbbbb-old22", False, "app:1"),
    ]  # fmt: skip
    assert not any(line.startswith("pod") and "notin" not in line for line in reading.pods)


def test_no_restarts_are_claimed_of_pods_that_only_the_endpoints_or_counts_tell_of() -> None:
    def fine(*objects: Json) -> tuple[str, ...]:
        return Reading(*objects).see(lambda case: health(case).fine)

    assert "no restarts" not in fine(*ROLLING, *OLD, *BEHIND)
    assert "no restarts" not in fine(*ROLLING, *OLD)
    assert "no restarts" in fine(*well(2))


def test_without_a_service_the_counts_of_their_replica_set_tell_of_the_others() -> None:
    reading = Reading(*ROLLING, *OLD)
    pods = reading.see(lambda case: case.all_pods)
    assert shown(pods) == [("web-cccccc-new11", True, False), *[("web-bbbbbb", False, True)] * 2]
    assert pods[1].owner == Ref("ReplicaSet", "shop", "web-bbbbbb")
    assert not any(" in (bbbbbb)" in line for line in reading.lines)


def test_where_those_counts_do_not_tell_rows_do() -> None:
    stale = replica_set(1, 2, 1)
    reading = Reading(*ROLLING[:1], stale, *ROLLING[2:], *OLD)
    assert [one.whole for one in reading.see(lambda case: case.all_pods)] == [True, False, False]
    assert f"pod -l 'app=web,pod-template-hash in (bbbbbb)' {LIVING} -o wide" in reading.lines
    assert "pod -l app=web -o yaml" not in reading.lines


@pytest.mark.parametrize("kind", ["DaemonSet", "StatefulSet"])
def test_so_it_is_for_kinds_that_keep_controller_revisions(kind: str) -> None:
    counts: dict[str, Json] = {
        "DaemonSet": {"currentNumberScheduled": 3, "updatedNumberScheduled": 1, "numberReady": 2},
        "StatefulSet": {"replicas": 3, "updatedReplicas": 1, "readyReplicas": 2, "currentRevision": "web-b",
                        "updateRevision": "web-c"},
    }  # fmt: skip
    workload = thing(kind, "web", spec={"selector": {"matchLabels": {"app": "web"}}, "template": template(2)})
    workload["metadata"]["generation"] = 2
    workload["status"] = {"observedGeneration": 2, **counts[kind]}
    held = []
    for number, tag in ((1, "b"), (2, "c")):
        own = {"controller-revision-hash": tag} if kind == "DaemonSet" else {}
        data = {"spec": {"template": template(number)}}
        made = thing("ControllerRevision", f"web-{tag}", labels={"app": "web", **own}, revision=number, data=data)
        made["metadata"]["ownerReferences"] = [{"kind": kind, "uid": f"uid-{kind}-web"}]
        held.append(made)
    old, new = ("b", "c") if kind == "DaemonSet" else ("web-b", "web-c")
    names = ("web-0", "web-1", "web-2") if kind == "StatefulSet" else ("web-aaaaa", "web-bbbbb", "web-ccccc")
    pods = [
        pod(name, {"app": "web", "controller-revision-hash": tag}, ready=tag == old)
        for name, tag in zip(names, (old, old, new), strict=True)
    ]
    for one in pods:
        one["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    for behind in ([], service(*names[:2])):
        reading = Reading(workload, *held, *pods, *behind)
        found = reading.see(lambda case: case.all_pods, Ref(kind, "shop", "web"))
        assert shown(found) == [(names[2], True, False), (names[0], False, True), (names[1], False, True)]
        assert found[1].labels == {"app": "web", "controller-revision-hash": old}
        assert found[1].owner == Ref(kind, "shop", "web")
        rows = f"pod -l 'app=web,controller-revision-hash in ({old})' {LIVING} -o wide"
        assert (rows in reading.lines) is not bool(behind)


def test_what_old_pods_suffer_from_is_read_while_the_newest_show_no_trouble() -> None:
    """Here the newest only starts; in the other case it cannot get its image, and the old one is history."""
    starts = deepcopy(ROLLING[3])
    starts["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    old = (web_pod(1, "old11"), web_pod(1, "old22", ready=False))
    for newest, whole in ((starts, True), (ROLLING[3], False)):
        reading = Reading(web(2, 3, 1, 1), *ROLLING[1:3], newest, *old, *service("web-bbbbbb-old11"))
        known = {one.name: one.whole for one in reading.see(lambda case: case.all_pods)}
        assert known == {"web-cccccc-new11": True, "web-bbbbbb-old11": False, "web-bbbbbb-old22": whole}


def test_where_no_pod_is_ready_no_rows_are_read_to_find_that_out() -> None:
    starts = deepcopy(ROLLING[3])
    starts["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    old = (web_pod(1, "old11", ready=False), web_pod(1, "old22", ready=False))
    reading = Reading(web(2, 3, 1, 0), *ROLLING[1:3], starts, *old)
    assert all(one.whole for one in reading.see(lambda case: case.all_pods))
    assert reading.pods == [
        f"pod -l 'app=web,pod-template-hash notin (bbbbbb)' {LIVING} -o yaml",
        f"pod -l 'app=web,pod-template-hash in (bbbbbb)' {LIVING} -o yaml",
    ]


def test_endpoints_of_pods_that_need_not_be_ready_tell_nothing() -> None:
    behind = deepcopy(BEHIND)
    behind[0]["spec"]["publishNotReadyAddresses"] = True
    reading = Reading(*ROLLING, *OLD, *behind)
    pods = reading.see(lambda case: case.all_pods)
    assert [one.name for one in pods] == ["web-cccccc-new11", "web-bbbbbb", "web-bbbbbb"]


def test_a_count_that_the_controller_has_not_brought_up_to_date_divides_nothing() -> None:
    stale = deepcopy(ROLLING[0])
    stale["metadata"]["generation"] = 8
    reading = Reading(stale, *ROLLING[1:], *OLD, *BEHIND)
    reading.see(lambda case: case.all_pods)
    assert not any("pod-template-hash" in line for line in reading.lines)


# --- revisions -----------------------------------------------------------------------------------


def of_revisions(reading: Reading) -> tuple[int, int, str]:
    found = reading.see(revisions)
    assert found is not None
    return found.current, found.previous, f"{found.made:%H:%M}"


def test_the_newest_revision_stands_in_the_deployment() -> None:
    reading = Reading(*ROLLING, *OLD, *BEHIND)
    assert of_revisions(reading) == (2, 1, "11:50")
    assert [line for line in reading.lines if line.startswith("replicaset")] == [
        "replicaset -l app=web '--field-selector=metadata.name!=web-cccccc' -o yaml"
    ]


def test_a_pod_that_was_made_anew_does_not_make_the_revision_younger() -> None:
    late = web_pod(2, "new11", ready=False, born="2026-01-02T11:55:00Z")
    assert of_revisions(Reading(*ROLLING[:3], late, *OLD, *BEHIND)) == (2, 1, "02:00")


def test_a_message_that_still_names_another_replica_set_is_not_believed() -> None:
    """As when an older revision came back and has got no further yet."""
    back = web(3, 3, 1, 2, message='ReplicaSet "web-cccccc" is progressing.')
    back["spec"]["template"] = template(1)
    sets = (replica_set(3, 1, 0, release=1), replica_set(2, 2, 2))
    pods = (web_pod(1, "new11", ready=False), web_pod(2, "old11"), web_pod(2, "old22"))
    assert of_revisions(Reading(back, *sets, *pods))[:2] == (3, 2)


def test_of_many_revisions_the_one_that_serves_is_read() -> None:
    sets = [replica_set(number) for number in (1, 2, 3, 4)]
    pods = (web_pod(6, "new11", ready=False), web_pod(5, "old11"), web_pod(5, "old22"))
    behind = service("web-gggggg-old11", "web-gggggg-old22")
    reading = Reading(web(6, 3, 1, 2), *sets, replica_set(5, 2, 2), replica_set(6, 1), *pods, *behind)
    assert of_revisions(reading)[:2] == (6, 5)
    assert [line for line in reading.lines if line.startswith("replicaset")] == ["replicaset web-gggggg -o yaml"]


def test_of_many_revisions_the_one_before_is_found_by_its_row() -> None:
    sets = [replica_set(number) for number in (1, 2, 3, 4, 5)]
    reading = Reading(web(6, 1, 1, 0), *sets, replica_set(6, 1), web_pod(6, "new11", ready=False))
    assert of_revisions(reading)[:2] == (6, 5)
    assert [line for line in reading.lines if line.startswith("replicaset")] == [
        "replicaset -l app=web -o wide", "replicaset web-gggggg -o yaml", "replicaset web-hhhhhh -o yaml",
    ]  # fmt: skip


def test_of_many_revisions_a_stateful_set_names_the_two_that_matter() -> None:
    made = thing("StatefulSet", "pg", spec={"selector": {"matchLabels": {"app": "pg"}}, "template": template(6)})
    made["metadata"]["generation"] = 6
    made["status"] = {"currentRevision": "pg-e", "updateRevision": "pg-f"}
    held = []
    for number, tag in enumerate("abcdef", 1):
        one = thing("ControllerRevision", f"pg-{tag}", labels={"app": "pg"}, revision=number)
        one["data"] = {"spec": {"template": template(number)}}
        one["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "uid": "uid-StatefulSet-pg"}]
        held.append(one)
    for current, tables in (("pg-e", 0), ("pg-f", 1)):
        made["status"]["currentRevision"] = current
        reading = Reading(made, *held)
        found = reading.see(revisions, Ref("StatefulSet", "shop", "pg"))
        assert found
        assert (found.current, found.previous) == (6, 5)
        assert [line.endswith("wide") for line in reading.lines].count(True) == tables


def test_where_the_youngest_is_not_the_one_before_all_are_read() -> None:
    sets = [replica_set(1), replica_set(5, release=2), replica_set(3), replica_set(4)]
    reading = Reading(web(6, 1, 1, 0), *sets, replica_set(6, 1), web_pod(6, "new11", ready=False))
    assert of_revisions(reading)[:2] == (6, 5)
    assert "replicaset -l app=web -o yaml" in reading.lines


# --- pods that are all well ----------------------------------------------------------------------


@pytest.mark.parametrize("target", [WEB, SERVICE])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_pods_that_are_all_well_are_told_by_their_rows(count: int, target: Ref) -> None:
    reading = Reading(*well(count))
    pods = reading.see(lambda case: case.all_pods, target)
    assert [(one.whole, one.ready, one.labels) for one in pods] == [
        (False, True, {"app": "web", "pod-template-hash": "bbbbbb"})
    ] * count
    assert reading.pods == [f"pod -l app=web {LIVING} -o wide"]
    assert pods[0].owner == Ref("ReplicaSet", "shop", "web-bbbbbb")


def test_one_is_read_where_it_may_have_been_overtaken_by_a_change() -> None:
    read = {"envFrom": [{"configMapRef": {"name": "web"}}], "name": "app", "image": "app:1"}
    pods = Reading(*well(3, containers=[read])).see(lambda case: case.all_pods)
    assert [one.whole for one in pods] == [True, False, False]


def test_one_is_read_where_it_runs_more_than_its_template_says() -> None:
    objects = well(3)
    for one in objects[1:4]:
        one["spec"]["containers"].append({"name": "injected", "image": "proxy:1"})
        one["status"]["containerStatuses"].append({"name": "injected", "ready": True, "restartCount": 0, "state": {}})
    assert [one.whole for one in Reading(*objects).see(lambda case: case.all_pods)] == [True, False, False]


def test_one_is_read_that_was_lost_for_a_while() -> None:
    objects = well(1)
    lost = {"type": "Available", "status": "True", "lastTransitionTime": "2026-01-02T11:59:00Z"}
    objects[0]["status"]["conditions"].append(lost)
    reading = Reading(*objects)
    assert [one.whole for one in reading.see(lambda case: case.all_pods)] == [True]
    assert "pod -l app=web -o wide" not in reading.lines


# --- neighbours ----------------------------------------------------------------------------------


def neighbours(count: int) -> list[Json]:
    made: list[Json] = []
    for index in range(count):
        made += [deployment(f"n{index}", 0), *service(name=f"n{index}")]
    return made


def test_few_neighbours_are_read_whole() -> None:
    reading = Reading(*neighbours(1), *well(1))
    assert [one["metadata"]["name"] for one in reading.see(lambda case: case.namespace_services)] == ["n0", "web"]
    assert reading.lines == ["service -o yaml"]


def test_of_many_neighbours_rows_are_read() -> None:
    reading = Reading(*neighbours(5), *well(1))
    every = reading.see(lambda case: case.namespace_services)
    assert [one["spec"]["selector"] for one in every if one["metadata"]["name"] == "n4"] == [{"app": "n4"}]
    assert [PRINTED in one for one in every] == [False] * 2 + [True] * 4
    assert reading.lines == ["service -o yaml", "service -o wide"]
    others = reading.see(lambda case: case.other_workloads)
    assert [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in others] == ["app:1"] * 5
    assert [PRINTED in one for one in reading.see(lambda case: case.whole_workloads)] == [False] * 5


def test_a_service_of_the_targets_name_is_enough_among_many() -> None:
    reading = Reading(*neighbours(5), *well(1))
    assert [one["metadata"]["name"] for one in reading.see(lambda case: case.services)] == ["web"]
    assert "service -o wide" not in reading.lines


def test_else_the_one_that_selects_its_pods_is_found_among_many() -> None:
    objects = [one for one in well(1) if one["kind"] not in ("Service", "EndpointSlice")]
    front = thing("Service", "front", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]})
    (found,) = Reading(*neighbours(5), *objects, front).see(lambda case: case.services)
    assert found["spec"]["ports"] == [{"port": 80, "targetPort": 8080}]
