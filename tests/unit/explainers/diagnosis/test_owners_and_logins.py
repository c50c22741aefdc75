"""Owners of files, volumes over commands, last words, and what a Secret of another type or none at all does."""

import json
from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

ENDED = {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-02T11:59:00Z", "finishedAt": "2026-01-02T11:59:01Z"}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
NO_IMAGE = "failed to pull and unpack image: {}: not found"
UNAUTHORIZED = 'failed to resolve reference "r.example/web:1": unexpected status from HEAD request: 401 Unauthorized'
NO_COMMAND = 'exec: "python3": executable file not found in $PATH: unknown'
DENIED = "PermissionError: [Errno 13] Permission denied: '/data/lock'"
NO_OWNER = "chown: changing ownership of '/data': Operation not permitted"
DATA = {"name": "d", "mountPath": "/data"}
CLAIMED = {"name": "d", "persistentVolumeClaim": {"claimName": "d"}}
ON_NODE = {"name": "d", "hostPath": {"path": "/data/spool"}}


def verdict(*objects: Json, log: str = "", of: str = "app") -> Json:
    """What `diagnose web` says of these objects and this log of its last run."""
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    logs = {f"shop/web-1/{of}/previous": log, f"shop/web-1/{of}": log}
    data = diagnose(request, services(*objects, logs=logs)).data
    assert isinstance(data, dict)
    return data


def made(container: Json, state: Json, last: Json | None = None, init: bool = False, **spec: Any) -> list[Json]:
    """A Deployment `web` and its pod, one container of which is in this state."""
    owner, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    main = {"name": "app", "image": "app:1"}
    filled = {"containers": [main if init else {**main, **container}], **spec}
    filled |= {"initContainers": [{"image": "busybox:1", **container}]} if init else {}
    owner["spec"]["template"]["spec"] = filled
    one["spec"] |= filled
    one["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "controller": True}]
    status = {"name": container.get("name", "app"), "ready": False, "restartCount": 4 if last else 0, "state": state}
    status |= {"lastState": {"terminated": last}} if last else {}
    one["status"]["initContainerStatuses" if init else "containerStatuses"] = [status]
    if init:
        one["status"]["containerStatuses"] = [
            {"name": "app", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}}
        ]
    if not last:
        one["status"]["phase"] = "Pending"
    return [owner, one]


def crashed(container: Json, log: str, last: Json | None = None, **spec: Any) -> Json:
    return verdict(*made(container, BACK_OFF, {**ENDED, **(last or {})}, **spec), log=log)


def patches(said: Json) -> list[Json]:
    """The pod specs of the patches in a plan."""
    lines = [row["kubectl"] for row in said["plan"] if row["changes"]]
    bodies = [json.loads(line.partition(" -p ")[2].strip("'")) for line in lines]
    return [body["spec"]["template"]["spec"] for body in bodies]


def unpulled(image: str, *others: Json) -> Json:
    message = NO_IMAGE.format(image)
    return verdict(*made({"image": image}, {"waiting": {"reason": "ImagePullBackOff", "message": message}}), *others)


def other(image: str, ready: int, well: bool = False, wanted: int = 1) -> list[Json]:
    """Another Deployment, its pod with that image, and whether its container was ever started."""
    owner, one = deployment("other", wanted, ready), pod("other-1", {"app": "other"}, ready=bool(ready))
    owner["spec"]["template"]["spec"]["containers"][0]["image"] = image
    one["spec"]["containers"][0]["image"] = image
    if not ready and not well:
        state = {"waiting": {"reason": "ImagePullBackOff"}}
        one["status"]["containerStatuses"][0]["state"] = state
    return [owner, one] if wanted else [owner]


@pytest.mark.parametrize(
    ("image", "others", "near"),
    [
        ("shop/web:1.9", other("shop/web:1.8", ready=1), "shop/web:1.8"),
        ("shop/web:1.9", other("shop/web:1.8", ready=0, wanted=0), "shop/web:1.8"),
        ("shop/web:1.9", other("shop/web:1.8", ready=0, well=True), "shop/web:1.8"),
        ("shop/web:1.9", other("shop/web:1.8", ready=0), ""),
        ("shop/web:1.9", other(f"shop/web@sha256:{'ab' * 32}", ready=1), ""),
        (f"shop/web@sha256:{'ab' * 32}", other("shop/web:1.8", ready=1), ""),
    ],
    ids=["runs", "scaled to none", "crashes", "is not pulled either", "a digest for a tag", "a tag for a digest"],
)
def test_the_nearest_image_is_one_that_runs(image: str, others: list[Json], near: str) -> None:
    said = unpulled(image, *others)
    assert said["cause"]["class"] == 41
    assert ("nearest" in said["headline"], f"nearest: `{near}`" in said["headline"]) == (bool(near), bool(near))


@pytest.mark.parametrize(("kind", "wrong"), [("Opaque", True), ("kubernetes.io/dockerconfigjson", False)])
def test_no_login_is_taken_from_a_secret_of_another_type(kind: str, wrong: bool) -> None:
    state = {"waiting": {"reason": "ErrImagePull", "message": UNAUTHORIZED}}
    objects = made({"image": "r.example/web:1"}, state, imagePullSecrets=[{"name": "login"}])
    said = verdict(*objects, thing("Secret", "login", type=kind))
    assert (said["cause"]["class"], said["cause"]["object"]) == (42, "secret/login")
    assert ("not of the type `kubernetes.io/dockerconfigjson`" in said["headline"]) is wrong
    lines = [row["kubectl"] for row in said["plan"]]
    assert any("--type=kubernetes.io/dockerconfigjson" in line for line in lines) is wrong
    assert any('"imagePullSecrets":[{"name":"login-new"}]' in line for line in lines) is wrong


@pytest.mark.parametrize(
    ("path", "hides"),
    [("/usr/bin", True), ("/usr", True), ("/sbin/", True), ("/usr/bin/tool", False), ("/data", False)],
)
def test_a_volume_over_a_folder_of_commands_hides_them(path: str, hides: bool) -> None:
    state = {"waiting": {"reason": "RunContainerError", "message": NO_COMMAND}}
    mount = {"name": "v", "mountPath": path}
    container = {"command": ["python3"], "volumeMounts": [mount]}
    last = {**ENDED, "exitCode": 128, "reason": "StartError", "message": NO_COMMAND}
    said = verdict(*made(container, state, last, volumes=[{"name": "v", "emptyDir": {}}]))
    assert said["cause"]["class"] == 56
    assert (f"the volume `v` is mounted over `{path}`" in said["headline"]) is hides
    assert ("which its image does not have" in said["headline"]) is not hides
    if hides:
        (spec,) = patches(said)
        moved = [{"mountPath": path, "$patch": "delete"}, {**mount, "mountPath": "/mnt/v"}]
        assert spec["containers"] == [{"name": "app", "volumeMounts": moved}]


def test_the_files_of_a_config_map_are_put_beside_the_commands() -> None:
    state = {"waiting": {"reason": "RunContainerError", "message": NO_COMMAND}}
    mount = {"name": "v", "mountPath": "/usr/local/bin"}
    volume = {"name": "v", "configMap": {"name": "tools"}}
    last = {**ENDED, "reason": "StartError", "message": NO_COMMAND}
    objects = made({"command": ["python3"], "volumeMounts": [mount]}, state, last, volumes=[volume])
    (spec,) = patches(verdict(*objects, thing("ConfigMap", "tools", data={"wait.sh": ""})))
    beside = {**mount, "mountPath": "/usr/local/bin/wait.sh", "subPath": "wait.sh"}
    assert spec["containers"][0]["volumeMounts"][1] == beside


@pytest.mark.parametrize(
    ("context", "fields", "confidence"),
    [
        ({"runAsUser": 1000}, {"runAsUser": 0}, "sure"),
        ({"runAsUser": 1000, "runAsNonRoot": True}, {"runAsUser": 0, "runAsNonRoot": False}, "sure"),
        (
            {"runAsUser": 0, "capabilities": {"drop": ["ALL"]}},
            {"runAsUser": 0, "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}},
            "sure",
        ),
        ({}, {"runAsUser": 0}, "likely"),
    ],
)
def test_to_change_an_owner_takes_root(context: Json, fields: Json, confidence: str) -> None:
    container = {"name": "prepare", "securityContext": context, "volumeMounts": [DATA]}
    objects = made(container, BACK_OFF, ENDED, init=True, volumes=[{"name": "d", "emptyDir": {}}])
    said = verdict(*objects, log=NO_OWNER, of="prepare")
    assert "may not change the owner of `/data`" in said["headline"]
    assert said["cause"]["confidence"] == confidence
    assert patches(said) == [{"initContainers": [{"name": "prepare", "securityContext": fields}]}]


def test_no_program_that_runs_for_good_is_made_root() -> None:
    said = crashed({"securityContext": {"runAsUser": 1000}, "volumeMounts": [DATA]}, NO_OWNER, volumes=[CLAIMED])
    assert "may not change the owner" in said["headline"]
    assert patches(said) == []


@pytest.mark.parametrize(
    ("mount", "volume", "verb"),
    [
        (DATA, {"name": "d", "secret": {"secretName": "x", "defaultMode": 0o400}}, "read"),
        ({**DATA, "readOnly": True}, CLAIMED, "read"),
        (DATA, CLAIMED, "write"),
    ],
)
def test_a_denied_look_at_what_is_there_to_be_read(mount: Json, volume: Json, verb: str) -> None:
    container = {"securityContext": {"runAsUser": 1000}, "volumeMounts": [mount]}
    said = crashed(container, DENIED, volumes=[volume])
    assert f"may not {verb} `/data/lock`" in said["headline"]
    assert ("gives its files to root with mode 0400" in said["headline"]) is ("secret" in volume)
    assert patches(said)[0]["securityContext"] == {"fsGroup": 1000}


def behind(source: Json, made_for_it: bool = True) -> list[Json]:
    """A claim and the volume that it is bound to."""
    claim = thing("PersistentVolumeClaim", "d", spec={"volumeName": "pv-1"}, status={"phase": "Bound"})
    volume = thing("PersistentVolume", "pv-1", namespace="", spec=source)
    if made_for_it:
        volume["metadata"]["annotations"] = {"pv.kubernetes.io/provisioned-by": "rancher.io/local-path"}
    return [claim, volume]


LOCAL_PATH = {"hostPath": {"path": "/var/lib/local-path/pvc-1", "type": "DirectoryOrCreate"}}


@pytest.mark.parametrize(
    ("source", "made_for_it", "step"),
    [
        (LOCAL_PATH, True, "own-d"),
        (LOCAL_PATH, False, ""),
        ({"nfs": {"server": "files", "path": "/"}}, True, ""),
        ({"csi": {"driver": "disk.csi.example.com"}}, True, "fsGroup"),
    ],
)
def test_what_is_behind_a_claim_tells_whether_a_group_helps(source: Json, made_for_it: bool, step: str) -> None:
    container = {"securityContext": {"runAsUser": 1000}, "volumeMounts": [DATA]}
    crash = made(container, BACK_OFF, ENDED, volumes=[CLAIMED])
    said = verdict(*crash, *behind(source, made_for_it), log=DENIED)
    assert [row["changes"] for row in said["plan"][:1]] == [bool(step)]
    assert step in said["plan"][0]["kubectl"]


@pytest.mark.parametrize(
    ("volume", "context"), [(ON_NODE, {}), (CLAIMED, {"fsGroup": 1000})], ids=["on the node", "has its group"]
)
def test_where_a_group_has_no_effect_the_volume_gets_an_owner(volume: Json, context: Json) -> None:
    container = {"securityContext": {"runAsUser": 1000}, "volumeMounts": [DATA]}
    before = [{"name": "first", "image": "busybox:1"}]
    said = crashed(container, DENIED, volumes=[volume], securityContext=context, initContainers=before)
    (spec,) = patches(said)
    assert spec["$setElementOrder/initContainers"] == [{"name": "first"}, {"name": "own-d"}]
    (own,) = spec["initContainers"]
    assert (own["image"], own["command"]) == ("app:1", ["chown", "-R", "1000", "/data"])
    assert own["securityContext"]["runAsUser"] == 0


@pytest.mark.parametrize(
    "volume",
    [
        {"name": "d", "hostPath": {"path": "/var/log"}},
        {"name": "d", "hostPath": {"path": "/tmp"}},
        {"name": "d", "hostPath": {"path": "/data/x", "type": "Socket"}},
        {"name": "d", "nfs": {"server": "files", "path": "/x"}},
    ],
)
def test_what_a_node_or_others_need_is_given_to_nobody(volume: Json) -> None:
    said = crashed({"securityContext": {"runAsUser": 1000}, "volumeMounts": [DATA]}, DENIED, volumes=[volume])
    assert patches(said) == []
    assert "must belong to user 1000" in said["plan"][-1]["why"]


def test_the_termination_message_tells_what_the_log_does_not() -> None:
    last = {"exitCode": 78, "message": "License for ACME ERP expired on 2026-11-01\n"}
    said = crashed({}, "", last)
    assert said["cause"]["class"] == 57
    assert "its termination message says: License for ACME ERP expired on 2026-11-01" in said["headline"]
    assert "nothing to its log" not in said["headline"]
    assert any(row["source"] == "termination message of web-1/app" for row in said["evidence"])
    assert "its termination message" in crashed({}, "starting\n", last)["headline"]
    assert "FATAL: no license" in crashed({}, "FATAL: no license\n", last)["headline"]


@pytest.mark.parametrize(
    ("kept", "lacks", "line"),
    [
        ([], "the Secret `mail`, which does not exist", "create secret generic mail --from-literal=key=CHANGE-ME"),
        (["other"], "the key `key` of the Secret `mail`, which has no such key", "patch secret/mail --type=merge"),
    ],
)
def test_an_optional_secret_that_is_not_there_is_made(kept: list[str], lacks: str, line: str) -> None:
    source = {"secretKeyRef": {"name": "mail", "key": "key", "optional": True}}
    mail = thing("Secret", "mail")
    mail["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": {f"f:{key}": {} for key in kept}}}]
    objects = made({"env": [{"name": "MAIL_KEY", "valueFrom": source}]}, BACK_OFF, ENDED)
    said = verdict(*objects, *([mail] if kept else []), log="KeyError: 'MAIL_KEY'")
    assert said["cause"]["class"] == 52
    assert lacks in said["headline"]
    assert line in said["plan"][0]["kubectl"]


@pytest.mark.parametrize(
    ("message", "number", "says"),
    [
        ("KeyError: 'DB_URL'", 52, "the environment variable `DB_URL` is not set"),
        ("dial tcp: lookup pgg on 10.0.0.10:53: no such host", 1, "there is no service `pgg`"),
        (DENIED, 68, "may not write `/data/lock`"),
        ("listen tcp :8080: bind: address already in use", 69, "cannot listen on port 8080"),
    ],
)
def test_a_termination_message_is_judged_like_a_line_of_the_log(message: str, number: int, says: str) -> None:
    said = crashed({}, "starting\n", {"exitCode": 1, "message": f"{message}\n"})
    assert said["cause"]["class"] == number
    assert says in said["headline"]
    assert ("termination message of web-1/app", message) in [(one["source"], one["text"]) for one in said["evidence"]]
    copied = crashed({}, f"starting\n{message}\n", {"exitCode": 1, "message": f"{message}\n"})
    assert {one["source"] for one in copied["evidence"] if one["text"] == message} == {"previous log of web-1/app"}


def test_the_plan_reads_what_the_program_left() -> None:
    said = crashed({}, "", {"exitCode": 78, "message": "License for ACME ERP expired\n"})
    assert [step["kubectl"] for step in said["plan"]] == ["kubectl -n shop get pod web-1 -o yaml"]
    assert said["plan"][0]["why"].startswith("`lastState.terminated.message` of `app`")
    assert " logs " in crashed({}, "FATAL: no license\n", {"message": "bye"})["plan"][0]["kubectl"]
