"""Pods that are gone: a StatefulSet and a DaemonSet delete theirs, so that only events tell what became of them."""

import pytest

from explainers.diagnosis.rules import evictions, rejected
from explainers.diagnosis.views.former import former_pods
from explainers.kinds import Ref
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading, replica_set, web, web_pod

DISK = 'Container app exceeded its local ephemeral storage limit "10Mi". '
VOLUME = 'Usage of EmptyDir volume "scratch" exceeds the limit "10Mi". '
SYSCTL = 'forbidden sysctl: "kernel.msgmax" not allowlisted'
PG, AGENT = Ref("StatefulSet", "shop", "pg"), Ref("DaemonSet", "shop", "agent")


def event(reason: str, said: str, name: str, uid: str, when: str, kind: str = "Pod") -> Json:
    about = {"kind": kind, "name": name, "namespace": "shop", "uid": uid}
    return thing(
        "Event", f"{name}.{uid}.{reason}".lower(), type="Warning", reason=reason, message=said,
        involvedObject=about, lastTimestamp=f"2026-01-02T{when}Z", source={"component": "kubelet", "host": "node-1"},
    )  # fmt: skip


def made_by(ref: Ref, name: str, born: str, ready: bool = True) -> list[Json]:
    """A workload of one pod, made an hour ago, and its pod of now."""
    owner = deployment(ref.name, ready=int(ready))
    owner["metadata"] |= {"creationTimestamp": "2026-01-02T11:00:00Z", "uid": f"uid-{ref.name}"}
    owner["kind"] = ref.kind
    if ref.kind == "DaemonSet":
        owner["status"] = {"desiredNumberScheduled": 1, "currentNumberScheduled": 1, "numberReady": int(ready)}
    container = {"name": "app", "image": "app:1", "resources": {"limits": {"ephemeral-storage": "10Mi"}}}
    other = {"name": "other", "image": "app:1", "resources": {"limits": {"ephemeral-storage": "80Mi"}}}
    owner["spec"]["template"]["spec"]["containers"] = [container, other]
    only = pod(name, {"app": ref.name}, ready)
    only["metadata"] |= {
        "creationTimestamp": f"2026-01-02T{born}Z",
        "ownerReferences": [{"kind": ref.kind, "name": ref.name, "controller": True, "uid": f"uid-{ref.name}"}],
    }
    if not ready:
        only["status"] |= {"phase": "Pending", "containerStatuses": []}
    return [owner, only]


def lines(plan: Plan) -> list[str]:
    return [step.operation.line() for step in plan.steps]


def evicted_twice(said: str, last: str = "11:59:30") -> list[Json]:
    return [event("Evicted", said, "pg-0", "a", "11:58:50"), event("Evicted", said, "pg-0", "b", last)]


def test_a_pod_of_a_statefulset_that_is_evicted_again() -> None:
    reading = Reading(*made_by(PG, "pg-0", "11:59:31"), *evicted_twice(DISK))
    (found,) = reading.see(lambda case: [*evictions.evicted(case)], PG)
    assert (found.number, found.subject) == (76, PG)
    assert "2 so far, the last after 40 s: Container app exceeded" in found.clause
    assert lines(found.plan)[0].endswith("set resources statefulset/pg -c app --limits=ephemeral-storage=20Mi")


def test_the_volume_that_is_full_is_the_one_to_enlarge() -> None:
    reading = Reading(*made_by(PG, "pg-0", "11:59:31"), *evicted_twice(VOLUME))
    (found,) = reading.see(lambda case: [*evictions.evicted(case)], PG)
    assert '"name":"scratch","emptyDir":{"sizeLimit":"20Mi"}' in lines(found.plan)[0]


@pytest.mark.parametrize(("born", "events"), [("11:51:00", evicted_twice(DISK, "11:50:59")), ("11:59:31", [])])
def test_what_outlasts_them_and_what_is_only_new_is_well(born: str, events: list[Json]) -> None:
    reading = Reading(*made_by(PG, "pg-0", born), *events)
    assert not reading.see(lambda case: [*evictions.evicted(case)], PG)


def test_of_a_pod_that_serves_for_long_no_event_is_read() -> None:
    reading = Reading(*made_by(PG, "pg-0", "11:05:00"), *evicted_twice(DISK))
    assert not reading.see(former_pods, PG).pods
    assert not [line for line in reading.lines if "event" in line]


def test_pods_of_a_statefulset_that_its_node_turns_down() -> None:
    gone = [event("SysctlForbidden", SYSCTL, "pg-0", uid, f"11:59:{at}") for uid, at in (("a", "20"), ("b", "40"))]
    reading = Reading(*made_by(PG, "pg-0", "11:59:50", ready=False), *gone)
    (found,) = reading.see(lambda case: [*rejected.turned_down(case)], PG)
    assert (found.number, found.subject) == (107, PG)
    assert "`node-1` turns its pods down (SysctlForbidden, 2 so far): forbidden sysctl" in found.clause


def test_between_two_pods_the_one_that_is_missing_is_asked_about() -> None:
    owner, _ = made_by(PG, "pg-0", "11:59:50", ready=False)
    reading = Reading(owner, event("OutOfcpu", "Node didn't have enough resource: cpu", "pg-0", "a", "11:59:40"))
    (found,) = reading.see(lambda case: [*rejected.turned_down(case)], PG)
    assert found.number == 78


def test_pods_of_a_daemonset_are_found_by_what_it_says_of_them() -> None:
    told = [
        event("FailedDaemonPod", f"Found failed daemon pod shop/agent-{name} on node node-1, will try to kill it",
              "agent", f"uid-agent-{name}", f"11:59:{at}", "DaemonSet")
        for name, at in (("aaaaa", "01"), ("bbbbb", "31"))
    ]  # fmt: skip
    gone = [
        event("Evicted", DISK, f"agent-{name}", name, f"11:59:{at}") for name, at in (("aaaaa", "00"), ("bbbbb", "30"))
    ]
    reading = Reading(*made_by(AGENT, "agent-ccccc", "11:59:32"), *told, *gone)
    (found,) = reading.see(lambda case: [*evictions.evicted(case)], AGENT)
    assert (found.number, found.subject) == (76, AGENT)


def swept(newest: str, ready: bool) -> Reading:
    only = web_pod(1, "now", born=newest)
    only["status"]["conditions"][0]["status"] = str(ready)
    only["status"]["containerStatuses"][0]["ready"] = ready
    made = replica_set(1, 1)
    made["metadata"]["creationTimestamp"] = "2026-01-02T11:40:00Z"
    owner = web(1, 1, 1, int(ready))
    owner["metadata"]["creationTimestamp"] = "2026-01-02T11:40:00Z"
    gone = [
        event("Evicted", DISK, f"web-bbbbbb-{uid}", uid, when) for uid, when in (("x", "11:58:00"), ("y", "11:59:00"))
    ]
    return Reading(owner, made, only, *gone)


def test_pods_of_a_deployment_that_somebody_swept_up() -> None:
    (found,) = swept("2026-01-02T11:59:01Z", ready=False).see(lambda case: [*evictions.evicted(case)])
    assert (found.number, "2 so far" in found.clause) == (76, True)


@pytest.mark.parametrize(("newest", "ready"), [("2026-01-02T11:59:01Z", True), ("2026-01-02T11:40:01Z", False)])
def test_what_serves_or_was_made_first_is_not_asked_about(newest: str, ready: bool) -> None:
    reading = swept(newest, ready)
    reading.see(former_pods)
    assert not [line for line in reading.lines if "Evicted" in line]


def test_of_a_storm_few_events_are_read_and_the_pod_of_now_tells_that_it_goes_on() -> None:
    gone = [event("SysctlForbidden", SYSCTL, "pg-0", f"u{at}", f"11:{at:02}:00") for at in range(20, 50)]
    reading = Reading(*made_by(PG, "pg-0", "11:59:50", ready=False), *gone)
    (found,) = reading.see(lambda case: [*rejected.turned_down(case)], PG)
    assert "(SysctlForbidden, at least 5 so far)" in found.clause
    assert found.plan.alternatives[0].operation.line().endswith("scale statefulset/pg --replicas=0")


def test_of_a_statefulset_only_the_events_of_the_pod_of_now_are_its_own() -> None:
    reading = Reading(*made_by(PG, "pg-0", "11:59:50", ready=False))
    reading.see(lambda case: case.events(case.pods[0].ref), PG)
    assert any("involvedObject.uid=uid-Pod-pg-0" in line for line in reading.lines)
