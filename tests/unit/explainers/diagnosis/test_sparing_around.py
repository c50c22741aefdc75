"""What a sparing case reads around its pods: of several makers, of Jobs."""

from copy import deepcopy

import pytest

from explainers.diagnosis.rules.admission import refused
from explainers.diagnosis.views.serving import makers
from explainers.diagnosis.views.uniform import never_lacked
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import (
    SERVICE,
    WEB,
    Reading,
    service,
    template,
    well,
)  # fmt: skip


def canary() -> list[Json]:
    """A second Deployment whose pod the Service selects too."""
    made, only = deployment("web-canary", labels={"app": "web"}), pod("web-canary-cccccc-can11", {"app": "web"})
    only["metadata"]["creationTimestamp"] = made["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    return [made, only]


def both() -> list[Json]:
    *objects, selecting, endpoints = well(1)
    two = deepcopy(endpoints)
    two["endpoints"] += service("web-canary-cccccc-can11")[1]["endpoints"]
    return [*objects, *canary(), selecting, two]


def test_pods_of_two_deployments_are_told_by_both_templates() -> None:
    reading = Reading(*both())
    pods = reading.see(lambda case: case.all_pods, SERVICE)
    owners = {one.name: one.owner and one.owner.name for one in pods}
    assert owners == {"web-bbbbbb-old11": "web-bbbbbb", "web-canary-cccccc-can11": "web-canary-cccccc"}
    assert reading.pods == ["pod -l app=web -o wide"]


def test_a_pod_of_neither_is_read() -> None:
    stranger = pod("debug", {"app": "web"})
    assert all(one.whole for one in Reading(*both(), stranger).see(lambda case: case.all_pods, SERVICE))


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_beside_pods_that_are_well_what_has_ended_is_read(phase: str) -> None:
    ended = pod("web-bbbbbb-gone1", {"app": "web", "pod-template-hash": "bbbbbb"}, ready=False)
    ended["metadata"]["creationTimestamp"] = "2026-01-02T11:00:00Z"
    ended["status"] |= {"phase": phase, "reason": "Evicted", "containerStatuses": []}
    reading = Reading(*well(1), ended)
    assert [(one.name, one.whole) for one in reading.see(lambda case: [*case.given_up, *case.all_pods])] == [
        ("web-bbbbbb-gone1", True), ("web-bbbbbb-old11", False),
    ]  # fmt: skip
    assert not any(line.startswith("pod -l app=web") and line.endswith("yaml") for line in reading.lines)


def test_what_is_not_well_beside_them_is_no_leftover() -> None:
    other = pod("web-bbbbbb-odd11", {"app": "web", "pod-template-hash": "bbbbbb"}, ready=False)
    reading = Reading(*well(1), other)
    assert all(one.whole for one in reading.see(lambda case: case.all_pods))


def test_where_no_pod_is_wanted_no_rows_are_read() -> None:
    reading = Reading(deployment("web", 0))
    assert reading.see(lambda case: case.all_pods) == []
    pods = reading.pods
    assert pods == ["pod -l app=web '--field-selector=status.phase!=Failed' -o yaml"]


def test_what_does_not_serve_does_not_hide_who_made_the_others() -> None:
    slices = [service("web-bbbbbb-old11", "web-migrate-x7k2p")[1]]
    assert makers(slices, "shop") == []
    slices[0]["endpoints"][1]["conditions"]["ready"] = False
    assert makers(slices, "shop") == [WEB]


@pytest.mark.parametrize(("seconds", "never"), [("20", True), ("59", True), ("60", False)])
def test_a_stateful_set_that_counted_early_for_the_last_time_never_lacked_a_pod(seconds: str, never: bool) -> None:
    made = thing("StatefulSet", "pg")
    when = f"2026-01-02T11:{'51' if seconds == '60' else '50'}:{'01' if seconds == '60' else seconds}Z"
    made["metadata"] |= {
        "creationTimestamp": "2026-01-02T11:50:00Z", "managedFields": [{"subresource": "status", "time": when}],
    }  # fmt: skip
    assert never_lacked(made) is never
    assert not never_lacked(thing("StatefulSet", "pg"))


@pytest.mark.parametrize(
    ("policy", "ready", "asked"),
    [("OrderedReady", False, False), ("OrderedReady", True, True), ("Parallel", False, True)],
)
def test_the_next_pod_of_a_stateful_set_waits_for_the_one_before(policy: str, ready: bool, asked: bool) -> None:
    spec = {"replicas": 3, "podManagementPolicy": policy, "selector": {"matchLabels": {"app": "pg"}}}
    made = thing("StatefulSet", "pg", spec=spec, status={"replicas": 1})
    reading = Reading(made, pod("pg-0", {"app": "pg"}, ready))
    assert reading.see(lambda case: [*refused(case)], Ref("StatefulSet", "shop", "pg")) == []
    assert any(line.startswith("event") for line in reading.lines) is asked


def test_of_a_stateful_set_that_went_back_the_odd_pod_is_read() -> None:
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "pg"}}, "template": template(3)}
    counts = {
        "replicas": 3,
        "updatedReplicas": 2,
        "readyReplicas": 2,
        "currentRevision": "pg-a",
        "updateRevision": "pg-a",
    }
    made = thing("StatefulSet", "pg", spec=spec, status={**counts, "observedGeneration": 3})
    made["metadata"]["generation"] = 3
    pods = [pod(f"pg-{number}", {"app": "pg"}, ready=number < 2) for number in range(3)]
    for one in pods:
        one["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    reading = Reading(made, *pods)
    found = reading.see(lambda case: case.all_pods, Ref("StatefulSet", "shop", "pg"))
    assert [(one.name, one.whole, one.ready) for one in found] == [
        ("pg-2", True, False), ("pg-0", False, True), ("pg-1", False, True),
    ]  # fmt: skip
    assert found[1].spec["containers"][0]["image"] == "app:3"
    assert reading.lines == [
        "statefulset pg -o yaml", "service -o yaml", "pod -l app=pg -o wide", "pod pg-2 -o yaml",
    ]  # fmt: skip


NIGHTLY = Ref("CronJob", "shop", "nightly")


def run(number: int, state: str = "Complete", owner: str = "nightly") -> Json:
    made = thing("Job", f"{owner}-{number}", spec={"selector": {"matchLabels": {"run": f"{owner}-{number}"}}})
    made["metadata"] |= {
        "creationTimestamp": f"2026-01-02T0{number}:00:00Z",
        "ownerReferences": [{"kind": "CronJob", "name": owner, "uid": f"uid-CronJob-{owner}", "controller": True}],
    }
    made["status"] = {"conditions": [{"type": state, "status": "True"}]} if state else {"active": 1}
    return made


def pods_of_runs(*jobs: Json) -> list[str]:
    reading = Reading(thing("CronJob", "nightly", spec={"schedule": "0 3 * * *"}), *jobs)
    reading.see(lambda case: case.all_pods, NIGHTLY)
    return reading.pods


def test_pods_are_read_of_the_run_that_tells() -> None:
    assert pods_of_runs(run(1, "Failed"), run(2)) == []
    assert pods_of_runs(run(1), run(2, "Failed")) == ["pod -l run=nightly-2 -o yaml"]
    assert pods_of_runs(run(1, "Failed"), run(2, "")) == [
        "pod -l run=nightly-2 -o yaml", "pod -l run=nightly-1 -o yaml",
    ]  # fmt: skip


def test_among_many_jobs_the_youngest_of_its_own_are_read() -> None:
    others = [run(number, owner="nightly-extra") for number in range(1, 6)]
    jobs = [run(number, "Failed" if number == 4 else "Complete") for number in range(1, 5)]
    reading = Reading(thing("CronJob", "nightly"), *others, *jobs)
    found = reading.see(lambda case: [one["metadata"]["name"] for one in case.jobs], NIGHTLY)
    assert found == ["nightly-4", "nightly-3"]
    assert "job -o yaml" in reading.lines
    assert "job -o wide" in reading.lines


def test_tries_of_a_job_that_ended_alike_are_told_by_the_last() -> None:
    job = thing("Job", "load", spec={"selector": {"matchLabels": {"run": "load"}}}, status={"failed": 3})
    tries = [pod(f"load-aaaa{number}", {"run": "load"}, ready=False) for number in range(3)]
    for number, one in enumerate(tries):
        one["metadata"]["creationTimestamp"] = f"2026-01-02T11:5{number}:00Z"
        one["status"]["phase"] = "Failed"
        one["status"]["containerStatuses"][0]["state"] = {"terminated": {"exitCode": 1, "reason": "Error"}}
    pods = Reading(job, *tries).see(lambda case: case.all_pods, Ref("Job", "shop", "load"))
    assert [(one.name, one.whole, one.phase) for one in pods] == [
        ("load-aaaa2", True, "Failed"), ("load-aaaa0", False, "Failed"), ("load-aaaa1", False, "Failed"),
    ]  # fmt: skip
