"""What is wrong is corrected where it stands: in the ConfigMap that variables and files come from."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing

ENDED = {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-02T11:59:00Z", "finishedAt": "2026-01-02T11:59:01Z"}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
NO_HOST = "lookup frontendd on 10.96.0.10:53: no such host"
RESTART = "kubectl -n shop rollout restart deployment/web"
CONF = "upstream u { server frontendd:3000; }"


def said(line: str, *others: Json, container: Json | None = None, init: bool = False, **spec: Any) -> Json:
    """What is said of a Deployment `web` whose log ends with this line, and of the Service `frontend`."""
    owner, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    filled = {"containers": [{"name": "app", "image": "app:1"} | ({} if init else container or {})], **spec}
    filled |= {"initContainers": [{"name": "wait", "image": "app:1", **(container or {})}]} if init else {}
    owner["spec"]["template"]["spec"], one["spec"] = filled, one["spec"] | filled
    waiting = {"name": "app", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": "PodInitializing"}}}
    crash = {"name": "app", "ready": False, "restartCount": 3, "state": BACK_OFF, "lastState": {"terminated": ENDED}}
    one["status"]["containerStatuses"] = [waiting if init else crash]
    if init:
        running = {"running": {"startedAt": "2026-01-02T11:50:00Z"}}
        one["status"]["initContainerStatuses"] = [{"name": "wait", "restartCount": 0, "state": running}]
    ports = [{"port": 3000, "targetPort": 3000}]
    offer = thing("Service", "frontend", spec={"selector": {"app": "f"}, "ports": ports, "clusterIP": "10.0.0.2"})
    ready = [{"addresses": ["10.0.0.9"], "conditions": {"ready": True}}]
    labels = {"kubernetes.io/service-name": "frontend"}
    behind = thing("EndpointSlice", "frontend-1", labels=labels, endpoints=ready, ports=[{"port": 3000}])
    logs = {f"shop/web-1/{name}{run}": f"{line}\n" for name in ("app", "wait") for run in ("", "/previous")}
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data: Any = diagnose(
        request, services(owner, one, offer, behind, pod("f-1", {"app": "f"}), *others, logs=logs)
    ).data
    return dict(data)


def mounted(*names: str, items: list[str] | None = None) -> Json:
    chosen = {"items": [{"key": key, "path": key} for key in items]} if items else {}
    volumes = [{"name": name, "configMap": {"name": name, **chosen}} for name in names]
    mounts = [{"name": name, "mountPath": f"/etc/{name}"} for name in names]
    return {"container": {"volumeMounts": mounts}, "volumes": volumes}


def config(name: str, **data: str) -> Json:
    return thing("ConfigMap", name, data=data)


def lines(found: Json, key: str = "plan") -> list[str]:
    return [row["kubectl"] for row in found[key]]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (CONF, "upstream u { server frontend:3000; }"),
        ("proxy_pass http://frontendd/api;", "proxy_pass http://frontend/api;"),
        ("host = frontendd", "host = frontend"),
        ("api: frontendd", "api: frontend"),
        ("a: http://frontendd:3000 b: frontendd:3000", "a: http://frontend:3000 b: frontend:3000"),
        ("frontendd: {port: 3000}", ""),
        ("path: /frontendd/x", ""),
        ("url: http://app:hunter2@frontendd:3000", ""),
        ("password=hunter2 host=frontendd", ""),
        (f"# {'long ' * 500}\n{CONF}", ""),
        ("host: my-frontendd or frontendd.example.com", ""),
    ],
    ids=["port", "url", "value", "yaml", "twice", "key", "path", "login", "password", "long", "other names"],
)
def test_a_host_in_a_mounted_file(text: str, right: str) -> None:
    found = said(NO_HOST, config("conf", a=text), **mounted("conf"))
    assert found["cause"]["class"] == 38
    patched = [line for line in lines(found) if "patch configmap/conf" in line]
    assert [RESTART in lines(found), bool(patched)] == [bool(right)] * 2
    assert not right or (right in patched[0] and lines(found)[0] == patched[0])
    assert any("ExternalName" in line for line in lines(found, "alternatives" if right else "plan"))
    assert "hunter2" not in str(lines(found))


def test_the_file_is_evidence() -> None:
    found = said(NO_HOST, config("conf", a=CONF), **mounted("conf"))
    assert {"source": "configmap conf", "text": "a has frontendd", "age": ""} in found["evidence"]


def test_a_host_in_the_files_of_several() -> None:
    found = said(NO_HOST, config("one", a=CONF), config("two", a=CONF), **mounted("one", "two"))
    assert not any("patch configmap" in line for line in lines(found))


def test_a_host_in_a_file_that_is_not_mounted() -> None:
    found = said(NO_HOST, config("conf", a=CONF, b=""), **mounted("conf", items=["b"]))
    assert not any("patch configmap" in line for line in lines(found))


def test_a_config_map_that_cannot_be_changed() -> None:
    found = said(NO_HOST, config("conf", a=CONF) | {"immutable": True}, **mounted("conf"))
    assert not any("patch configmap" in line for line in lines(found))


def test_a_port_in_a_mounted_file() -> None:
    line = "dial tcp: frontend:3001: connect: connection refused"
    found = said(line, config("conf", a="frontend:3001 # once frontend"), **mounted("conf"))
    assert found["cause"]["class"] == 11
    assert '{"a":"frontend:3000 # once frontend"}' in lines(found)[0]


FROM = {"envFrom": [{"configMapRef": {"name": "c"}}]}


def test_a_port_that_stands_apart_in_a_config_map() -> None:
    line = "dial tcp: frontend:3001: connect: connection refused"
    found = said(line, config("c", API_HOST="frontend", API_PORT="3001"), container=FROM)
    patch = 'kubectl -n shop patch configmap/c --type=merge -p \'{"data":{"API_PORT":"3000"}}\''
    assert lines(found) == [patch, RESTART]


def test_an_immutable_config_map_gives_way_to_a_variable() -> None:
    line = "dial tcp: frontend:3001: connect: connection refused"
    found = said(line, config("c", API_HOST="frontend", API_PORT="3001") | {"immutable": True}, container=FROM)
    assert lines(found)[0] == "kubectl -n shop set env deployment/web -c app API_PORT=3000"


def test_a_host_that_a_value_takes_from_another_variable() -> None:
    env = {"env": [{"name": "API_URL", "value": "http://$(API_HOST):3000"}]}
    found = said(NO_HOST, config("c", API_HOST="frontendd"), container={**FROM, **env})
    assert '{"data":{"API_HOST":"frontend"}}' in lines(found)[0]


@pytest.mark.parametrize("literal", [True, False])
def test_what_an_init_container_waits_for(literal: bool) -> None:
    url = "http://frontendd:3000"
    env = {"env": [{"name": "API_URL", "value": url}]} if literal else FROM
    found = said("waiting", config("c", API_URL=url), container={**env, "command": ["sh", "-c", "w"]}, init=True)
    assert found["cause"]["class"] == 71
    right = "http://frontend:3000"
    assert (f"API_URL={right}" if literal else f'{{"data":{{"API_URL":"{right}"}}}}') in lines(found)[0]
    assert "patch configmap/c" in lines(found)[0] or literal


def optional(key: str, field: str = "configMapKeyRef") -> Json:
    return {"env": [{"name": "MODE", "valueFrom": {field: {"name": "c", "key": key, "optional": True}}}]}


@pytest.mark.parametrize(
    ("key", "near"), [("run_mode", True), ("run.mode", True), ("RUN-MODE", False), ("mode", False)]
)
def test_an_optional_key_in_another_spelling(key: str, near: bool) -> None:
    found = said("fatal: no mode", config("c", **{"RUN-MODE": "x"}), container=optional(key))
    assert found["cause"]["class"] == (51 if near else 57)
    if near:
        assert f"the ConfigMap `c` has no key `{key}`, only `RUN-MODE`" in found["cause"]["sentence"]
        assert '"key":"RUN-MODE"' in lines(found)[0]


def test_an_optional_key_of_a_secret_in_another_spelling() -> None:
    held = thing("Secret", "c")
    held["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": {"f:RUN_MODE": {}}}}]
    found = said("fatal: no mode", held, container=optional("run-mode", "secretKeyRef"))
    assert "the Secret `c` has no key `run-mode`, only `RUN_MODE`" in found["cause"]["sentence"]


@pytest.mark.parametrize("there", [True, False], ids=["no key", "nothing"])
def test_what_a_container_in_a_crash_loop_waits_for(there: bool) -> None:
    found = said(
        "environment variable MODE is not set", *([config("c", other="x")] if there else []), container=optional("mode")
    )
    assert found["cause"]["class"] == 52
    assert lines(found)[1:] == [RESTART]
    assert [row["expect"] for row in found["plan"]] == ["", "the new pods start and stay up"]


def test_a_value_of_a_key_with_another_name_is_corrected_there() -> None:
    env = {"env": [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "run-mode"}}}]}
    found = said("invalid value 'fastt' for MODE", config("c", **{"run-mode": "fastt"}), container=env)
    assert '{"data":{"run-mode":"CHANGE-ME"}}' in lines(found)[0]
