"""What a crash says of a setting is found in the mounted files; a server that speaks no TLS; another working folder."""

import json
from typing import Any

import pytest

from explainers.diagnosis.logs.settings import finds_no_host, line_told, missed_key, refused_values, speaks_of_syntax
from explainers.diagnosis.views.syntax import mistake
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.reading import service
from tests.unit.explainers.diagnosis.test_corrected_templates import verdict as diagnosed
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED, made, verdict
from tests.unit.explainers.diagnosis.test_runs_that_fail import OVER

INI = "[broker]\nhost = redis\nqueues = jobs\n[worker]\nblock = 5000ms\n"
NOT_A_NUMBER = "ValueError: invalid literal for int() with base 10: '5000ms'"
NO_NAME = "socket.gaierror: [Errno -2] Name or service not known"
NO_SSL = "server does not support SSL, but SSL was required"
PSQL = f'psql: error: connection to server at "db" (10.1.0.9), port 5432 failed: {NO_SSL}'
WRONG_VERSION = "curl: (35) OpenSSL/3.0.20: error:0A00010B:SSL routines::wrong version number"
NO_COLUMN = 'psql:/conf/a.sql:2: ERROR: column "totals" does not exist'


def mounting(data: Json, fields: Json | None = None, at: str = "/conf") -> tuple[Json, Json, Json]:
    """The fields of a container and of its pod, and the ConfigMap that it mounts."""
    container = {"volumeMounts": [{"name": "c", "mountPath": at}], **(fields or {})}
    return container, {"volumes": [{"name": "c", "configMap": {"name": "conf"}}]}, thing("ConfigMap", "conf", data=data)


def crash(data: Json, log: str, *objects: Json, fields: Json | None = None, last: Json | None = None) -> Json:
    container, spec, settings = mounting(data, fields)
    return verdict(*made(container, BACK_OFF, last or ENDED, **spec), settings, *objects, log=log)


def failed_job(data: Json, log: str, *objects: Json, env: Any = ()) -> Json:
    """What is said of a Job `load` that has failed for good."""
    container, more, settings = mounting(data, {"name": "app", "image": "app:1", "env": list(env)})
    spec = {"containers": [container], "restartPolicy": "Never", **more}
    job = thing("Job", "load", spec={"selector": {"matchLabels": {"run": "load"}}, "template": {"spec": spec}})
    job["status"] = {"failed": 2, "conditions": OVER}
    one = pod("load-1", {"run": "load"}, ready=False)
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "load", "controller": True}]
    one["spec"] |= spec
    one["status"]["phase"] = "Failed"
    end = {"terminated": {"exitCode": 3, "reason": "Error", "finishedAt": "2026-01-02T11:59:20Z"}}
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": end}]
    return diagnosed("job/load", job, one, settings, *objects, logs={"shop/load-1/app": log})


def texts(said: Json) -> list[str]:
    return [row["text"] for row in said["evidence"]]


def test_a_value_that_stands_once_is_found() -> None:
    said = crash({"a.ini": INI}, NOT_A_NUMBER)
    assert "`5000ms` stands in line 5 of `/conf/a.ini` (the key `a.ini` of the ConfigMap `conf`)" in said["headline"]
    assert "a.ini, line 5: block = 5000ms" in texts(said)
    assert "get configmap conf" in said["plan"][0]["kubectl"]


@pytest.mark.parametrize(
    ("data", "env"),
    [
        ({"a.ini": INI + "other = 5000ms\n"}, []),
        ({"a.ini": INI, "b.py": "block = '5000ms'"}, []),
        ({"b.py": "block = '5000ms'"}, []),
        ({"a.ini": INI}, [{"name": "BLOCK_FOR", "value": "[5000ms]"}]),
        ({"a.ini": "note = not 5000ms please\n"}, []),
    ],
    ids=["twice", "in a program too", "in a program", "in a variable", "in a sentence"],
)
def test_a_value_that_may_come_from_elsewhere_is_not(data: Json, env: list[Json]) -> None:
    assert "stands in line" not in crash(data, NOT_A_NUMBER, fields={"env": env})["headline"]


def test_a_near_key_is_named() -> None:
    said = crash({"a.ini": INI}, "KeyError: 'queue'")
    assert said["cause"]["confidence"] == "likely"
    assert "sets `queues`, and nothing there sets `queue`" in said["headline"]
    assert "\\nqueue = jobs" in said["plan"][0]["kubectl"]
    assert said["plan"][0]["changes"]


@pytest.mark.parametrize("text", [INI + "queue = a\n", "[broker]\nhost = redis\n"], ids=["is there", "none is near"])
def test_no_key_is_named_where_none_is_meant(text: str) -> None:
    assert "nothing there sets" not in crash({"a.ini": text}, "KeyError: 'queue'")["headline"]


def test_a_file_with_a_credential_is_corrected_by_hand() -> None:
    said = crash({"a.ini": INI + "password = Tulip-77\n"}, "KeyError: 'queue'")
    assert "Tulip" not in json.dumps(said)
    assert not said["plan"][0]["changes"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.ini", "[broker]\nhost = redis ; the broker\n", True),
        ("a.properties", "broker.host=redis # the broker\n", True),
        ("a.yaml", "host: redis # the broker\n", False),
        ("a.ini", "[broker]\nhost = rabbit ; the broker\n", False),
    ],
)
def test_a_comment_behind_a_host(name: str, text: str, told: bool) -> None:
    said = crash({name: text}, NO_NAME, *service(name="redis"))
    assert ("is no host name; `redis` is a service here" in said["headline"]) is told
    assert (said["cause"]["confidence"] == "likely" and said["plan"][0]["changes"]) is told


BROKEN = '{\n  "source": "a"\n  "shards": 2\n}\n'


def test_a_text_that_is_not_valid_and_the_job_again_once_it_is() -> None:
    said = failed_job({"s.json": BROKEN}, "parse error: Expected separator between values at line 3, column 10")
    assert said["cause"]["confidence"] == "sure"
    assert "is no valid JSON at line 3: Expecting ',' delimiter" in said["headline"]
    assert ["get configmap conf" in row["kubectl"] for row in said["plan"]] == [True]
    assert "once it is corrected" in said["alternatives"][0]["why"]


def test_a_line_of_a_mounted_file_is_shown() -> None:
    said = failed_job({"a.sql": "CREATE TABLE a (total int);\nCREATE INDEX b ON a (totals);\n"}, NO_COLUMN)
    assert "`/conf/a.sql` is the key `a.sql` of the ConfigMap `conf`" in said["headline"]
    assert "a.sql, line 2: CREATE INDEX b ON a (totals);" in texts(said)
    assert not any("spec to correct" in row["why"] for row in said["plan"])


def test_a_line_with_a_credential_is_not_shown() -> None:
    said = failed_job({"a.sql": "BEGIN;\nSELECT connect('password=Tulip-77');\n"}, NO_COLUMN)
    assert "Tulip" not in json.dumps(said)


def test_the_container_whose_mistake_is_found_goes_first() -> None:
    container, spec, settings = mounting({"default.conf": "server {\n}}\n"}, at="/etc/nginx/conf.d")
    objects = made(container, BACK_OFF, ENDED, **spec)
    agent = {"name": "agent", "ready": False, "restartCount": 4, "state": BACK_OFF, "lastState": {"terminated": ENDED}}
    objects[1]["spec"]["containers"] = [{"name": "agent", "image": "b:1"}, *objects[1]["spec"]["containers"]]
    objects[1]["status"]["containerStatuses"].insert(0, agent)
    logs = {
        "shop/web-1/app/previous": '[emerg] 1#1: unexpected "}" in /etc/nginx/conf.d/default.conf:2',
        "shop/web-1/agent/previous": "agent: cannot find the master process",
    }
    said = diagnosed("deployment/web", *objects, settings, logs=logs)
    assert "container `app` crashes" in said["headline"]
    assert any("container `agent` crashes" in one["sentence"] for one in said["consequences"])


@pytest.mark.parametrize(("url", "told"), [("https://feed:8000/a", True), ("https://elsewhere.example/a", False)])
def test_https_in_a_mounted_file(url: str, told: bool) -> None:
    said = failed_job({"s.json": json.dumps({"source": url}, indent=1)}, WRONG_VERSION, *service(name="feed"))
    assert (said["cause"]["class"] == 11) is told
    if told:
        assert "has it call `feed:8000` by HTTPS" in said["headline"]
        assert "http://feed:8000/a" in said["plan"][0]["kubectl"]
        assert any("delete job load" in row["kubectl"] for row in said["plan"])


@pytest.mark.parametrize(
    ("variable", "value", "patched"),
    [
        ("PGSSLMODE", "require", "prefer"),
        ("DB_URL", "postgres://db/a?sslmode=verify-full", "postgres://db/a?sslmode=prefer"),
        ("DB_URL", "postgres://app:Tulip@db/a?sslmode=require", ""),
    ],
)
def test_a_client_that_insists_on_tls(variable: str, value: str, patched: str) -> None:
    said = crash({}, PSQL, fields={"env": [{"name": variable, "value": value}]})
    assert said["cause"]["class"] == 11
    assert f"`{variable}` (" in said["headline"]
    assert "and the server `db` speaks none" in said["headline"]
    assert not said["plan"][0]["changes"]
    lines = [row["kubectl"] for row in said["alternatives"]]
    assert [patched in line for line in lines] == ([True] if patched else [])
    assert "Tulip" not in json.dumps(said)


def test_a_job_that_insists_on_tls_is_made_again() -> None:
    said = failed_job({}, PSQL, env=[{"name": "PGSSLMODE", "value": "require"}])
    assert ['"prefer"' in row["kubectl"] for row in said["alternatives"]] == [False, True]


def test_a_client_that_does_not_insist_is_not_blamed() -> None:
    assert crash({}, PSQL, fields={"env": [{"name": "PGSSLMODE", "value": "prefer"}]})["cause"]["class"] != 11


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"command": ["python3"], "args": ["run.py"], "workingDir": "/srv"}, True),
        ({"command": ["python3", "run.py"]}, True),
        ({"command": ["run.py"], "workingDir": "/srv"}, False),
        ({"command": ["python3", "/srv/run.py"], "workingDir": "/srv"}, False),
    ],
    ids=["beside", "the image's own", "by PATH", "absolute"],
)
def test_a_file_in_another_folder_than_the_working_one(fields: Json, told: bool) -> None:
    container, spec, settings = mounting({"run.py": "1"}, fields, at="/srv/app")
    log = "python3: can't open file '/srv/run.py': [Errno 2] No such file or directory"
    said = verdict(*made(container, BACK_OFF, {**ENDED, "exitCode": 2}, **spec), settings, log=log)
    assert ('"workingDir":"/srv/app"' in said["plan"][0]["kubectl"]) is told
    assert ("the volume `c` has it at `/srv/app/run.py`" in said["headline"]) is told


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.json", '{"a": 1,\n}', 2), ("a.json", '{"a": 1}', None), ("a.toml", "a = 1\nb = \n", 2),
        ("a.yaml", "a: 1\nb: c: d\n", 2), ("a.yaml", "a: !own 1\n---\nb: 2\n", None), ("a.ini", "[a]\nb = 1\nc\n", 3),
        ("a.ini", "a = 1\n", None), ("a.conf", "}{", None),
    ],
)  # fmt: skip
def test_where_a_text_is_not_valid(name: str, text: str, line: int | None) -> None:
    found = mistake(name, text)
    assert (found.line if found else None) == line


def test_what_is_said_of_settings() -> None:
    assert speaks_of_syntax("yaml: line 3: mapping values are not allowed in this context")
    assert (line_told("at line 3, column 10"), line_told("nothing")) == (3, 0)
    assert refused_values('strconv.Atoi: parsing "5000ms": invalid syntax') == ["5000ms"]
    assert refused_values("connected to 'redis'") == []
    assert missed_key("configparser.NoOptionError: No option 'queue' in section: 'broker'") == "queue"
    assert missed_key("jsonschema: 'queue' is a required property") == "queue"
    assert missed_key("queue is empty") == ""
    assert finds_no_host("getaddrinfo ENOTFOUND redis ; broker")
