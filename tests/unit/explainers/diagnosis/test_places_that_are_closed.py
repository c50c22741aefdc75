"""Programs that may not write where they must, or may not pass the folder above what they read; and what ends them."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

READ_ONLY = "mkdir: cannot create directory '/data/spool': Read-only file system"
SUMMED = f"starting\n{READ_ONLY}\nFATAL: spool not usable\n"
EMPTY: Json = {"name": "spool", "emptyDir": {}}


def mounted(read_only: bool = True, at: str = "/data") -> Json:
    return {"volumeMounts": [{"name": "spool", "mountPath": at, "readOnly": read_only}]}


def crashed(code: int = 1, seconds: int = 2) -> Json:
    end = {
        "exitCode": code, "reason": "Error", "startedAt": f"2026-01-02T11:58:{59 - seconds:02}Z",
        "finishedAt": "2026-01-02T11:58:59Z",
    }  # fmt: skip
    return {"restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": end}}


RUNS: Json = {"restartCount": 0, "started": True, "state": {"running": {"startedAt": "2026-01-02T11:57:00Z"}}}


def said(container: Json, status: Json, log: str, *volumes: Json, **spec: Any) -> Json:
    made, only = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    container = {"name": "app", "image": "app:1", **container}
    whole = {"nodeName": "node-1", "containers": [container], "volumes": list(volumes), **spec}
    made["spec"]["template"]["spec"] = only["spec"] = whole
    only["metadata"]["creationTimestamp"] = "2026-01-02T11:56:00Z"
    only["status"]["containerStatuses"] = [{"name": "app", "ready": False, **status}]
    logs = {"shop/web-1/app": log, "shop/web-1/app/previous": log}
    request = Request("diagnose", "web", Actor("test"), namespace="shop")
    return dict(diagnose(request, services(made, only, logs=logs)).data)


def test_the_line_before_the_last_words_names_the_mount() -> None:
    data = said(mounted(), crashed(), SUMMED, EMPTY)
    assert "may not write `/data/spool`: the volume `spool` there is mounted read-only" in data["headline"]
    assert '{"mountPath":"/data","readOnly":false}' in data["plan"][0]["kubectl"]


@pytest.mark.parametrize(("mounts", "log"), [(mounted(False), SUMMED), (mounted(), "starting\nFATAL: no spool\n")])
def test_what_the_spec_does_not_close_is_not_blamed(mounts: Json, log: str) -> None:
    assert "mounted read-only" not in said(mounts, crashed(), log, EMPTY)["headline"]


def test_a_program_that_runs_on_may_not_write_either() -> None:
    probe = {"readinessProbe": {"exec": {"command": ["test", "-s", "/data/beat"]}}}
    data = said({**mounted(), **probe}, RUNS, f"{READ_ONLY}\n", EMPTY)
    assert data["cause"]["class"] == 68
    assert data["cause"]["confidence"] == "sure"
    assert "it runs on and is not ready" in data["headline"]
    assert '{"mountPath":"/data","readOnly":false}' in data["plan"][0]["kubectl"]


def test_one_line_about_another_folder_is_no_sure_cause() -> None:
    probe = {"readinessProbe": {"exec": {"command": ["test", "-s", "/tmp/beat"]}}}
    data = said({**mounted(), **probe}, RUNS, f"{READ_ONLY}\n", EMPTY)
    assert data["cause"]["confidence"] == "likely"


CONF: Json = {"name": "conf", "configMap": {"name": "conf"}}
DENIED = "can't open config file '/etc/app/app.conf': Permission denied"
FILE = {"volumeMounts": [{"name": "conf", "mountPath": "/etc/app/app.conf", "subPath": "app.conf"}]}
USER = {"securityContext": {"runAsUser": 999}}


def test_the_folder_above_a_file_that_all_may_read_is_closed() -> None:
    data = said({**FILE, "args": ["/etc/app/app.conf"]}, crashed(), DENIED, CONF, **USER)
    assert "folder `/etc/app` is closed to user 999" in data["headline"]
    assert data["cause"]["confidence"] == "likely"
    step = data["plan"][0]["kubectl"]
    assert '"args":["/mnt/conf/app.conf"]' in step
    assert '"mountPath":"/mnt/conf/app.conf"' in step


def test_a_file_for_root_alone_is_closed_itself() -> None:
    private = {"name": "conf", "configMap": {"name": "conf", "defaultMode": 0o400}}
    data = said({**FILE, "args": ["/etc/app/app.conf"]}, crashed(), DENIED, private, **USER)
    assert "mode 0400" in data["headline"]
    assert "folder" not in data["headline"]


def test_a_command_that_does_not_name_the_file_is_not_changed() -> None:
    data = said(FILE, crashed(), DENIED, CONF, **USER)
    assert not any("/mnt/" in row["kubectl"] for row in data["plan"])


def hook(*command: str, **more: Json) -> Json:
    return {"lifecycle": {"postStart": {"exec": {"command": list(command)}}, **more}}


@pytest.mark.parametrize("code", [0, 143])
def test_a_hook_that_stops_its_program(code: int) -> None:
    data = said(hook("sh", "-c", "sleep 2; app -s quit"), crashed(code), "")
    assert data["cause"]["class"] == 58
    assert data["cause"]["confidence"] == "likely"
    assert "postStart hook of container `app` (`sh -c sleep 2; app -s quit`)" in data["headline"]
    assert '"postStart":null,"preStop":{"exec"' in data["plan"][0]["kubectl"]


def test_what_runs_before_the_end_already_stays() -> None:
    data = said(hook("app", "stop", preStop={"exec": {"command": ["sleep", "3"]}}), crashed(0), "")
    assert '"preStop"' not in data["plan"][0]["kubectl"]


def test_another_hook_is_only_a_lead() -> None:
    data = said(hook("app", "warm-up"), crashed(0), "")
    assert "ends by itself with exit code 0" in data["headline"]
    assert "its postStart hook runs beside it after each start: `app warm-up`" in data["headline"]
    assert not any("logs" in row["kubectl"] for row in data["plan"])


@pytest.mark.parametrize(("code", "seconds"), [(1, 2), (0, 50)])
def test_a_crash_or_a_long_run_is_not_the_hooks(code: int, seconds: int) -> None:
    assert "hook" not in said(hook("app", "stop"), crashed(code, seconds), "ended")["headline"]


def test_what_the_main_container_lacks_is_told_beside_a_failing_init_container() -> None:
    made, only = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    app = {"name": "app", "image": "app:1", "envFrom": [{"configMapRef": {"name": "settings"}}]}
    init = {"name": "init", "image": "i:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    spec = {"nodeName": "node-1", "initContainers": [init], "containers": [app], "volumes": [EMPTY]}
    made["spec"]["template"]["spec"] = only["spec"] = spec
    only["status"]["phase"] = "Pending"
    only["status"]["initContainerStatuses"] = [{"name": "init", "ready": False, **crashed()}]
    waits = {"name": "app", "ready": False, "state": {"waiting": {"reason": "PodInitializing"}}}
    only["status"]["containerStatuses"] = [waits]
    log = "cat: can't open '/data/ready': No such file or directory"
    logs = {"shop/web-1/init": log, "shop/web-1/init/previous": log}
    request = Request("diagnose", "web", Actor("test"), namespace="shop")
    there = thing("ConfigMap", "others", data={})
    data = dict[str, Any](diagnose(request, services(made, only, there, logs=logs)).data)
    assert data["cause"]["class"] != 49
    assert [one["class"] for one in data["consequences"]] == [49]
    there = thing("ConfigMap", "settings", data={})
    assert not diagnose(request, services(made, only, there, logs=logs)).data["consequences"]
