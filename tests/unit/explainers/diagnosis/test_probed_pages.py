"""Probes that ask for a file that is mounted elsewhere than in the folder that is served."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.test_probe_causes import event, running

PAGE = "/list.json"
SERVES = {"command": ["python3", "-m", "http.server"], "workingDir": "/"}


def verdict(mount: Json, container: Json, path: str = PAGE) -> Json:
    made, only = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    probe = {"httpGet": {"path": path, "port": 8080}, "periodSeconds": 5, "failureThreshold": 3}
    app = {"name": "app", "image": "app:1", "readinessProbe": probe,
           "volumeMounts": [{"name": "lists", **mount}], **container}  # fmt: skip
    spec = {"nodeName": "node-1", "containers": [app], "volumes": [{"name": "lists", "configMap": {"name": "lists"}}]}
    made["spec"]["template"]["spec"] = only["spec"] = spec
    only["metadata"]["creationTimestamp"] = "2026-01-02T10:00:00Z"
    only["status"]["conditions"].append({"type": "PodScheduled", "status": "True"})
    only["status"]["containerStatuses"] = [{"name": "app", "ready": False, **running()}]
    told = event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404", "2026-01-02T11:59:58Z")
    lists = thing("ConfigMap", "lists", data={"list.json": "[]", "other.json": "[]"})
    found = services(made, only, told, lists, logs={"shop/web-1/app": ""})
    data = diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), found).data
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    ("mount", "path", "folder"),
    [
        ({"mountPath": "/data"}, PAGE, "/data"),
        ({"mountPath": "/data/"}, f"{PAGE}?all=1", "/data"),
        ({"mountPath": "/srv/data"}, f"/data{PAGE}", "/srv"),
        ({"mountPath": "/srv/list.json", "subPath": "list.json"}, PAGE, "/srv"),
    ],
)
def test_a_server_that_serves_where_it_works_is_moved_to_the_file(mount: Json, path: str, folder: str) -> None:
    found = verdict(mount, SERVES, path)
    assert f"so the server probably serves another folder than `{folder}`" in found["headline"]
    assert "the container works in `/` (`workingDir`)" in found["headline"]
    assert f'"workingDir":"{folder}"' in found["plan"][0]["kubectl"]
    assert "tcpSocket" in found["alternatives"][-1]["kubectl"]


@pytest.mark.parametrize(
    "container",
    [
        {"command": ["nginx"]},
        {"command": ["python3", "-m", "http.server", "-d", "/www"]},
        {"command": ["httpd-foreground"]},
    ],
)
def test_of_another_server_its_settings_are_looked_at_and_the_probe_is_not_weakened_first(container: Json) -> None:
    found = verdict({"mountPath": "/data"}, container)
    assert "is mounted at `/data/list.json`" in found["headline"]
    assert not found["plan"][0]["changes"]
    assert [step["changes"] for step in found["alternatives"]] == [True]


@pytest.mark.parametrize(
    ("mount", "container", "path"),
    [
        ({"mountPath": "/"}, SERVES, PAGE),
        ({"mountPath": "/data"}, SERVES, "/healthz"),
        ({"mountPath": "/data"}, {**SERVES, "workingDir": "/data"}, PAGE),
        ({"mountPath": "/srv/list.json", "subPath": "other.json"}, SERVES, "/other.json"),
    ],
)
def test_not_where_the_file_is_where_it_works_or_is_no_mounted_one(mount: Json, container: Json, path: str) -> None:
    found = verdict(mount, container, path)
    assert "is mounted at" not in found["headline"]
    assert "tcpSocket" in found["plan"][0]["kubectl"]
