"""How a rollout stands, from objects as the API has them at one moment."""

from typing import Any

import pytest

from commands.base.investigate import investigate
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts
from explainers.diagnosis.standing import Standing, old_pods, standing
from explainers.kinds import Ref
from tests.unit.clusters import NOW, Json, pod, services, thing

LABELS = {"app": "web"}


def workload(kind: str, spec: Json | None = None, status: Json | None = None, generation: int = 2) -> Json:
    """A workload of two pods whose rollout is through, but for what is given."""
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "web", "image": "web:2"}]}}
    through: Json = {"observedGeneration": 2, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}
    through |= {"availableReplicas": 2, "updateRevision": "web-new", "currentRevision": "web-new"}
    if kind == "DaemonSet":
        through = {"observedGeneration": 2, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2}
        through |= {"numberAvailable": 2, "numberReady": 2}
    fields: Json = {"replicas": 2, "selector": {"matchLabels": LABELS}, "template": template, **(spec or {})}
    made = thing(kind, "web", spec=fields, status={**through, **(status or {})})
    made["metadata"]["generation"] = generation
    return made


def replica_set(revision: int, digest: str) -> Json:
    made = thing("ReplicaSet", f"web-{digest}", labels={**LABELS, "pod-template-hash": digest})
    made["metadata"] |= {
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": "uid-Deployment-web", "controller": True}],
    }
    return made


def controller_revision(kind: str, revision: int, digest: str) -> Json:
    made = thing("ControllerRevision", f"web-{digest}", labels={**LABELS, "controller-revision-hash": digest})
    made["metadata"]["ownerReferences"] = [{"kind": kind, "name": "web", "uid": f"uid-{kind}-web", "controller": True}]
    return made | {"revision": revision}


SETS = (replica_set(1, "old"), replica_set(2, "new"))
DAEMON_REVISIONS = (controller_revision("DaemonSet", 1, "old"), controller_revision("DaemonSet", 2, "new"))


def owned(name: str, kind: str, digest: str, ready: bool = True, **metadata: Any) -> Json:
    """A pod of one revision of the workload."""
    value = f"web-{digest}" if kind == "StatefulSet" else digest
    label = "pod-template-hash" if kind == "Deployment" else "controller-revision-hash"
    owner = {"kind": "ReplicaSet", "name": f"web-{digest}"} if kind == "Deployment" else {"kind": kind, "name": "web"}
    made = pod(name, {**LABELS, label: value}, ready)
    made["metadata"] |= {"ownerReferences": [{**owner, "controller": True}], **metadata}
    return made


def service(selector: Json | None = None) -> Json:
    return thing("Service", "web", spec={"selector": LABELS if selector is None else selector, "ports": [{"port": 80}]})


def slice_of(*pods: Json, **conditions: bool) -> Json:
    endpoints = [
        {
            "conditions": {"ready": True, **conditions},
            "targetRef": {"kind": "Pod", "name": one["metadata"]["name"], "uid": one["metadata"]["uid"]},
        }
        for one in pods
    ]
    return thing("EndpointSlice", "web-1", labels={"kubernetes.io/service-name": "web"}, endpoints=endpoints)


def seen(*objects: Json) -> Standing:
    kind = next(one["kind"] for one in objects if one["kind"] in ("Deployment", "StatefulSet", "DaemonSet"))
    ports = services(*objects)
    return investigate(
        lambda facts: standing(Case(facts, Ref(kind, "shop", "web"))), Facts(NOW), ports.cluster, ports.ask
    )


A, B = (owned(f"web-{name}", "Deployment", "new") for name in "ab")
OLD = owned("web-o", "Deployment", "old")
GOING = owned("web-g", "Deployment", "old", deletionTimestamp="2026-01-02T11:59:00Z")


def test_through_when_the_new_pods_are_ready_and_nothing_else_runs() -> None:
    found = seen(workload("Deployment"), *SETS, A, B)
    assert (found.done, found.ready, found.wanted, found.old) == (True, 2, 2, 0)
    assert found.said == "2 of 2 pods ready"


def test_pods_on_their_way_out_do_not_hold_it_up() -> None:
    assert seen(workload("Deployment"), *SETS, A, B, GOING).done


def test_an_old_pod_that_stays_does() -> None:
    found = seen(workload("Deployment"), *SETS, A, B, OLD)
    assert not found.done
    assert found.said == "2 of 2 new pods ready, 1 old still there"


def test_not_before_the_controller_has_seen_the_change() -> None:
    assert not seen(workload("Deployment", generation=3), *SETS, A, B).done


def test_an_unready_new_pod_is_waited_for() -> None:
    found = seen(workload("Deployment"), *SETS, A, owned("web-b", "Deployment", "new", ready=False))
    assert (found.done, found.stuck) == (False, "")


def test_a_pod_that_should_have_ended_is_waited_for() -> None:
    found = seen(workload("Deployment", {"replicas": 1}), *SETS, A, B)
    assert (found.done, found.said) == (False, "2 of 1 pod ready, 1 to end")


def test_a_pod_that_only_has_the_labels_is_not_its_own() -> None:
    stray = pod("stray", LABELS)
    assert seen(workload("Deployment"), *SETS, A, B, stray).done


def test_scaled_to_zero_wants_nothing() -> None:
    none = {"replicas": 0, "readyReplicas": 0, "updatedReplicas": 0, "availableReplicas": 0}
    found = seen(workload("Deployment", {"replicas": 0}, none), *SETS, service())
    assert (found.done, found.wanted) == (True, 0)


def test_a_container_that_waits_for_good_is_stuck() -> None:
    waits = owned("web-b", "Deployment", "new", ready=False)
    state = {"waiting": {"reason": "ImagePullBackOff"}}
    waits["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": state}]
    assert "ImagePullBackOff" in seen(workload("Deployment", status={"availableReplicas": 1}), *SETS, A, waits).stuck


def test_a_refused_pod_is_stuck_with_the_reason() -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
    found = seen(workload("Deployment", status={"updatedReplicas": 1, "conditions": [condition]}), *SETS, A)
    assert found.stuck == "exceeded quota"


def test_a_pod_without_a_node_is_said() -> None:
    waits = owned("web-b", "Deployment", "new", ready=False)
    waits["status"]["conditions"].append({"type": "PodScheduled", "status": "False", "reason": "Unschedulable"})
    assert "`web-b` fits on no node yet" in seen(workload("Deployment"), *SETS, A, waits).said


def test_a_workload_that_is_gone_is_not_waited_for() -> None:
    ports = services()
    ref = Ref("Deployment", "shop", "web")
    found = investigate(lambda facts: standing(Case(facts, ref)), Facts(NOW), ports.cluster, ports.ask)
    assert found.stuck == "it is not there any more"


# --- endpoints -----------------------------------------------------------------------------------


def test_the_service_must_send_to_every_new_pod() -> None:
    found = seen(workload("Deployment"), *SETS, A, B, service(), slice_of(A))
    assert (found.done, found.said) == (False, "2 of 2 pods ready; not all new pods are endpoints of `web` yet")
    assert seen(workload("Deployment"), *SETS, A, B, service(), slice_of(A, B)).done


def test_the_service_must_have_let_go_of_old_pods() -> None:
    found = seen(workload("Deployment"), *SETS, A, B, service(), slice_of(A, B, OLD))
    assert (found.done, found.said) == (False, "2 of 2 pods ready; `web` still has endpoints of old pods")


def test_the_pod_before_under_the_same_name_is_another_pod() -> None:
    pods = [owned(f"web-{number}", "StatefulSet", "new") for number in (0, 1)]
    before = owned("web-1", "StatefulSet", "new", uid="uid-before")
    assert seen(workload("StatefulSet"), *pods, service(), slice_of(*pods)).done
    assert not seen(workload("StatefulSet"), *pods, service(), slice_of(pods[0], before)).done


def test_pods_of_another_workload_behind_the_same_service_are_none_of_its_business() -> None:
    wide = {"team": "shop"}
    mine = workload("Deployment")
    mine["spec"]["template"]["metadata"]["labels"] = {**LABELS, **wide}
    pods = [owned(name, "Deployment", "new", labels={**A["metadata"]["labels"], **wide}) for name in ("web-a", "web-b")]
    other = pod("canary-1", {"app": "canary", **wide})
    assert seen(mine, *SETS, *pods, other, service(wide), slice_of(*pods, other)).done


@pytest.mark.parametrize("selector", [{}, {"app": "other"}])
def test_a_service_that_does_not_select_the_pods_is_not_asked(selector: Json) -> None:
    assert seen(workload("Deployment"), *SETS, A, B, service(selector), slice_of()).done


def test_endpoints_that_end_or_name_no_pod_do_not_count() -> None:
    ending = slice_of(OLD, serving=True, terminating=True)
    ending["endpoints"] += slice_of(A, B)["endpoints"] + [{"addresses": ["10.9.9.9"], "conditions": {"ready": True}}]
    assert seen(workload("Deployment"), *SETS, A, B, service(), ending).done


# --- held back on purpose -----------------------------------------------------------------------


def test_a_paused_deployment_with_a_change_rolls_nothing_out() -> None:
    pods = [owned(name, "Deployment", "old") for name in ("web-o", "web-p")]
    found = seen(workload("Deployment", {"paused": True}, {"updatedReplicas": 0}), SETS[0], *pods)
    assert found.done
    assert "paused" in found.held
    assert found.ready == 2


def test_a_paused_deployment_without_a_change_is_simply_through() -> None:
    found = seen(workload("Deployment", {"paused": True}), *SETS, A, B)
    assert (found.done, found.held) == (True, "")


def test_a_paused_deployment_with_unready_pods_is_waited_for() -> None:
    pods = [owned("web-o", "Deployment", "old"), owned("web-p", "Deployment", "old", ready=False)]
    found = seen(workload("Deployment", {"paused": True}, {"updatedReplicas": 0}), SETS[0], *pods)
    assert not found.done


ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_on_delete_never_rolls_by_itself(kind: str) -> None:
    revisions = DAEMON_REVISIONS if kind == "DaemonSet" else ()
    stale = {"updatedReplicas": 0, "updatedNumberScheduled": 0, "currentRevision": "web-old"}
    pods = [owned("web-0", kind, "old"), owned("web-1", kind, "old")]
    found = seen(workload(kind, ON_DELETE, stale), *revisions, *pods)
    assert (found.done, found.ready, found.old) == (True, 2, 2)
    assert "2 pods still run the earlier revision until they are deleted" in found.held


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_on_delete_is_not_held_before_the_controller_has_seen_it(kind: str) -> None:
    pods = [owned("web-0", kind, "old"), owned("web-1", kind, "old")]
    assert not seen(workload(kind, ON_DELETE, generation=3), *DAEMON_REVISIONS, *pods).done


def test_the_pods_to_delete_by_hand_are_named() -> None:
    ports = services(
        workload("StatefulSet", ON_DELETE, {"currentRevision": "web-old"}),
        owned("web-0", "StatefulSet", "old"),
        owned("web-1", "StatefulSet", "new"),
    )
    ref = Ref("StatefulSet", "shop", "web")
    found = investigate(lambda facts: old_pods(Case(facts, ref)), Facts(NOW), ports.cluster, ports.ask)
    assert [one.name for one in found] == ["web-0"]


def test_after_the_last_was_deleted_an_on_delete_set_is_through() -> None:
    pods = [owned("web-0", "StatefulSet", "new"), owned("web-1", "StatefulSet", "new")]
    found = seen(workload("StatefulSet", ON_DELETE, {"currentRevision": "web-old"}), *pods)
    assert (found.done, found.held) == (True, "")


def test_below_the_partition_the_earlier_revision_stays() -> None:
    pods = [owned("web-0", "StatefulSet", "old"), owned("web-1", "StatefulSet", "new")]
    strategy = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}
    status = {"updatedReplicas": 1, "currentRevision": "web-old"}
    found = seen(workload("StatefulSet", strategy, status), *pods)
    assert found.done
    assert "partition is 1" in found.held
    assert not seen(workload("StatefulSet", strategy, status | {"updatedReplicas": 0}), *pods).done


def test_a_daemon_set_counts_the_nodes() -> None:
    pods = [owned("web-x", "DaemonSet", "new"), owned("web-y", "DaemonSet", "new")]
    assert seen(workload("DaemonSet"), *DAEMON_REVISIONS, *pods).done
    found = seen(
        workload("DaemonSet", status={"updatedNumberScheduled": 1}),
        *DAEMON_REVISIONS,
        pods[0],
        owned("web-y", "DaemonSet", "old"),
    )
    assert (found.done, found.old) == (False, 1)


def test_revisions_of_another_set_with_the_same_labels_do_not_count() -> None:
    other = controller_revision("DaemonSet", 9, "other")
    other["metadata"]["ownerReferences"][0]["uid"] = "uid-of-another"
    pods = [owned("web-x", "DaemonSet", "new"), owned("web-y", "DaemonSet", "new")]
    assert seen(workload("DaemonSet"), *DAEMON_REVISIONS, other, *pods).done
