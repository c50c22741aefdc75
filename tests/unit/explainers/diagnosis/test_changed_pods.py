"""Pods that are not as their template says, where what differs explains their trouble, and where it does not."""

from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import deployment, pod, services, thing

Json = dict[str, Any]
TAGGED = {"app": "web", "pod-template-hash": "1"}


def verdict(container: Json, status: Json, logs: Json | None = None) -> Json:
    """The cause for a deployment whose template says `web:1` and `serve`, and whose pod has this container."""
    web = deployment("web", ready=0)
    template = web["spec"]["template"]
    template["spec"]["containers"] = [{"name": "app", "image": "web:1", "command": ["serve"]}]
    revision = thing("ReplicaSet", "web-1", labels=TAGGED, spec={"template": template, "replicas": 1}, status={})
    revision["metadata"] |= {
        "annotations": {"deployment.kubernetes.io/revision": "1"},
        "ownerReferences": [owner("Deployment", "web")],
    }
    one = pod("web-1-a", TAGGED, ready=False)
    one["metadata"]["ownerReferences"] = [owner("ReplicaSet", "web-1")]
    one["spec"]["containers"] = [{"name": "app", "image": "web:1", "command": ["serve"]} | container]
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 2} | status]
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(web, revision, one, logs=logs or {})).data
    assert isinstance(data, dict)
    found = data["cause"]
    assert isinstance(found, dict)
    return found


def owner(kind: str, name: str) -> Json:
    return {"kind": kind, "name": name, "uid": f"uid-{kind}-{name}", "controller": True}


def ended(reason: str, code: int, message: str = "") -> Json:
    last = {"reason": reason, "exitCode": code, "message": message, "finishedAt": "2026-01-02T11:59:50Z"}
    return {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": last}}


NO_FILE = 'exec: "/vault/run": stat /vault/run: no such file or directory'


def test_a_command_that_another_has_put_in_and_that_cannot_be_started() -> None:
    found = verdict({"command": ["/vault/run", "serve"]}, ended("StartError", 128, NO_FILE))
    assert found["class"] == 108
    assert "`/vault/run serve` instead of `serve`" in found["sentence"]


def test_a_command_of_the_template_that_cannot_be_started_is_the_templates_fault() -> None:
    assert verdict({}, ended("StartError", 128, NO_FILE))["class"] == 56


def test_an_image_from_a_mirror_and_variables_that_were_added_do_not_explain_a_crash() -> None:
    changed = {"image": "mirror.example.com/web:1", "env": [{"name": "DD_AGENT_HOST", "value": "10.0.0.1"}]}
    log = {"shop/web-1-a/app/previous": "ValueError: no such plan\n"}
    assert verdict(changed, ended("Error", 1), log)["class"] == 57
