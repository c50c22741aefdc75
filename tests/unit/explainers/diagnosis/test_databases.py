"""A database that a server does not have, and the password that it was made with: both sides are named."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.logs.databases import cut_database, missing_database
from explainers.diagnosis.views.servers import PASSWORDS, made_with, place
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import Reading

ENDED = {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-02T11:59:00Z", "finishedAt": "2026-01-02T11:59:01Z"}
UNKNOWN = 'psql: error: connection to server at "pg", port 5432 failed: FATAL:  database "shopp" does not exist'
DENIED = 'psql: error: connection to server at "pg", port 5432 failed: FATAL:  password authentication failed'
HOST = {"name": "DB_HOST", "value": "pg"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (UNKNOWN, "shopp"),
        ('{"msg":"pq: database \\"shopp\\" does not exist"}', "shopp"),
        ("ERROR 1049 (42000): Unknown database 'shop-eu'", "shop-eu"),
        ('Cannot open database "Shop" requested by the login. The login failed.', "Shop"),
        ("Code: 81. DB::Exception: Database shopp does not exist. (UNKNOWN_DATABASE)", "shopp"),
        ('relation "orders" does not exist', ""),
        ("the database is not ready", ""),
    ],
)
def test_the_name_of_a_database_that_is_unknown(line: str, name: str) -> None:
    assert missing_database(line) == name


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ('FATAL:  database "shop\n" does not exist', "shop"),
        ('FATAL:  database "shop " does not exist', "shop"),
        ('{"msg":"pq: database \\"shop\\n\\" does not exist"}', "shop"),
        ("ERROR 1049 (42000): Unknown database 'shop\r\n'", "shop"),
        ('FATAL:  database "shop" does not exist\nnext', ""),
        ("Unknown database 'shop'\n'", ""),
        ("using database 'shop '", ""),
        ("ERROR: database shop does not exist", ""),
    ],
)
def test_the_name_of_a_database_that_something_ends(lines: str, name: str) -> None:
    assert cut_database(lines) == name


def test_a_line_break_after_the_name_is_told_and_where_it_is() -> None:
    line = UNKNOWN.replace('shopp"', 'shop\n"')
    found = said(line, [HOST, from_key("DB_URL", "secretKeyRef", "login", "dsn")], [], secret("login", "dsn"))
    assert (found["cause"]["class"], found["cause"]["object"]) == (52, "deployment/web")
    assert (
        "asks for a database whose name ends in a line break or a blank after `shop`, which the server does not have; "
        "the name is in the key `dsn` of the Secret `login` (`DB_URL`), whose value is not read"
    ) in found["cause"]["sentence"]
    assert 'database "shop\\n" does not exist' in found["evidence"][0]["text"]
    assert [row["changes"] for row in found["plan"]] == [False]


def test_a_line_break_after_the_name_in_a_config_map_is_taken_away() -> None:
    settings = thing("ConfigMap", "settings", data={"database": "shop\n"})
    env = [HOST, from_key("DB_NAME", "configMapKeyRef", "settings", "database")]
    found = said(UNKNOWN.replace('shopp"', 'shop\n"'), env, [], settings)
    assert found["plan"][0]["kubectl"].endswith(
        'patch configmap/settings --type=merge -p \'{"data":{"database":"shop"}}\''
    )


def secret(name: str, *keys: str) -> Json:
    made = thing("Secret", name)
    made["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": {f"f:{key}": {} for key in keys}}}]
    return made


def from_key(name: str, field: str, of: str, key: str, **more: Any) -> Json:
    return {"name": name, "valueFrom": {field: {"name": of, "key": key, **more}}}


def said(line: str, env: list[Json], server: list[Json], *others: Json, args: list[str] | None = None) -> Json:
    """What is said of a client whose log ends with this line, and of a server with these variables."""
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    pg, behind = deployment("pg"), pod("pg-1", {"app": "pg"})
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"] = [{"name": "app", "image": "app:1", "env": env, "args": args or []}]
    behind["spec"]["containers"][0]["env"] = server
    state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    status = {"name": "app", "ready": False, "restartCount": 3, "state": state, "lastState": {"terminated": ENDED}}
    one["status"]["containerStatuses"] = [status]
    offer = thing("Service", "pg", spec={"selector": {"app": "pg"}, "ports": [{"port": 5432}], "clusterIP": "10.0.0.2"})
    logs = {"shop/web-1/app/previous": f"{line}\n", "shop/web-1/app": f"{line}\n"}
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(web, one, pg, behind, offer, *others, logs=logs)).data
    return dict(data)


def test_the_variable_and_what_the_server_was_made_with() -> None:
    found = said(UNKNOWN, [HOST, {"name": "DB_NAME", "value": "shopp"}], [{"name": "POSTGRES_DB", "value": "shop"}])
    assert (found["cause"]["class"], found["cause"]["object"]) == (52, "deployment/web")
    assert (
        "container `app` asks for the database `shopp`, which `pg` does not have; the name is in the variable "
        "`DB_NAME`; `pg` was made with `POSTGRES_DB=shop`"
    ) in found["cause"]["sentence"]
    assert found["plan"][0]["kubectl"] == "kubectl -n shop set env deployment/web -c app DB_NAME=shop"


def test_what_databases_there_are_is_shown_by_the_server() -> None:
    """Only the line names the server, as its address is in a Secret."""
    env = [from_key("DB_URL", "secretKeyRef", "login", "dsn")]
    found = said(UNKNOWN, env, [{"name": "POSTGRES_USER", "value": "app"}], secret("login", "dsn"))
    assert "asks for the database `shopp`, which `pg` does not have" in found["cause"]["sentence"]
    (listed,) = found["alternatives"]
    assert not listed["changes"]
    assert listed["kubectl"] == (
        'kubectl -n shop exec pg-1 -c app -- sh -c \'PGPASSWORD="$POSTGRES_PASSWORD" '
        'psql -h 127.0.0.1 -U "${POSTGRES_USER:-postgres}" -d postgres -l\''
    )


def test_the_key_of_a_config_map() -> None:
    settings = thing("ConfigMap", "settings", data={"database": "shopp"})
    env = [HOST, from_key("DB_NAME", "configMapKeyRef", "settings", "database")]
    found = said(UNKNOWN, env, [{"name": "POSTGRES_DB", "value": "shop"}], settings)
    assert "the name is in the key `database` of the ConfigMap `settings` (`DB_NAME`)" in found["cause"]["sentence"]
    patch = 'kubectl -n shop patch configmap/settings --type=merge -p \'{"data":{"database":"shop"}}\''
    assert [row["kubectl"] for row in found["plan"]] == [patch, "kubectl -n shop rollout restart deployment/web"]


def test_the_key_of_a_secret_is_named_and_not_written() -> None:
    env = [HOST, from_key("DB_NAME", "secretKeyRef", "login", "name")]
    found = said(UNKNOWN, env, [{"name": "POSTGRES_DB", "value": "shop"}], secret("login", "name"))
    assert "the key `name` of the Secret `login` (`DB_NAME`), whose value is not read" in found["cause"]["sentence"]
    assert not any(row["changes"] for row in [*found["plan"], *found["alternatives"]])


def test_another_database_of_a_shared_server_is_first_looked_at() -> None:
    env = [HOST, {"name": "DB_NAME", "value": "shopp"}]
    found = said(UNKNOWN, env, [{"name": "POSTGRES_DB", "value": "billing"}])
    assert [row["changes"] for row in found["plan"]] == [False]
    assert [row["kubectl"].split()[-1] for row in found["alternatives"]] == ["DB_NAME=billing", "-l'"]


def test_a_server_that_was_made_before_its_variable() -> None:
    env = [{"name": "DATABASE_URL", "value": "postgres://pg:5432/shopp?sslmode=off"}]
    found = said(UNKNOWN, env, [{"name": "POSTGRES_DB", "value": "shopp"}])
    assert "the name is in the variable `DATABASE_URL`" in found["cause"]["sentence"]
    assert "which makes it only where the data folder is empty" in found["cause"]["sentence"]
    assert not any(row["changes"] for row in [*found["plan"], *found["alternatives"]])


def test_a_password_in_a_url_is_not_written_out() -> None:
    env = [{"name": "DATABASE_URL", "value": "postgres://app:hunter2@pg:5432/shopp"}]
    found = said(UNKNOWN, env, [{"name": "POSTGRES_DB", "value": "shop"}])
    assert found["cause"]["class"] == 52
    assert "hunter2" not in str(found["cause"]) + str(found["plan"]) + str(found["alternatives"])


def test_a_name_on_the_command_line_and_one_nowhere() -> None:
    assert "its command line names it" in said(UNKNOWN, [HOST], [], args=["-d", "shopp"])["cause"]["sentence"]
    assert said(UNKNOWN, [{"name": "LEVEL", "value": "info"}], [])["cause"]["class"] == 57


def test_a_server_complains_of_its_clients() -> None:
    assert said(UNKNOWN, [{"name": "POSTGRES_DB", "value": "shopp"}], [])["cause"]["class"] == 57


PASSWORD = from_key("DB_PASSWORD", "secretKeyRef", "web-login", "password")
OWN = from_key("POSTGRES_PASSWORD", "secretKeyRef", "pg-login", "postgres-password")


def test_the_password_that_the_server_was_made_with() -> None:
    secrets = [secret("web-login", "password"), secret("pg-login", "postgres-password")]
    found = said(DENIED, [HOST, PASSWORD], [OWN], *secrets)
    sentence = found["cause"]["sentence"]
    assert found["cause"]["class"] == 55
    assert "comes from the key `password` of the Secret `web-login`" in sentence
    assert "`pg` was made with the key `postgres-password` of the Secret `pg-login` (`POSTGRES_PASSWORD`)" in sentence
    assert [row["changes"] for row in found["plan"]] == [False, False]
    (instead,) = found["alternatives"]
    assert '{"secretKeyRef":{"name":"pg-login","key":"postgres-password"}}' in instead["kubectl"]


def test_both_sides_of_the_same_key() -> None:
    own = from_key("POSTGRES_PASSWORD", "secretKeyRef", "web-login", "password")
    found = said(DENIED, [HOST, PASSWORD], [own], secret("web-login", "password"))
    assert "`pg` was made with the same key" in found["cause"]["sentence"]
    assert found["alternatives"] == []


def test_the_password_of_root_is_no_other_users() -> None:
    own = from_key("MYSQL_ROOT_PASSWORD", "secretKeyRef", "pg-login", "root")
    secrets = [secret("web-login", "password"), secret("pg-login", "root")]
    for user, told in (("root", True), ("app", False)):
        line = f"ERROR 1045 (28000): Access denied for user '{user}'@'10.0.0.9' (using password: YES)"
        sentence = said(line, [HOST, PASSWORD], [own], *secrets)["cause"]["sentence"]
        assert ("MYSQL_ROOT_PASSWORD" in sentence) is told


def test_a_password_that_the_server_reads_from_a_file() -> None:
    server = pod("pg-1", {"app": "pg"})
    server["spec"]["volumes"] = [{"name": "v", "secret": {"secretName": "pg-login"}}]
    server["spec"]["containers"][0] |= {
        "env": [{"name": "POSTGRES_PASSWORD_FILE", "value": "/run/pg/word"}],
        "volumeMounts": [{"name": "v", "mountPath": "/run/pg"}],
    }
    offer = thing("Service", "pg", spec={"selector": {"app": "pg"}})
    reading = Reading(deployment("web"), server, offer, secret("pg-login", "word"))
    found = reading.see(lambda case: made_with(case, Ref("Service", "shop", "pg"), PASSWORDS))
    assert found is not None
    assert place(found) == "the key `word` of the Secret `pg-login` (`POSTGRES_PASSWORD_FILE`)"
