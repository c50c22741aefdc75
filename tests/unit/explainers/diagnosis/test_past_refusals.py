"""Refusals by the API server and by what is called, that are past or end with new pods."""

from typing import Any

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.diagnosis.rules.complaints import only_errors
from explainers.diagnosis.views.grants import refused_in
from explainers.operations.access import account_review
from tests.unit.clusters import Json, cluster, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import Reading, well

FORBIDDEN = (
    'ERROR configmaps is forbidden: User "system:serviceaccount:shop:web" cannot list resource "configmaps" in API'
    ' group "" in the namespace "shop"'
)
TURNED_DOWN = "ERROR could not reach session 6379: WRONGPASS invalid username-password pair or user is disabled."


@pytest.mark.parametrize("allowed", [True, False])
def test_a_refusal_that_a_review_does_not_confirm_is_not_noted(allowed: bool) -> None:
    objects, wanted = well(1), refused_in(FORBIDDEN)
    assert wanted is not None
    review = account_review(wanted.permission, wanted.namespace, wanted.account).line()
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = {"containers": [{"name": "app"}]}
    reading = Reading()
    reading.inner = cluster(
        *objects,
        logs={f"shop/{objects[1]['metadata']['name']}/app": f"{FORBIDDEN}\n" * 4},
        asked={review: {"status": 201, "body": {"status": {"allowed": allowed}}}},
    )
    assert bool(reading.see(lambda case: [*only_errors(case)])) is not allowed


def session(variable: str) -> tuple[Json, ...]:
    """A server that has its password from the Secret `auth` in this variable, since before that was changed."""
    env = [{"name": variable, "valueFrom": {"secretKeyRef": {"name": "auth", "key": "password"}}}]
    server, behind = deployment("session"), pod("session-1", {"app": "session"})
    for spec in (server["spec"]["template"]["spec"], behind["spec"]):
        spec["containers"] = [{"name": "server", "image": "store:1", "env": env}]
    running = {"running": {"startedAt": "2026-01-02T10:00:00Z"}}
    behind["status"]["containerStatuses"] = [{"name": "server", "ready": True, "restartCount": 0, "state": running}]
    offer = thing("Service", "session", spec={"selector": {"app": "session"}, "ports": [{"port": 6379}]})
    secret = thing("Secret", "auth", data={"password": "(9 characters)"})
    written = {"time": "2026-01-02T11:50:00Z", "fieldsV1": {"f:data": {"f:password": {}}}}
    secret["metadata"] |= {"creationTimestamp": "2026-01-01T10:00:00Z", "managedFields": [written]}
    return server, behind, offer, secret


@pytest.mark.parametrize(("variable", "again"), [("PW", True), ("POSTGRES_PASSWORD", False)])
def test_a_server_that_reads_the_same_password_is_started_anew(variable: str, again: bool) -> None:
    """Not one that takes it only when its data are made."""
    web, one = deployment("web"), pod("web-1", {"app": "web"})
    source = {"secretKeyRef": {"name": "auth", "key": "password"}}
    env = [{"name": "DEP", "value": "session:6379"}, {"name": "PASSWORD", "valueFrom": source}]
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"] = [{"name": "app", "image": "app:1", "env": env}]
    running = {"running": {"startedAt": "2026-01-02T11:55:00Z"}}
    one["status"]["containerStatuses"] = [{"name": "app", "ready": True, "restartCount": 0, "state": running}]
    log = "".join(f"2026-01-02T11:59:{second}Z {TURNED_DOWN}\n" for second in range(40, 60, 3))
    made = services(web, one, *session(variable), logs={"shop/web-1/app": log})
    data: Any = diagnose(Request("diagnose", "deployment/web", Actor("test"), namespace="shop"), made).data
    assert data["cause"]["class"] == 55
    restarts = [step["kubectl"] for step in data["plan"] if step["changes"]]
    assert restarts == (["kubectl -n shop rollout restart deployment/session"] if again else [])
