"""Logins that a server refuses by rules of its own, which no password changes."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import deployment, pod, services, thing

Json = dict[str, Any]
SAID = (
    'connection to server at "postgres", port 5432 failed: FATAL:  no pg_hba.conf entry for host "10.0.0.9", '
    'user "app", database "shop"'
)


def cause(line: str) -> tuple[Json, list[Json]]:
    web, one = deployment("web"), pod("web-1", {"app": "web"})
    env = [{"name": "DB_HOST", "value": "postgres"}, {"name": "DB_PASSWORD", "value": "x"}]
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"][0]["env"] = env
    offer = thing("Service", "postgres", spec={"selector": {"app": "postgres"}, "ports": [{"port": 5432}]})
    log = "".join(f"2026-01-02T11:59:{second}Z {line}\n" for second in range(40, 60, 3))
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(web, one, offer, logs={"shop/web-1/app": log})).data
    return data["cause"], data["plan"]


REJECTED = SAID.replace("no pg_hba.conf entry", "pg_hba.conf rejects connection")


@pytest.mark.parametrize(
    ("line", "tls"),
    [
        (f"{SAID}, no encryption", True),
        (f"{SAID}, SSL off", True),
        (f"{SAID}, SSL encryption", False),
        (f"{REJECTED}, no encryption", True),
    ],
)
def test_a_rule_of_the_server_is_no_matter_of_passwords(line: str, tls: bool) -> None:
    found, plan = cause(line)
    assert (found["class"], found["confidence"], "DB_PASSWORD" in found["sentence"]) == (55, "likely", False)
    assert "refuses it by its own rules, not for its password: its `pg_hba.conf` admits no client" in found["sentence"]
    assert ("sslmode=require" in found["sentence"], "sslmode=require" in plan[0]["why"]) == (tls, tls)


TURNED_DOWN = 'FATAL: password authentication failed for user "app" at "postgres" port 5432'


def of_a_job(*, failed: bool, scheduled: bool = False) -> Json:
    """What is said of a Job whose only pod ended with a login that was turned down; both sides have one Secret."""
    owner = [{"kind": "CronJob", "name": "nightly", "controller": True, "uid": "u"}] if scheduled else []
    labels = {"job-name": "report"}
    env = [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "db", "key": "DSN"}}}]
    own = [{"name": "POSTGRES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "PASSWORD"}}}]
    container = {"name": "app", "image": "psql", "env": [*env, {"name": "PGHOST", "value": "postgres"}]}
    conditions = [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}] if failed else []
    job = thing("Job", "report", spec={"selector": {"matchLabels": labels}, "backoffLimit": 1})
    job["spec"]["template"] = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    job["metadata"]["ownerReferences"] = owner
    job["status"] = {"failed": 1, "conditions": conditions}
    one = pod("report-1", labels, ready=False)
    one["status"]["phase"] = "Failed"
    one["spec"]["containers"] = [container]
    one["metadata"]["creationTimestamp"] = "2026-01-02T11:59:00Z"
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "report", "controller": True, "uid": "j"}]
    end = {"exitCode": 2, "reason": "Error", "finishedAt": "2026-01-02T11:59:10Z"}
    one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "state": {"terminated": end}}]
    secret = thing("Secret", "db", data={"DSN": "(9 characters)", "PASSWORD": "(9 characters)"})
    keys: Json = {"f:data": {"f:DSN": {}, "f:PASSWORD": {}}}
    secret["metadata"]["managedFields"] = [{"time": "2026-01-02T10:00:00Z", "fieldsV1": keys}]
    secret["metadata"]["creationTimestamp"] = "2026-01-01T10:00:00Z"
    server, behind = deployment("postgres"), pod("postgres-1", {"app": "postgres"})
    for spec in (server["spec"]["template"]["spec"], behind["spec"]):
        spec["containers"] = [{"name": "pg", "image": "postgres:16", "env": own}]
    offer = thing("Service", "postgres", spec={"selector": {"app": "postgres"}, "ports": [{"port": 5432}]})
    nightly = [thing("CronJob", "nightly", spec={"schedule": "@daily"})] if scheduled else []
    made = services(job, one, secret, server, behind, offer, *nightly, logs={"shop/report-1/app": TURNED_DOWN})
    data: Any = diagnose(Request("diagnose", "job/report", Actor("test"), namespace="shop"), made).data
    found: Json = data
    return found


def test_of_a_job_that_ended_it_is_told_as_past_and_each_look_once() -> None:
    found = of_a_job(failed=True)
    assert found["cause"]["class"] == 55
    assert "`postgres` turned its login down; the password that it sent" in found["cause"]["sentence"]
    assert found["cause"]["since"] == "2026-01-02T11:59:00+00:00", "not the Secret's last write, long before"
    (look,) = found["plan"]
    assert look["why"].endswith("`POSTGRES_PASSWORD` of what is called is there, too")
    assert [one["kubectl"] for one in found["alternatives"] if "delete job" in one["kubectl"]]


def test_a_job_that_still_tries_or_is_scheduled_is_not_deleted() -> None:
    for found in (of_a_job(failed=False), of_a_job(failed=True, scheduled=True)):
        assert not any("delete" in one["kubectl"] for one in found["alternatives"])


@pytest.mark.parametrize(("started", "told"), [("11:58:00", True), ("11:59:59", False)])
def test_what_pods_said_that_are_gone_counts_no_more(started: str, told: bool) -> None:
    one, server = pod("web-1", {"app": "web"}, ready=False), pod("postgres-1", {"app": "postgres"})
    env = [{"name": "DB_HOST", "value": "postgres"}, {"name": "DB_PASSWORD", "value": "x"}]
    web = deployment("web")
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"][0]["env"] = env
    for each, since in ((one, "11:50:00"), (server, started)):
        each["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": f"2026-01-02T{since}Z"}}
    offer = thing("Service", "postgres", spec={"selector": {"app": "postgres"}, "ports": [{"port": 5432}]})
    log = "".join(f"2026-01-02T11:59:{second}Z {TURNED_DOWN}\n" for second in range(40, 59, 3))
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data: Any = diagnose(request, services(web, one, server, offer, logs={"shop/web-1/app": log})).data
    assert ("turns its login down" in data["headline"]) is told
