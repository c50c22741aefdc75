"""Pods and runs whose template is corrected already, and steps that would change nothing."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers import kinds
from explainers.operations.patches import Patch
from explainers.operations.reads import Get
from explainers.operations.workloads import Scale, SetImage
from explainers.plan import Plan, Step
from tests.unit.clusters import Json, pod, services, thing
from tests.unit.explainers.diagnosis.test_going_back import ask, made_of, revision, template, workload

ABSENT = 'failed to pull image "app:1": docker.io/library/app:1: not found'
NO_SECRET = 'secret "login" not found'


def verdict(target: str, *objects: Json, **more: Any) -> Json:
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects, **more)).data
    assert isinstance(data, dict)
    return data


def pod_spec(secret: str, image: str = "app:1") -> Json:
    container = {"name": "app", "image": image, "envFrom": [{"secretRef": {"name": secret}}]}
    return {"containers": [container], "restartPolicy": "Never"}


def stuck(of: str, spec: Json, reason: str, message: str) -> Json:
    """The pod of a Job that never began."""
    one = pod(f"{of}-x", {"run": of}, ready=False)
    one["metadata"] |= {
        "ownerReferences": [{"kind": "Job", "name": of, "controller": True}],
        "creationTimestamp": "2026-01-02T11:50:00Z",
    }
    one["spec"] |= spec
    one["status"] |= {"phase": "Pending"}
    one["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": reason, "message": message}}
    return one


def nightly(now: Json, then: Json, policy: str, waiting: tuple[str, str]) -> list[Json]:
    """A CronJob whose template is `now`, and its run, made of another one, that waits."""
    made = {"spec": {"template": {"spec": now}}}
    cron = thing("CronJob", "nightly", spec={"schedule": "0 3 * * *", "jobTemplate": made, "concurrencyPolicy": policy})
    cron["status"] = {"lastScheduleTime": "2026-01-02T11:50:00Z"}
    spec = {"selector": {"matchLabels": {"run": "nightly-1"}}, "template": {"spec": then}}
    run = thing("Job", "nightly-1", spec=spec, status={"active": 1, "startTime": "2026-01-02T11:50:00Z"})
    run["metadata"] |= {
        "creationTimestamp": "2026-01-02T11:50:00Z",
        "ownerReferences": [{"kind": "CronJob", "name": "nightly", "uid": "uid-CronJob-nightly", "controller": True}],
    }
    return [cron, run, stuck("nightly-1", then, *waiting)]


def lines(said: Json) -> list[str]:
    return [step["kubectl"].removeprefix("kubectl -n shop ") for step in said["plan"]]


CONFIG, PULL = ("CreateContainerConfigError", NO_SECRET), ("ErrImagePull", ABSENT)


@pytest.mark.parametrize(("policy", "ends"), [("Forbid", True), ("Allow", False)])
def test_a_run_that_never_began_is_ended_where_it_keeps_others_from_starting(policy: str, ends: bool) -> None:
    spec = pod_spec("login")
    said = verdict("nightly", *nightly(spec, spec, policy, CONFIG), thing("Secret", "logins"))
    first, *rest = lines(said)
    assert first.startswith("patch cronjob/nightly")
    assert rest == (["delete job nightly-1"] if ends else [])


def test_of_a_corrected_template_only_the_run_before_is_left() -> None:
    objects = nightly(pod_spec("logins"), pod_spec("login"), "Forbid", CONFIG)
    said = verdict("nightly", *objects, thing("Secret", "logins"))
    assert "the template asks no longer for that, but its run `nightly-1`" in said["headline"]
    assert lines(said) == ["delete job nightly-1"]


def test_an_image_is_not_set_again() -> None:
    said = verdict("nightly", *nightly(pod_spec("x", "app:2"), pod_spec("x"), "Forbid", PULL), thing("Secret", "x"))
    assert "the template names another image by now" in said["headline"]
    assert lines(said) == ["delete job nightly-1"]


def reads(key: str) -> list[Json]:
    return [{"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": key}}}]


REFUSED = {
    "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "lastTransitionTime": "2026-01-02T11:59:00Z",
    "message": 'pods "web-b-1" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1',
}  # fmt: skip


def few() -> list[Json]:
    """A quota that one pod has used up."""
    return [thing("ResourceQuota", "few", spec={"hard": {"pods": "1"}}, status={
        "hard": {"pods": "1"}, "used": {"pods": "1"},
    })]  # fmt: skip


def settings() -> Json:
    return thing("ConfigMap", "settings", data={"level": "info"})


def waiting(of: Json) -> Json:
    """A pod of the revision `a` that lacks a key of its settings."""
    state = {"waiting": {"reason": CONFIG[0], "message": "couldn't find key LEVEL in ConfigMap shop/settings"}}
    one = made_of("a", "11:50:00", of, ready=False)
    one["status"] |= {"phase": "Pending"}
    one["status"]["containerStatuses"] = [{"name": "web", "ready": False, "restartCount": 0, "state": state}]
    return one


def test_what_keeps_pods_of_the_corrected_template_away_comes_first() -> None:
    """The key is corrected in revision 2, of which the quota admits no pod."""
    old, new = template(reads("LEVEL"), tag="a"), template(reads("level"), tag="b")
    web = workload(2, template(reads("level")), 0)
    web["status"] |= {"updatedReplicas": 0, "conditions": [REFUSED]}
    sets = [revision(1, "a", "11:00:00", 0, old), revision(2, "b", "11:58:00", 0, new)]
    said = ask(web, waiting(old), *few(), settings(), *sets)
    assert (said["cause"]["class"], said["cause"]["object"]) == (100, "resourcequota/few")
    (beside,) = [each for each in said["consequences"] if each["class"] == 51]
    assert "the template asks no longer for that" in beside["sentence"]
    assert not any('{"spec":{}}' in step["kubectl"] for step in (*said["plan"], *said["alternatives"]))


NOTHING: Any = {"spec": {"template": {"spec": {}}}}
DONE = [
    Patch(kinds.DEPLOYMENT, "shop", "web", NOTHING, back=NOTHING),
    Patch(kinds.SERVICE, "shop", "web", {"spec": {"a": 1}}, "merge", {"spec": {"a": 1}}),
    SetImage(kinds.DEPLOYMENT, "shop", "web", "app", "app:1", "app:1"),
    Scale(kinds.DEPLOYMENT, "shop", "web", 2, 2),
]


@pytest.mark.parametrize("change", DONE)
def test_a_step_that_changes_nothing_is_none(change: Any) -> None:
    look = Step(Get(kinds.DEPLOYMENT, "shop", "web"), "see it")
    scale = Step(Scale(kinds.DEPLOYMENT, "shop", "web", 3, 2), "more")
    assert Plan((Step(change, "again"), look), (scale,)).effective == Plan((look,), (scale,))
    assert Plan((Step(change, "again"),), (scale,)).effective == Plan((scale,))


def test_a_full_quota_is_raised_before_the_template_is_changed() -> None:
    old = template(reads("LEVEL"), tag="a")
    web = workload(1, template(reads("LEVEL")), 0)
    web["spec"]["replicas"] = 2
    web["status"] |= {"replicas": 1, "updatedReplicas": 1, "conditions": [REFUSED]}
    said = ask(web, waiting(old), *few(), settings(), revision(1, "a", "11:00:00", 0, old))
    assert said["cause"]["class"] == 51
    first, second = lines(said)
    assert (first.split(" --")[0], second.split(" -p")[0]) == ("patch resourcequota/few", "patch deployment/web")
    assert "resourcequota" not in said["plan"][1]["expect"]
    assert "`resourcequota/few`" in said["alternatives"][0]["expect"]


@pytest.mark.parametrize(("image", "back"), [("app:1", False), ("app:0", True)])
def test_nobody_goes_back_to_the_image_that_cannot_be_had(image: str, back: bool) -> None:
    """Revision 1 never had a pod, for the quota wanted limits."""
    old, new = template(tag="a"), template(limit="64Mi", tag="b")
    old["spec"]["containers"][0]["image"] = image
    one = made_of("b", "11:58:00", new, ready=False)
    one["status"] |= {"phase": "Pending"}
    state = {"waiting": {"reason": PULL[0], "message": ABSENT}}
    one["status"]["containerStatuses"] = [{"name": "web", "ready": False, "restartCount": 0, "state": state}]
    sets = [revision(1, "a", "11:00:00", 0, old), revision(2, "b", "11:58:00", 0, new)]
    said = ask(workload(2, template(limit="64Mi"), 0), one, *sets)
    assert said["cause"]["class"] == 41
    assert ("to-revision=1" in str(said["plan"]) + str(said["alternatives"])) is back


def test_a_projected_file_is_taken_from_the_near_key() -> None:
    source = {"configMap": {"name": "tls-ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    volumes = [{"name": "certs", "projected": {"sources": [source]}}]
    of = template(tag="a")
    of["spec"]["volumes"] = volumes
    web = workload(1, of, 0)
    one = waiting(of)
    one["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    said = ask(web, one, thing("ConfigMap", "tls-ca", data={"ca.pem": "x"}), revision(1, "a", "11:00:00", 0, of))
    (first,) = lines(said)
    assert '{"key":"ca.pem","path":"ca.crt"}' in first
    assert "CHANGE-ME" in said["alternatives"][0]["kubectl"]
