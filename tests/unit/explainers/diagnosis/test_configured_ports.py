"""A probe that is refused, and the mounted file that says where the program listens."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.views.configured_ports import listening_on, listens
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service

REFUSED = 'Readiness probe failed: Get "http://10.0.0.9:8081/": dial tcp 10.0.0.9:8081: connect: connection refused'


@pytest.mark.parametrize(
    ("line", "ports"),
    [
        ("server {\n  listen 8080;\n}", (8080,)),
        ("listen [::]:8443 ssl;\nlisten 8443 ssl;", (8443,)),
        ("Listen 0.0.0.0:8080", (8080,)),
        ("# listen 8080;", ()),
        ("listen unix:/run/s.sock;", ()),
        ("listen 10.0.0.8;", ()),
    ],
)
def test_where_a_file_tells_to_listen(line: str, ports: tuple[int, ...]) -> None:
    assert [one.ports for one in listens({"conf": {"data": {"a.conf": line}}})] == ([ports] if ports else [])


def test_only_the_port_is_replaced() -> None:
    assert listening_on("listen 80;\nproxy_pass http://a:80;\nlisten 443;", 80, 81) == (
        "listen 81;\nproxy_pass http://a:80;\nlisten 443;"
    )


def verdict(conf: str, target_port: int = 8081) -> Any:
    """The verdict of a web whose probe is refused on 8081, and whose ConfigMap was changed before it started."""
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    probe = {"httpGet": {"path": "/", "port": 8081}, "periodSeconds": 3, "failureThreshold": 3}
    container: Json = {"name": "app", "image": "web:1", "readinessProbe": probe}
    container["ports"] = [{"containerPort": 8081}]
    container["volumeMounts"] = [{"name": "conf", "mountPath": "/etc/conf.d"}]
    spec = {"containers": [container], "volumes": [{"name": "conf", "configMap": {"name": "web-conf"}}]}
    web["spec"]["template"]["spec"] = one["spec"] = spec
    one["metadata"]["creationTimestamp"] = "2026-01-02T11:50:00Z"
    one["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-01-02T11:50:01Z"}}
    about = {"kind": "Pod", "name": "web-1", "namespace": "shop", "fieldPath": "spec.containers{app}"}
    event = thing("Event", "web-1.x", reason="Unhealthy", message=REFUSED, involvedObject=about, count=200)
    settings = thing("ConfigMap", "web-conf", data={"a.conf": conf})
    settings["metadata"]["creationTimestamp"] = "2026-01-01T11:00:00Z"
    settings["metadata"]["managedFields"] = [{"time": "2026-01-02T11:49:00Z", "fieldsV1": {"f:data": {"f:a.conf": {}}}}]
    one["status"]["containerStatuses"][0] |= {"started": True, "restartCount": 0}
    own, *slices = service()
    own["spec"]["ports"] = [{"port": 80, "targetPort": target_port}]
    objects = [web, one, own, *slices, settings, event | {"lastTimestamp": "2026-01-02T11:59:50Z"}]
    made = services(*objects, logs={"shop/web-1/app": ""})
    return diagnose(Request("diagnose", "web", Actor("test"), namespace="shop"), made).data


def lines(rows: list[Json]) -> list[str]:
    return [row["kubectl"] for row in rows]


def test_the_file_is_corrected_where_a_service_sends_to_the_port_too() -> None:
    found = verdict("server {\n  listen 8080;\n}")
    assert found["cause"]["class"] == 64
    assert "the ConfigMap `web-conf`, changed 11 min ago, says `listen 8080` in `a.conf`" in found["cause"]["sentence"]
    assert ["patch configmap/web-conf" in line for line in lines(found["plan"])] == [True, False]
    assert "listen 8081" in lines(found["plan"])[0]
    assert not any("readinessProbe" in line for line in lines([*found["plan"], *found["alternatives"]]))


def test_else_the_probe_asks_where_the_file_says() -> None:
    found = verdict("listen 8080;", target_port=9000)
    assert '"port":8080' in lines(found["plan"])[0]
    assert any("patch configmap/web-conf" in line for line in lines(found["alternatives"]))


def test_a_change_that_names_no_port_is_told_and_the_probe_stays_where_callers_would_be_refused() -> None:
    found = verdict("port: 8080")
    assert "the ConfigMap `web-conf`, which it mounts, was changed 11 min ago" in found["cause"]["sentence"]
    assert not any("readinessProbe" in line for line in lines([*found["plan"], *found["alternatives"]]))


def test_without_such_a_service_the_probe_may_go() -> None:
    assert any("readinessProbe" in line for line in lines(verdict("port: 8080", target_port=9000)["alternatives"]))
