"""What was corrected a moment ago: a rollout that replaces pods which do not work, and things that are there now."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import replica_set, service, web, web_pod

TARGETS = ["deployment/web", "service/web"]
CRASHED = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-02T11:59:00Z"}


def verdict(target: str, *objects: Json) -> Json:
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


def unready(name: str, release: int, born: str) -> Json:
    """A pod that runs, and is refused where its readiness probe asks."""
    one = web_pod(release, name, born=f"2026-01-02T{born}Z")
    one["spec"]["containers"][0]["readinessProbe"] = {"httpGet": {"path": "/", "port": 8081}}
    one["spec"]["containers"][0]["ports"] = [{"containerPort": 80}]
    one["status"]["conditions"][0]["status"] = "False"
    one["status"]["containerStatuses"][0]["ready"] = False
    return one


def being_made(name: str, release: int, born: str, state: Json | None) -> Json:
    """A pod with a node; `state` of its container, None before there is one."""
    one = web_pod(release, name, born=f"2026-01-02T{born}Z")
    given = {"type": "PodScheduled", "status": "True", "lastTransitionTime": f"2026-01-02T{born}Z"}
    one["spec"]["containers"][0]["image"] = f"app:{release}"
    one["status"] = {"phase": "Pending", "conditions": [given]}
    if state:
        one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": state}]
    return one


def refused(name: str) -> Json:
    about = {"kind": "Pod", "name": name, "namespace": "shop", "fieldPath": "spec.containers{app}"}
    said = 'Readiness probe failed: Get "http://10.0.0.9:8081/": dial tcp 10.0.0.9:8081: connect: connection refused'
    return thing(
        "Event", f"{name}.x", reason="Unhealthy", message=said, involvedObject=about, count=25,
        lastTimestamp="2026-01-02T11:59:00Z",
    )  # fmt: skip


def fronted(*pods: Json) -> list[Json]:
    """The Service with an endpoint for each pod that has an address."""
    front, slices = service(*(one["metadata"]["name"] for one in pods if one["status"].get("podIP")))
    for end, one in zip(slices["endpoints"], (one for one in pods if one["status"].get("podIP")), strict=True):
        end["conditions"]["ready"] = one["status"]["conditions"][0]["status"] == "True"
    return [front, slices]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("counted", [1, 2])
def test_a_pod_of_the_revision_before_goes_once_enough_new_ones_serve(target: str, counted: int) -> None:
    """The Deployment counts its ready pods a moment later."""
    made = web(2, 3, 2, counted)
    made["spec"]["replicas"] = 2
    pods = [unready("old11", 1, "11:50:00"), *(web_pod(2, one, born="2026-01-02T11:58:00Z") for one in ("n1", "n2"))]
    sets = [replica_set(1, 1), replica_set(2, 2, 2)]
    said = verdict(target, made, *sets, *pods, *fronted(*pods), refused(pods[0]["metadata"]["name"]))
    assert said["verdict"] == "healthy"
    assert "a rollout is under way: 2 of 2 pods run the newest template, and 2 pods are ready" in said["headline"]
    assert "`web-bbbbbb-old11` is of the template before" in said["headline"]
    assert "degraded" not in said["headline"]


def test_what_is_corrected_already_is_nothing_to_correct() -> None:
    """Asked about the very pod that is left."""
    made, old = web(2, 3, 2, 2), unready("old11", 1, "11:50:00")
    right = {"name": "app", "image": "app:2", "ports": [{"containerPort": 80}]}
    made["spec"]["template"]["spec"]["containers"] = [
        {**right, "readinessProbe": {"httpGet": {"path": "/", "port": 80}}}
    ]
    front = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 80}]})
    said = verdict("pod/web-bbbbbb-old11", made, replica_set(1, 1), replica_set(2, 2, 2), old, front,
                   refused("web-bbbbbb-old11"))  # fmt: skip
    assert said["cause"]["class"] == 64
    assert [step["kubectl"] for step in said["plan"]] == ["kubectl -n shop rollout status deployment/web"]


CREATING: Json = {"waiting": {"reason": "ContainerCreating"}}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("born", "state", "starts"), [
    ("11:59:54", None, True), ("11:59:54", CREATING, True), ("11:58:50", CREATING, True), ("11:57:00", CREATING, False),
])  # fmt: skip
def test_new_pods_that_are_made_replace_those_that_do_not_work(
    target: str, born: str, state: Json | None, starts: bool
) -> None:
    made = web(2, 3, 1, 0)
    made["spec"]["replicas"] = 2
    old = [web_pod(1, name, ready=False) for name in ("old11", "old22")]
    for one in old:
        one["status"]["containerStatuses"][0] |= {
            "restartCount": 5,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": CRASHED},
        }  # fmt: skip
    pods = [*old, being_made("new11", 2, born, state)]
    said = verdict(target, made, replica_set(1, 2), replica_set(2, 1), *pods, *fronted(*pods))
    assert ("a rollout is under way" in said["headline"]) is starts
    assert (said["verdict"] == "healthy") is starts
    shown = [one["text"] for one in said["evidence"] if one["source"].startswith("pod web-bbbbbb-old")]
    assert not starts or shown == ["of the template before; app waits: CrashLoopBackOff"] * 2


def test_what_makes_the_newest_revision_fail_is_told() -> None:
    """The younger pod, which serves, is of the revision before: it was made again."""
    made = web(2, 2, 1, 1)
    pods = [web_pod(2, "new11", ready=False), web_pod(1, "old22", born="2026-01-02T11:55:00Z")]
    said = verdict("deployment/web", made, replica_set(1, 1, 1), replica_set(2, 1), *pods, *fronted(*pods))
    assert "a rollout is under way" not in said["headline"]
    assert said["verdict"] != "healthy"


MISSING = 'configmap "late" not found'


def waits_for(thing_: Json, message: str = MISSING, key: str = "mode") -> Json:
    made, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    env = [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "late", "key": key}}}]
    made["spec"]["template"]["spec"]["containers"][0]["env"] = one["spec"]["containers"][0]["env"] = env
    one["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    one["status"]["phase"] = "Pending"
    one["status"]["containerStatuses"][0]["state"] = {
        "waiting": {"reason": "CreateContainerConfigError", "message": message}
    }
    return verdict("web", made, one, thing_)


def written(made: str, changed: str = "") -> Json:
    found = thing("ConfigMap", "late", data={"mode": "fast"})
    found["metadata"]["creationTimestamp"] = f"2026-01-02T{made}Z"
    fields: Json = {"f:data": {".": {}, "f:mode": {}}}
    found["metadata"]["managedFields"] = [{"time": f"2026-01-02T{changed or made}Z", "fieldsV1": fields}]
    return found


def test_what_was_missing_and_is_there_now_is_waited_for() -> None:
    said = waits_for(written("11:59:51"))
    assert said["headline"] == (
        "`web` has no fault: its pods could not start without the ConfigMap `late`, which has been there for 9 s; the "
        "kubelet tries again by itself."
    )
    said = waits_for(written("11:40:00", "11:59:51"), "couldn't find key mode in ConfigMap shop/late")
    assert "without the key `mode` of the ConfigMap `late`, which has been there for 9 s" in said["headline"]


def test_what_has_been_there_for_longer_is_not_why() -> None:
    assert waits_for(written("11:58:00"))["verdict"] == "unknown"


def test_a_key_that_it_still_lacks_is_the_fault() -> None:
    said = waits_for(written("11:59:51"), "couldn't find key level in ConfigMap shop/late", "level")
    assert said["cause"]["class"] == 51


@pytest.mark.parametrize(("ready", "verdict_"), [(True, "healthy"), (False, "fault")])
def test_a_service_is_well_while_its_deployment_is_paused(ready: bool, verdict_: str) -> None:
    made = web(2, 1, 0, int(ready))
    made["spec"] |= {"paused": True, "replicas": 1}
    one = web_pod(1, "old11", ready)
    said = verdict("service/web", made, replica_set(1, 1, int(ready)), one, *fronted(one))
    assert said["verdict"] == verdict_
    if ready:
        assert said["headline"].startswith("`web` is healthy: 1 of 1 endpoints ready")
        (also,) = said["consequences"]
        assert (also["class"], also["object"]) == (111, "deployment/web")
        assert also["sentence"].startswith("it is paused: ")
    assert verdict("deployment/web", made, replica_set(1, 1, int(ready)), one)["cause"]["class"] == 111
