"""The names of a StatefulSet's pods: under which Service they are, and when."""

import json
from typing import Any

import pytest

from explainers.diagnosis.health import health
from explainers.diagnosis.rules.addresses import names_no_service
from explainers.diagnosis.rules.dependencies import lower_dependency
from explainers.diagnosis.rules.full_names import names_no_pod
from explainers.diagnosis.rules.stable_names import misspelt_governor, named_too_late, no_governing_service
from explainers.kinds import Ref
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_calls_that_fail import called, caller
from tests.unit.explainers.diagnosis.test_owners_and_logins import BACK_OFF, ENDED

GAIERROR = "socket.gaierror: [Errno -2] Name or service not known"
SET = Ref("StatefulSet", "shop", "db")


def stateful(name: str, service: str, ready: int, env: str = "") -> Json:
    made = {**deployment(name, ready=ready), "kind": "StatefulSet"}
    made["spec"]["serviceName"] = service
    made["spec"]["template"]["spec"]["containers"][0] |= {"env": [{"name": "PEERS", "value": env}]} if env else {}
    return made


def crashing(name: str, owner: Json) -> Json:
    one = pod(name, {"app": owner["metadata"]["name"]}, ready=False)
    one["metadata"]["ownerReferences"] = [
        {"kind": owner["kind"], "name": owner["metadata"]["name"], "controller": True}
    ]
    state = {"ready": False, "restartCount": 3, "state": BACK_OFF, "lastState": {"terminated": ENDED}}
    one["status"]["containerStatuses"][0] |= state
    return one


def headless(name: str, app: str, **spec: Any) -> Json:
    return thing("Service", name, spec={"clusterIP": "None", "selector": {"app": app}, "ports": [], **spec})


def made(plan: Plan) -> Json:
    """The Service that the first step of a plan makes."""
    body = json.loads(plan.steps[0].operation.line().partition("<<'EOF'\n")[2].removesuffix("\nEOF"))
    assert body["kind"] == "Service"
    assert isinstance(body["spec"], dict)
    return body["spec"]


def test_a_pod_of_another_set_has_no_name_under_just_any_service() -> None:
    others = [stateful("db", "db", 1), *called("db-headless", 6379, address="None")]
    reading = caller("lookup db-0.db-headless: no such host", *others, env="db-0.db-headless:6379")
    (found,) = reading.see(lambda case: [*names_no_pod(case)])
    assert "StatefulSet `db` gives its pods names under `db` (its `serviceName`), a service that does" in found.clause
    assert made(found.plan)["clusterIP"] == "None"
    assert "publishNotReadyAddresses" not in made(found.plan)
    assert found.plan.steps[-1].operation.line().endswith("UPSTREAM=db-0.db:6379")


def test_that_the_governing_service_is_absent_is_told_beside_healthy() -> None:
    reading = Reading(stateful("db", "db", 1), pod("db-0", {"app": "db"}), headless("other", "x"))
    rows = reading.see(health, SET).evidence
    assert any("serviceName db: no service has that name" in row.text for row in rows)
    there = Reading(stateful("db", "db", 1), pod("db-0", {"app": "db"}), headless("db", "x"))
    assert not any("serviceName" in row.text for row in there.see(health, SET).evidence)


def test_the_service_of_a_set_is_made_headless_and_its_pods_are_not_said_to_run() -> None:
    reading = caller("lookup db-0.hl: no such host", stateful("db", "hl", 0), env="db-0.hl:6379")
    (found,) = reading.see(lambda case: [*names_no_service(case)])
    assert "no pod that is ready" in found.clause
    assert not any("listens" in row.text for row in found.evidence)
    assert made(found.plan)["clusterIP"] == "None"


@pytest.mark.parametrize("address", ["None", "10.1.0.7"])
def test_the_name_of_a_pod_leads_to_the_pod_that_is_not_ready(address: str) -> None:
    db = stateful("db", "hl", 0)
    service, piece, *_ = called("hl", 6379, address=address)
    service["spec"]["selector"] = {"app": "db"}
    piece["endpoints"] = [{"addresses": ["10.0.0.9"], "hostname": "db-0", "conditions": {"ready": False}}]
    reading = caller("lookup db-0.hl: no such host", db, crashing("db-0", db), service, piece, env="db-0.hl:6379")
    (found,) = reading.see(lambda case: [*lower_dependency(case)])
    assert found.number == 74
    assert "`hl` is down" in found.clause


def test_peers_are_named_before_they_are_ready() -> None:
    node = stateful("node", "peers", 0, "node-0.peers,node-1.peers")
    reading = Reading(node, crashing("node-0", node), headless("peer", "node"))
    (found,) = reading.see(lambda case: [*no_governing_service(case)], Ref("StatefulSet", "shop", "node"))
    assert made(found.plan)["publishNotReadyAddresses"] is True


@pytest.mark.parametrize(
    ("log", "env", "spec", "sure"),
    [
        (GAIERROR, "node-0.peers,node-1.peers", {}, "likely"),
        ("lookup node-0.peers: no such host", "", {}, "sure"),
        (GAIERROR, "node-0.peers", {"publishNotReadyAddresses": True}, ""),
        (GAIERROR, "node-0.peers", {"clusterIP": "10.1.0.7"}, ""),
        ("lookup node-7.peers: no such host", "", {}, ""),
        (GAIERROR, "", {}, ""),
        ("connect node-0.peers:7000: connection refused", "", {}, ""),
    ],
)
def test_a_name_that_is_looked_up_before_its_pod_is_ready(log: str, env: str, spec: Json, sure: str) -> None:
    node = stateful("node", "peers", 0, env)
    logs = {f"shop/node-0/app{which}": log for which in ("", "/previous")}
    reading = Reading(node, crashing("node-0", node), headless("peers", "node", **spec), logs=logs)
    found = reading.see(lambda case: [*named_too_late(case)], Ref("StatefulSet", "shop", "node"))
    assert [one.confidence.value for one in found] == ([sure] if sure else [])
    if sure:
        assert '{"spec":{"publishNotReadyAddresses":true}}' in found[0].plan.steps[0].operation.line()


def misspelt(secret: bool = False, ready: int = 1) -> Json:
    made = stateful("db", "db-headles", ready)
    made["spec"]["template"]["spec"]["dnsPolicy"] = "ClusterFirst"
    container = made["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "API_TOKEN", "value": "s3cr3t-value"}] if secret else []
    claim = {"metadata": {"name": "data"}, "spec": {"volumeMode": "Filesystem"}, "status": {"phase": "Pending"}}
    made["spec"]["volumeClaimTemplates"] = [claim]
    return made


@pytest.mark.parametrize("secret", [False, True])
def test_a_set_whose_service_is_misspelt_is_made_again_under_the_right_one(secret: bool) -> None:
    others = [misspelt(secret=secret), headless("db-headless", "db")]
    reading = caller("lookup db-0.db-headless: no such host", *others, env="db-0.db-headless:6379")
    (found,) = reading.see(lambda case: [*names_no_pod(case)])
    assert found.clause.endswith("`db-headless` selects its pods and is probably meant there")
    lines = [step.operation.line() for step in found.plan.steps]
    if secret:
        assert [line.split(" ")[3] for line in lines] == ["get", "delete"]
        return
    gone, again, renewed = lines
    assert gone.endswith("delete statefulset db --cascade=orphan")
    body = json.loads(again.partition("<<'EOF'\n")[2].removesuffix("\nEOF"))
    assert body["spec"]["serviceName"] == "db-headless"
    assert body["spec"]["volumeClaimTemplates"] == [{"metadata": {"name": "data"}, "spec": {}}]
    assert "ClusterFirst" not in again
    assert renewed.endswith("rollout restart statefulset/db")
    assert " create -f" in found.plan.alternatives[0].operation.line()


@pytest.mark.parametrize("called_by", ["db-0.db-headless:6379", "db-headless:6379", ""])
def test_a_set_whose_service_is_misspelt_is_at_fault_where_a_pod_of_it_is_called(called_by: str) -> None:
    api = deployment("api")
    api["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB", "value": called_by}]
    reading = Reading(misspelt(), headless("db-headless", "db"), api, pod("db-0", {"app": "db"}))
    (found,) = reading.see(lambda case: [*misspelt_governor(case)], SET)
    fault = called_by.startswith("db-0")
    assert (found.number, found.benign, bool(found.plan.steps)) == (15, not fault, fault)
    assert "`db-headless`, which selects its pods, is probably meant" in found.clause
    assert ("Deployment `api` is told to call that" in found.clause) is fault


@pytest.mark.parametrize("there", [headless("db-headless", "x"), headless("peers", "db"), headless("db-headles", "db")])
def test_no_other_service_is_meant_that_selects_others_or_is_named_otherwise(there: Json) -> None:
    assert not Reading(misspelt(), there).see(lambda case: [*misspelt_governor(case)], SET)


@pytest.mark.parametrize("kept", [True, False])
def test_where_none_is_ready_a_set_is_made_again_with_its_pods(kept: bool) -> None:
    down = misspelt(ready=0)
    if not kept:
        down["spec"]["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Delete"}
    others = [down, headless("db-headless", "db")]
    reading = caller("lookup db-0.db-headless: no such host", *others, env="db-0.db-headless:6379")
    (found,) = reading.see(lambda case: [*names_no_pod(case)])
    gone, again, *rest = [step.operation.line() for step in found.plan.steps]
    assert gone.endswith("delete statefulset db" if kept else "delete statefulset db --cascade=orphan")
    assert " create -f" in again
    assert [line.partition(" shop ")[2] for line in rest] == ([] if kept else ["delete pod db-0"])
