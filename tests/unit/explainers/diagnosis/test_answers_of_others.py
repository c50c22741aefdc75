"""What a caller is told by what it calls: refused by a protected Redis, 500 of an old configuration, 400 of TLS."""

import pytest

from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import service
from tests.unit.explainers.diagnosis.test_harmless_lines import said

PROTECTED = (
    "ERROR app: ResponseError: DENIED Redis is running in protected mode because protected mode is enabled and no "
    "password is set for the default user."
)
API = {"name": "API_URL", "value": "http://api"}


def behind(name: str, container: Json, port: Json, **spec: Json) -> list[Json]:
    """A Deployment, its pod and its Service."""
    owner, one = deployment(name), pod(f"{name}-1", {"app": name})
    owner["spec"]["template"]["spec"] = {"containers": [{"name": "app", "image": "app:1", **container}], **spec}
    one["spec"] |= owner["spec"]["template"]["spec"]
    one["metadata"] |= {
        "creationTimestamp": "2026-01-02T10:00:00Z",
        "ownerReferences": [{"kind": "Deployment", "name": name, "controller": True}],
    }
    offer = service(f"{name}-1", name=name)
    offer[0]["spec"]["ports"] = [port]
    return [owner, one, *offer]


@pytest.mark.parametrize(
    ("args", "opened"),
    [(["redis-server", "--maxmemory", "4mb"], True), (["redis-server", "--protected-mode", "yes"], False)],
)
def test_a_redis_that_takes_nobody_from_elsewhere(args: list[str], opened: bool) -> None:
    env = {"name": "REDIS_URL", "value": "redis://redis:6379"}
    found = said(PROTECTED, env, objects=tuple(behind("redis", {"args": args}, {"port": 6379})))
    assert (found["cause"]["class"], found["cause"]["object"]) == (55, "deployment/redis")
    assert "`redis` refuses everyone who is not local: it runs in protected mode" in found["headline"]
    assert not found["plan"][0]["changes"]
    assert any('"--protected-mode","no"' in row["kubectl"] for row in found["alternatives"]) is opened


def test_a_configuration_that_was_not_read_anew_is_told_to_the_caller() -> None:
    changed = thing("ConfigMap", "conf", data={"site.conf": "new"})
    fields: Json = {"f:data": {".": {}, "f:site.conf": {}}}
    changed["metadata"]["managedFields"] = [{"time": "2026-01-02T11:55:00Z", "fieldsV1": fields}]
    mount = {"name": "c", "mountPath": "/etc/site.conf", "subPath": "site.conf"}
    volumes = [{"name": "c", "configMap": {"name": "conf"}}]
    objects = behind("api", {"volumeMounts": [mount]}, {"port": 80}, volumes=volumes)  # type: ignore[arg-type]
    line = "ERROR app: GET http://api failed: HTTP Error 500: Internal Server Error"
    found = said(line, API, objects=(*objects, changed))
    assert (found["cause"]["class"], found["cause"]["confidence"]) == (74, "likely")
    assert "most likely its configuration is why: the ConfigMap `conf` changed 5 min ago" in found["headline"]
    assert "no fault" not in found["headline"]
    calm = said("INFO all is well", API, objects=(*objects, changed))
    assert calm["verdict"] == "healthy"


BAD = "ERROR app: GET http://api failed: HTTP Error 400: Bad Request"
LISTEN = {"command": ["sh", "-c", "printf 'server{listen 9000 ssl;}' > /etc/x; exec nginx"]}


@pytest.mark.parametrize(
    ("line", "container", "port", "told"),
    [
        (BAD, {}, {"port": 80, "targetPort": 8443}, True),
        (BAD, {"ports": [{"name": "https", "containerPort": 9000}]}, {"port": 80, "targetPort": 9000}, True),
        (BAD, {}, {"port": 80, "targetPort": 9000, "name": "api-tls"}, True),
        (BAD, LISTEN, {"port": 80, "targetPort": 9000}, True),
        (BAD, {}, {"port": 80, "targetPort": 9000}, False),
        (BAD.replace("400: Bad Request", "404: Not Found"), {}, {"port": 80, "targetPort": 8443}, False),
        (f"{BAD}: The plain HTTP request was sent to HTTPS port", {}, {"port": 80, "targetPort": 9000}, True),
    ],
)
def test_plain_http_that_a_port_of_tls_answers(line: str, container: Json, port: Json, told: bool) -> None:
    found = said(line, API, objects=tuple(behind("api", container, port)))
    assert ("what answers there speaks TLS" in found["headline"]) is told
    if told:
        assert (found["cause"]["class"], found["cause"]["confidence"]) == (11, "likely")
        assert "`https://` has to stand there" in found["plan"][0]["why"]
