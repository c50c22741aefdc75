"""A wrong address is corrected where it is written: in a setting of a mounted file, in a Job's template, or in a
variable that a change has added, whatever that is called."""

import re
from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import NOW, Json, deployment, pod, services, thing

CACHE = [
    thing("Service", "cache", spec={"selector": {"app": "cache"}, "ports": [{"port": 6379}], "clusterIP": "10.1.0.9"}),
    thing(
        "EndpointSlice", "cache-x", labels={"kubernetes.io/service-name": "cache"}, ports=[{"port": 6379}],
        endpoints=[{"addresses": ["10.0.0.7"], "conditions": {"ready": True}, "targetRef": {"name": "cache-1"}}],
    ),
    pod("cache-1", {"app": "cache"}),
    deployment("cache", 1, 1),
]  # fmt: skip
REFUSED = "ERROR cannot reach redis at cache:6380: [Errno 111] Connection refused\n"


def verdict(target: str, *objects: Json, log: str = REFUSED) -> Json:
    request = Request("diagnose", target, Actor("test"), namespace="shop")
    data = diagnose(request, services(*objects, *CACHE, logs={"shop/api-1/app": log})).data
    assert isinstance(data, dict)
    return data


def api(container: Json, **spec: Any) -> list[Json]:
    """A deployment whose one pod is not ready."""
    workload, one = deployment("api", 1, 0), pod("api-1", {"app": "api"}, False)
    workload["spec"]["template"]["spec"] = one["spec"] = {
        "containers": [{"name": "app", "image": "app:1", **container}], **spec,
    }  # fmt: skip
    return [workload, one]


def commands(said: Json) -> list[str]:
    return [str(one["kubectl"]) for one in [*said["plan"], *said["alternatives"]]]


@pytest.mark.parametrize(
    ("file", "right"),
    [
        ("REDIS_HOST=cache\nREDIS_PORT=6380\n", "REDIS_HOST=cache\nREDIS_PORT=6379\n"),
        ("PORT=6380\nexport REDIS_HOST='cache'\nexport REDIS_PORT='6380'\n",
         "PORT=6380\nexport REDIS_HOST='cache'\nexport REDIS_PORT='6379'\n"),
        ("redis:\n  host: cache\n  port: 6380\n", "redis:\n  host: cache\n  port: 6379\n"),
        ("REDIS_HOST=cache\nPORT=6380\n", ""),
        ("redis:\n  host: cache\n  port: 6380\nhttp:\n  port: 6380\n", ""),
    ],
)  # fmt: skip
def test_a_port_of_a_mounted_file_is_corrected_in_its_own_setting(file: str, right: str) -> None:
    objects = api({}, volumes=[{"name": "conf", "configMap": {"name": "settings"}}])
    said = verdict("deployment/api", *objects, thing("ConfigMap", "settings", data={"app.env": file}))
    assert said["cause"]["class"] == 11
    plain = re.compile(r"[^\w=: .-]")  # of a command without its quotes, where a new line is written as n
    first = plain.sub("", commands(said)[0])
    assert ("patch configmapsettings" in first) is bool(right)
    assert plain.sub("", right.replace("\n", "n")) in first


@pytest.mark.parametrize(
    ("container", "right"),
    [
        ({"env": [{"name": "DB_URL", "value": "redis://cache:6380/0"}]}, '"value": "redis://cache:6379/0"'),
        ({"args": ["--redis=cache:6380", "--once"]}, '"--redis=cache:6379"'),
    ],
)
def test_a_job_is_made_again_with_the_right_value(container: Json, right: str) -> None:
    spec = {"containers": [{"name": "app", "image": "app:1", **container}], "restartPolicy": "Never"}
    labels = {"batch.kubernetes.io/job-name": "api"}
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}
    template = {"metadata": {"labels": labels}, "spec": spec}
    status = {"failed": 1, "conditions": [failed]}
    job = thing("Job", "api", spec={"selector": {"matchLabels": labels}, "template": template}, status=status)
    one = pod("api-1", labels, False)
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "api", "uid": "u", "controller": True}]
    ended = {"exitCode": 3, "startedAt": NOW.isoformat(), "finishedAt": NOW.isoformat()}
    one["spec"] = spec
    one["status"] |= {
        "phase": "Failed",
        "containerStatuses": [{"name": "app", "ready": False, "restartCount": 0, "state": {"terminated": ended}}],
    }
    said = verdict("job/api", job, one)
    assert said["cause"]["class"] == 11
    gone, made = commands(said)[:2]
    assert gone == "kubectl -n shop delete job api"
    assert right in made
    assert "6380" not in made


def test_a_variable_that_is_the_name_which_was_not_found_is_where_it_is_written() -> None:
    unknown = "ERROR cannot reach redis at cache-v2:6379: [Errno -2] Name or service not known\n"
    said = verdict("deployment/api", *api({"env": [{"name": "REDIS_OVERRIDE", "value": "cache-v2"}]}), log=unknown)
    assert "`REDIS_OVERRIDE` points to `cache-v2`" in said["cause"]["sentence"]
    assert commands(said)[0].endswith("REDIS_OVERRIDE=cache")
    user = verdict("deployment/api", *api({"env": [{"name": "DB_USER", "value": "cache-v2"}]}), log=unknown)
    assert "it calls `cache-v2`" in user["cause"]["sentence"]


@pytest.mark.parametrize(
    ("also", "first"), [({}, False), ({"workingDir": "/srv"}, True), ({"args": ["--fast"]}, False)]
)
def test_a_variable_that_a_change_has_added_is_taken_away_again(also: Json, first: bool) -> None:
    """Before the way back only where that takes back more, but not another program, which may need the variable."""
    unknown = "ERROR cannot reach redis at cache-v2:6379: [Errno -2] Name or service not known\n"
    env = [{"name": "REDIS_OVERRIDE", "value": "cache-v2"}]
    objects = api({"env": env, **also})
    templates = ({"containers": [{"name": "app", "image": "app:1"}]}, objects[0]["spec"]["template"]["spec"])
    for number, spec in enumerate(templates, 1):
        labels = {"app": "api", "pod-template-hash": f"h{number}"}
        made = thing("ReplicaSet", f"api-h{number}", labels=labels, spec={
            "replicas": number - 1, "template": {"metadata": {"labels": labels}, "spec": spec},
        })  # fmt: skip
        made["metadata"] |= {
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "creationTimestamp": f"2026-01-02T11:5{number}:00Z",
            "ownerReferences": [{"kind": "Deployment", "name": "api", "uid": "uid-Deployment-api", "controller": True}],
        }
        objects.append(made)
    objects[0]["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "2"}
    objects[1]["metadata"]["labels"] = {"app": "api", "pod-template-hash": "h2"}
    objects[1]["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "api-h2", "controller": True}]
    shown = commands(verdict("deployment/api", *objects, log=unknown))
    taken = next(at for at, one in enumerate(shown) if one.endswith("REDIS_OVERRIDE-"))
    back = next(at for at, one in enumerate(shown) if "rollout undo" in one)
    assert (taken < back) is first
