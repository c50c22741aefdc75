"""What was mended since a container's last try: the next one tells, when the kubelet's wait is over."""

from datetime import timedelta

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import NOW, Json, deployment, pod, services, thing

TRIED = 40
REFUSED = "ERROR could not connect to pg:5432: Name or service not known"
READS = "FATAL: no feed in /etc/quotes/feed.conf"


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def verdict(
    line: str, *others: Json, state: str = "back-off 1m0s restarting failed container=app", reads: Json | None = None,
) -> Json:  # fmt: skip
    """What is said of `worker`, which ended with this line; it waits, or runs where it has no `state`."""
    worker, one = deployment("worker", 1, 0 if state else 1), pod("worker-1", {"app": "worker"}, not state)
    container: Json = {"name": "app", "image": "app:1"}
    spec: Json = {"containers": [container]}
    if reads:
        container |= {"volumeMounts": [{"name": "conf", "mountPath": "/etc/quotes"}]}
        spec |= {"volumes": [{"name": "conf", "configMap": {"name": "quotes"}}]}
    worker["spec"]["template"]["spec"] = one["spec"] = spec
    runs = {"running": {"startedAt": ago(TRIED - 5)}}
    ended = {"exitCode": 1, "reason": "Error", "startedAt": ago(TRIED + 90), "finishedAt": ago(TRIED)}
    one["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "worker-1a", "controller": True}]
    one["status"]["containerStatuses"][0] |= {
        "restartCount": 4,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": state}} if state else runs,
        "lastState": {"terminated": ended},
    }
    made_by = thing("ReplicaSet", "worker-1a")
    made_by["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "worker", "controller": True}]
    logs = {"shop/worker-1/app/previous": f"INFO starting\n{line}\n", "shop/worker-1/app": "INFO starting\n"}
    made = services(worker, one, made_by, *others, *([reads] if reads else []), logs=logs)
    data = diagnose(Request("diagnose", "deployment/worker", Actor("test"), namespace="shop"), made).data
    assert isinstance(data, dict)
    return data


def pg(ready: float, port: int = 5432) -> list[Json]:
    """The database, whose one pod has been ready for so many seconds."""
    workload, one = deployment("pg", 1, 1), pod("pg-1", {"app": "pg"})
    one["status"]["conditions"][0]["lastTransitionTime"] = ago(ready)
    spec = {"selector": {"app": "pg"}, "ports": [{"port": port, "targetPort": port}], "clusterIP": "10.1.0.7"}
    service = thing("Service", "pg", spec=spec)
    service["metadata"]["creationTimestamp"] = ago(9000)
    endpoint = {"addresses": ["10.0.0.9"], "conditions": {"ready": True}, "targetRef": {"name": "pg-1"}}
    piece = thing(
        "EndpointSlice",
        "pg-x",
        labels={"kubernetes.io/service-name": "pg"},
        endpoints=[endpoint],
        ports=[{"port": port}],
    )
    piece["metadata"]["annotations"] = {"endpoints.kubernetes.io/last-change-trigger-time": ago(ready)}
    return [workload, one, service, piece]


def settings(written: float) -> Json:
    made = thing("ConfigMap", "quotes", data={"feed.conf": "feed=eu-1"})
    made["metadata"]["managedFields"] = [{"time": ago(written), "fieldsV1": {"f:data": {"f:feed.conf": {}}}}]
    return made


def test_what_came_up_after_the_last_try_is_told_with_the_next_one() -> None:
    said = verdict(REFUSED, *pg(ready=30))
    cause = said["cause"]
    assert cause["confidence"] == "likely"
    assert cause["sentence"].endswith(
        "since then `pg` has got a ready endpoint, and the kubelet tries again within 20 s"
    )
    assert any("delete pod worker-1" in str(one) for one in said["plan"] + said.get("alternatives", []))


def test_one_that_runs_again_is_no_sure_fault() -> None:
    cause = verdict(REFUSED, *pg(ready=38), state="")["cause"]
    assert (cause["confidence"], cause["class"]) == ("likely", 57)
    assert cause["sentence"].endswith("and it runs again, for 35 s")


@pytest.mark.parametrize(
    ("line", "ready", "port"), [(REFUSED, 60, 5432), (REFUSED, 30, 5433), ("FATAL: out of ideas", 30, 5432)]
)
def test_what_was_there_before_or_is_not_meant_or_not_reached_so_is_not(line: str, ready: float, port: int) -> None:
    assert "since then" not in verdict(line, *pg(ready, port))["cause"]["sentence"]


@pytest.mark.parametrize(("written", "new"), [(30, True), (50, False)])
def test_a_config_map_that_was_written_after_the_last_try(written: float, new: bool) -> None:
    cause = verdict(READS, reads=settings(written))["cause"]
    assert ("since then the ConfigMap `quotes` has been changed" in cause["sentence"]) is new
    assert (cause["confidence"] == "likely") is new


def test_a_wait_of_which_nothing_is_said_is_at_most_five_minutes() -> None:
    cause = verdict(REFUSED, *pg(ready=30), state="waits")["cause"]
    assert cause["sentence"].endswith("the kubelet tries again by itself, after a wait that grows up to 5 min")


SPOKEN = "FATAL: pg unreachable, giving up"


@pytest.mark.parametrize(
    "line",
    [
        f"WARN call to http://pg:5432/ready failed (7): \n{SPOKEN}",
        "WARN call to http://pg:5432/ready failed (8): \nFATAL: giving up after 8 attempts",
        SPOKEN,
    ],
)
def test_a_last_word_that_names_no_address(line: str) -> None:
    said = verdict(line, *pg(ready=30), state="")
    assert said["cause"]["sentence"].endswith("since then `pg` has got a ready endpoint, and it runs again, for 35 s")
    assert said["cause"]["confidence"] == "likely"
    assert said["plan"][0]["kubectl"] == "kubectl -n shop logs worker-1 -c app --tail=20"


def test_a_name_alone_is_no_call() -> None:
    assert "since then" not in verdict("FATAL: pg schema is of version 3", *pg(ready=30))["cause"]["sentence"]


@pytest.mark.parametrize(("written", "new"), [(30, True), (50, False)])
def test_a_policy_that_was_written_after_the_last_try(written: float, new: bool) -> None:
    rules = {"podSelector": {"matchLabels": {"app": "pg"}}, "policyTypes": ["Ingress"], "ingress": [{}]}
    policy = thing("NetworkPolicy", "lock", spec=rules)
    policy["metadata"]["managedFields"] = [{"time": ago(written), "fieldsV1": {"f:spec": {}}}]
    said = verdict("ERROR could not connect to pg:5432: timed out", *pg(ready=600), policy)["cause"]["sentence"]
    assert ("since then the NetworkPolicy `lock` has been changed" in said) is new
