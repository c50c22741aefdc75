"""Which of two sides is wrong: caller or Service, an address or the password in it, one password or the other."""

import json
from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.views.address_texts import in_text, without_logins
from explainers.diagnosis.views.servers import spoken
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service

REFUSED = 'FATAL: password authentication failed for user "app" at "db" port 5432'
ENDED = {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-02T11:59:00Z", "finishedAt": "2026-01-02T11:59:01Z"}


def owned(name: str, containers: list[Json], ready: bool = True, **spec: Any) -> list[Json]:
    """A Deployment and its pod with these containers."""
    owner, one = deployment(name, ready=int(ready)), pod(f"{name}-1", {"app": name}, ready)
    for each in (owner["spec"]["template"]["spec"], one["spec"]):
        each.update({"containers": containers, **spec})
    one["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": name, "controller": True}]
    one["status"]["containerStatuses"][0]["name"] = containers[0]["name"]
    return [owner, one]


def caller(env: list[Json], **spec: Any) -> list[Json]:
    return owned("web", [{"name": "app", "image": "app:1", "env": env}], ready=False, **spec)


def offered(name: str, port: int, target: int | str = 0, **spec: Any) -> list[Json]:
    made = service(f"{name}-1", name=name)
    made[0]["spec"].update({"ports": [{"port": port, "targetPort": target or port}], **spec})
    return made


def verdict(*objects: Json, log: str = "", target: str = "deployment/web") -> Any:
    logs = {"shop/web-1/app": log, "shop/web-1/app/previous": log}
    return diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects, logs=logs)).data


def literal(name: str, value: str) -> Json:
    return {"name": name, "value": value}


def redis(*args: str, env: list[Json] | None = None) -> list[Json]:
    container = {"name": "redis", "image": "redis:7", "args": [*args], "env": env or []}
    return owned("db", [{**container, "ports": [{"name": "redis", "containerPort": 6379}]}])


@pytest.mark.parametrize("target", [6379, "redis"])
def test_a_service_that_offers_another_port_than_the_usual_one_of_its_pods(target: int | str) -> None:
    web = caller([literal("CACHE_URL", "redis://db:6379")])
    said = verdict(*web, *redis(), *offered("db", 80, target), log="connect to db:6379: connection timed out")
    assert (said["cause"]["class"], said["cause"]["object"]) == (11, "service/db")
    assert '"path":"/spec/ports/0/port","value":6379' in said["plan"][0]["kubectl"]
    assert "redis://db:80" in said["alternatives"][0]["kubectl"]


def test_it_keeps_the_port_that_others_call() -> None:
    web, other = caller([literal("CACHE_URL", "redis://db:6379")]), owned("other", [{"name": "o", "image": "o:1"}])
    other[0]["spec"]["template"]["spec"]["containers"][0]["env"] = [literal("CACHE", "redis://db:80")]
    log = "connect to db:6379: connection timed out"
    said = verdict(*web, *other, *redis(), *offered("db", 80, 6379), log=log)
    (port, more) = json.loads(said["plan"][0]["kubectl"].partition(" -p ")[2].strip("'"))["spec"]["ports"]
    assert (port["port"], more["port"]) == (80, 6379)


def test_a_web_server_listens_where_it_likes_and_its_caller_is_wrong() -> None:
    web, api = caller([literal("API_URL", "http://db:8080")]), owned("db", [{"name": "api", "image": "api:1"}])
    said = verdict(*web, *api, *offered("db", 80, 8080), log="connect to db:8080: connection timed out")
    assert said["cause"]["object"] == "deployment/web"
    assert "http://db:80" in said["plan"][0]["kubectl"]


def test_an_alias_of_the_very_name_is_why_a_call_times_out() -> None:
    aliases = [{"ip": "198.18.77.7", "hostnames": ["db"]}]
    web = caller([literal("CACHE_URL", "redis://db:6379")], hostAliases=aliases)
    said = verdict(*web, *redis(), *offered("db", 6379), log="ERROR cache db:6379: timed out")
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (37, "sure")


@pytest.mark.parametrize("other", ["", "datas"])
def test_the_own_namespace_comes_before_others(other: str) -> None:
    web = caller([literal("CACHE_HOST", "db.data")])
    more = thing("Service", "db", other or "zzz", spec={"ports": [{"port": 6379}]})
    log = "db.data:6379: Name or service not known"
    asked = {
        "kubectl -n data get service db -o yaml": {"status": 404, "body": {}, "problem": "not found", "took": 0},
        "kubectl get service -A --field-selector=metadata.name=db -o yaml": {
            "status": 200, "body": {"items": [*offered("db", 6379)[:1], more]}, "problem": "", "took": 0,
        }
    }  # fmt: skip
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    objects = [*web, *redis(), *offered("db", 6379), thing("Namespace", "shop", "")]
    said: Any = diagnose(request, services(*objects, logs={"shop/web-1/app": log}, asked=asked)).data
    assert "there is no namespace `data`; service `db` is in its own, `shop`" in said["headline"]
    assert said["plan"][0]["kubectl"].endswith("CACHE_HOST=db")
    assert [one["why"].startswith(f"if the one in `{other}`") for one in said["alternatives"]] == [True] * bool(other)


def closed(*others: Json, peer: str = "client") -> Any:
    """`db` with a policy that lets in only what nothing carries."""
    rule = {"from": [{"podSelector": {"matchLabels": {"app": peer}}}], "ports": [{"port": 6379}]}
    spec = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    own = thing("NetworkPolicy", "to-db", spec=spec)
    return verdict(*redis(), *offered("db", 6379), own, *others, target="deployment/db")


def test_nobody_is_kept_out_while_nobody_is_there() -> None:
    said = closed()
    assert (said["verdict"], said["cause"]["class"]) == ("healthy", 125)
    assert "policy `to-db` lets only pods `app=client` in to `db`, and none of these is here now" in said["headline"]


def test_who_is_told_to_call_it_is_kept_out() -> None:
    said = closed(*caller([literal("CACHE_URL", "redis://db")]))
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (31, "likely")
    assert "Deployment `web` is told to call it (`CACHE_URL`)" in said["headline"]
    assert '"app":"web"' in said["plan"][0]["kubectl"]


def shared(log: str = "", command: str = "sleep") -> list[Json]:
    """A Service `api` whose selector pods of a worker carry too, which has no port."""
    run = {"name": "a", "image": "python:3", "command": ["python", "app.py"], "ports": [{"containerPort": 80}]}
    api = owned("api", [run])
    worker = owned("worker", [{"name": "w", "image": "python:3", "command": [command, "app.py"]}])
    for each in (worker[0]["spec"]["template"]["metadata"], worker[1]["metadata"]):
        each["labels"] = {"app": "api", "role": "w"}
    worker[0]["spec"]["selector"]["matchLabels"] = {"app": "api", "role": "w"}
    return [*api, *worker, *service("api-1", "worker-1", name="api")]


@pytest.mark.parametrize("target", ["service/api", "deployment/api", "deployment/worker"])
def test_pods_of_another_program_of_the_same_image_do_not_belong_to_a_service(target: str) -> None:
    said = verdict(*shared(), target=target)
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (3, "likely")
    first, second = said["plan"][:2]
    assert '{"labels":{"role":"api"}}' in first["kubectl"]
    assert second["kubectl"].endswith("set selector service/api app=api,role=api")


def test_two_workloads_that_run_the_same_are_one_application() -> None:
    assert verdict(*shared(command="python"), target="service/api")["verdict"] == "healthy"


UNENCODED = "postgres://app:p@ss/w#rd@db:5432/shop"


@pytest.mark.parametrize(
    ("value", "found", "left"),
    [
        (UNENCODED, [("db", 5432, "postgres")], "postgres://db:5432/shop"),
        ("redis://:a/b@db:6379", [("db", 6379, "redis")], "redis://db:6379"),
        ("postgres://u:p@db/shop?x=a@b", [("db", 5432, "postgres")], "postgres://db/shop?x=a@b"),
        ("https://u:p@db/@scope/x", [("db", 443, "https")], "https://db/@scope/x"),
        ("nats://a:b@x:1,nats://c:d@y:2", [("x", 1, "nats"), ("y", 2, "nats")], "nats://x:1,nats://y:2"),
        ("postgres://db:5432/a@b", [("db", 5432, "postgres")], "postgres://db:5432/a@b"),
    ],
)
def test_what_stands_before_the_host(value: str, found: list[Any], left: str) -> None:
    assert in_text(value) == found
    assert without_logins(value) == left


@pytest.mark.parametrize(
    ("log", "confidence"),
    [
        ('could not translate host name "ss" to address: Name or service not known', "sure"),
        ("ValueError: invalid literal: Port could not be cast to integer value as 'p'", "likely"),
    ],
)
def test_a_password_that_is_not_percent_encoded_is_said_and_never_shown(log: str, confidence: str) -> None:
    web = caller([literal("DATABASE_URL", UNENCODED)])
    web[1]["status"]["containerStatuses"][0] |= {
        "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": ENDED},
    }  # fmt: skip
    said = verdict(*web, *redis(), *offered("db", 5432), log=log)
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (52, confidence)
    assert "the host is `db`" in said["headline"]
    assert not [piece for piece in ("p@ss", "w#rd", '"ss"') if piece in json.dumps(said).replace('\\"', '"')]


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("redis:7", "redis"), ("bitnami/postgresql:16", "postgres"), ("postgrest/postgrest:v12", ""),
        ("oliver006/redis_exporter:1", ""), ("r.example/valkey/valkey@sha256:ab", "redis"), ("shop/web:1", ""),
    ],
)  # fmt: skip
def test_what_an_image_speaks(image: str, kind: str) -> None:
    assert spoken(image) == kind


@pytest.mark.parametrize(("scheme", "wrong"), [("postgres", True), ("redis", False)])
def test_an_address_of_another_server(scheme: str, wrong: bool) -> None:
    web = caller([literal("DATABASE_URL", f"{scheme}://app:x@db:6379/0")])
    said = verdict(*web, *redis(), *offered("db", 6379), log='connection to server at "db", port 6379 failed: timeout')
    told = "is an address of a postgres server, and leads to `db` on port 6379, which is a redis server"
    assert (told in said["headline"]) is wrong


def postgres(password: Json, user: str = "app", **spec: Any) -> list[Json]:
    env = [{"name": "POSTGRES_PASSWORD", **password}, literal("POSTGRES_USER", user)]
    return [*owned("db", [{"name": "pg", "image": "postgres:16", "env": env}], **spec), *offered("db", 5432)]


OF_SECRET: Json = {"valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}}


def test_a_password_that_an_address_takes_from_a_secret() -> None:
    env = [{"name": "P", **OF_SECRET}, literal("DATABASE_URL", "postgres://app:$(P)@db/shop")]
    said = verdict(*caller(env), *postgres(OF_SECRET), thing("Secret", "db", data={"p": "(6 characters)"}), log=REFUSED)
    assert "comes from the key `p` of the Secret `db` (variable `P` of container `app`)" in said["headline"]
    assert "was made with the same key" in said["headline"]


@pytest.mark.parametrize(("own", "unlike"), [("hunter2", True), ("s3cret/", False)])
def test_two_passwords_that_can_be_read_are_compared_and_not_shown(own: str, unlike: bool) -> None:
    env = [literal("DATABASE_URL", "postgres://app:s3cret%2F@db/shop")]
    said = verdict(*caller(env), *postgres({"value": own}), log=REFUSED)
    assert "comes from the address in the variable `DATABASE_URL`" in said["headline"]
    assert ("and the two are not the same" in said["headline"]) is unlike
    assert not [one for one in ("hunter2", "s3cret") if one in json.dumps(said)]


def test_the_password_of_an_option_is_the_other_side() -> None:
    web, log = caller([literal("REDIS_URL", "redis://:secret@db:6379")]), "WRONGPASS invalid username-password pair"
    said = verdict(*web, *redis("--requirepass", "s3cret"), *offered("db", 6379), log=log)
    assert "was made with `--requirepass` in its template, and the two are not the same" in said["headline"]
    assert "s3cret" not in json.dumps(said)


def test_another_user_than_the_server_was_made_with() -> None:
    env = [literal("DATABASE_URL", "postgres://app:same@db/shop")]
    said = verdict(*caller(env), *postgres({"value": "same"}, user="postgres"), log=REFUSED)
    assert said["headline"].endswith("it logs in as `app`, and the user that `db` was made with is `postgres`.")
    scripts = [{"name": "init", "mountPath": "/docker-entrypoint-initdb.d"}]
    server = postgres({"value": "same"}, user="postgres")
    for each in (server[0]["spec"]["template"]["spec"], server[1]["spec"]):
        each["containers"][0]["volumeMounts"] = scripts
    assert "it logs in as" not in verdict(*caller(env), *server, log=REFUSED)["headline"]


def test_a_password_that_was_changed_after_the_data_was_made() -> None:
    env = [literal("DATABASE_URL", "postgres://app:new@db/shop")]
    server = postgres({"value": "new"})
    claims = [{"metadata": {"name": "data"}, "spec": {}}]
    server[0] |= {"kind": "StatefulSet"}
    server[0]["metadata"]["generation"] = 2
    server[0]["spec"]["volumeClaimTemplates"] = claims
    server[1]["metadata"]["ownerReferences"] = [{"kind": "StatefulSet", "name": "db", "controller": True}]
    revisions = []
    for number, value in enumerate(("old", "new"), 1):
        template = json.loads(json.dumps(server[0]["spec"]["template"]).replace('"new"', f'"{value}"'))
        made = thing("ControllerRevision", f"db-{number}", labels={"app": "db"}, revision=number)
        made["data"] = {"spec": {"template": template}}
        made["metadata"] |= {
            "creationTimestamp": f"2026-01-02T11:5{number}:00Z",
            "ownerReferences": [{"kind": "StatefulSet", "name": "db", "uid": server[0]["metadata"]["uid"]}],
        }
        revisions.append(made)
    said = verdict(*caller(env), *server, *revisions, log=REFUSED)
    assert "which was changed 8 min ago: that has no effect on data that is there" in said["headline"]
    assert said["plan"][0]["kubectl"].endswith("get statefulset db -o yaml")
