"""Values of variables that have a reference in them as written: who is blamed, and what mends it."""

import json
from typing import Any

import pytest

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.expansions import put_in
from explainers.diagnosis.views.as_written import as_written
from explainers.diagnosis.views.endings import Ending
from explainers.operations.patches import Patch
from explainers.plan import Plan
from tests.unit.clusters import Json, deployment, thing
from tests.unit.explainers.diagnosis.reading import WEB, Reading
from tests.unit.explainers.diagnosis.test_owners_and_logins import crashed, made, verdict

HOST: Json = {"name": "DB_HOST", "value": "db"}
PORT: Json = {"name": "DB_PORT", "value": "5432"}
BROUGHT = [{"configMapRef": {"name": "env"}}]
UNREAD = "ValueError: Port could not be cast to integer value as '{}'"
RUNS: Json = {"running": {"startedAt": "2026-01-02T11:50:00Z"}}


def url(value: str) -> Json:
    return {"name": "DB_URL", "value": value}


def operations(said: Json) -> Any:
    """The JSON patch that comes first."""
    return json.loads(said["plan"][0]["kubectl"].partition(" -p ")[2].strip("'"))


@pytest.mark.parametrize(
    ("env", "brought", "found"),
    [
        ([HOST, url("pg://$(DB_HOST)/x")], {}, []),
        ([url("pg://$(DB_HOST)/x"), HOST], {}, [("$(DB_HOST)", True, "$(DB_HOST)")]),
        ([url("pg://$(DB_HOST)/x"), HOST], {"DB_HOST": "db"}, []),
        ([url("pg://$(DB_HOTS)/x"), HOST], {}, [("$(DB_HOTS)", False, "$(DB_HOST)")]),
        ([HOST, url("pg://$DB_HOST/x")], {}, [("$DB_HOST", False, "$(DB_HOST)")]),
        ([HOST, url("pg://${DB_HOST}/x")], {}, [("${DB_HOST}", False, "$(DB_HOST)")]),
        ([url("pg://${DB_HOST}/x"), HOST], {}, [("${DB_HOST}", True, "$(DB_HOST)")]),
        ([url("pg://u:pa$word@db/x"), HOST], {}, []),
        ([HOST, url("pg://$$(DB_HOST)/x")], {}, []),
        ([url("pg://$(DB_SERVICE_HOST)/x")], {}, []),
    ],
)
def test_what_nobody_puts_in(env: list[Json], brought: Json, found: list[Any]) -> None:
    reading = Reading(deployment("web"), thing("ConfigMap", "env", data=brought))
    container: Json = {"name": "app", "env": env, "envFrom": BROUGHT}
    seen = reading.see(lambda case: as_written(case, container))
    assert [(one.written, one.later, one.right) for one in seen] == found


def test_what_only_a_shell_reads_is_a_fault_of_the_value_that_has_it() -> None:
    said = crashed({"env": [HOST, PORT, url("pg://$(DB_HOST):$DB_PORT/x")]}, UNREAD.format("$DB_PORT"))
    assert (said["cause"]["class"], said["cause"]["confidence"]) == (52, "sure")
    assert "because `DB_URL` has `$DB_PORT` in it as written" in said["headline"]
    assert said["plan"][0]["kubectl"].endswith("'DB_URL=pg://$(DB_HOST):$(DB_PORT)/x'")


def test_what_stands_behind_as_well_is_put_before() -> None:
    said = crashed({"env": [url("pg://db:${DB_PORT}/x"), PORT]}, UNREAD.format("${DB_PORT}"))
    assert [(one["op"], one["path"][-9:]) for one in operations(said)] == [
        ("replace", "v/0/value"),
        ("move", "s/0/env/0"),
    ]
    assert operations(said)[0]["value"] == "pg://db:$(DB_PORT)/x"


def test_a_variable_goes_behind_all_that_it_names() -> None:
    said = crashed({"env": [url("pg://$(DB_HOST):$(DB_PORT)/x"), HOST, PORT]}, UNREAD.format("$(DB_PORT)"))
    assert "`DB_HOST` and `DB_PORT` stand behind it" in said["headline"]
    (move,) = operations(said)
    assert (move["from"][-6:], move["path"][-6:]) == ("/env/0", "/env/2")


def test_nothing_else_is_left_behind_by_a_move() -> None:
    other = {"name": "MIRROR", "value": "$(DB_URL)?replica"}
    env = [url("pg://$(DB_HOST):$(DB_PORT)/x"), other, HOST, PORT]
    said = crashed({"env": env}, UNREAD.format("$(DB_PORT)"))
    assert [(one["from"][-2:], one["path"][-2:]) for one in operations(said)] == [("/2", "/0"), ("/3", "/1")]


def test_a_changed_template_is_only_looked_at() -> None:
    owner, one = made(
        {"env": [url("pg://$(DB_HOST)/x"), HOST]}, {"waiting": {"reason": "CrashLoopBackOff"}}, {"exitCode": 1}
    )
    owner["spec"]["template"]["spec"] = {"containers": [{"name": "app", "image": "app:1", "env": [HOST]}]}
    said = verdict(owner, one, log="no such host: $(DB_HOST)")
    assert (said["cause"]["class"], said["plan"][0]["changes"]) == (52, False)


@pytest.mark.parametrize(("name", "is_told"), [("$(db_host)", True), ("db", False)])
def test_what_runs_and_is_not_ready_is_told_by_its_log(name: str, is_told: bool) -> None:
    probe = {"httpGet": {"path": "/readyz", "port": 8080}}
    owner, one = made({"env": [url("pg://$(DB_HOST)/x"), HOST], "readinessProbe": probe}, RUNS)
    one["status"]["phase"] = "Running"
    line = f"2026-01-02T11:59:59Z ERROR db {name}:5432 failed: [Errno -2] Name or service not known\n"
    said = verdict(owner, one, log=line * 5)
    assert ("does not get ready because `DB_URL` has `$(DB_HOST)` in it" in said["headline"]) is is_told
    assert (said["cause"]["class"] == 52) is is_told
    assert not is_told or said["plan"][0]["expect"] == "the container becomes ready"


def test_nothing_is_put_into_what_a_config_map_brings() -> None:
    held = thing("ConfigMap", "env", data={"DB_URL": "pg://db:$(DB_PORT)/x", "DB_PORT": "5432"})
    last = made({"envFrom": BROUGHT}, {"waiting": {"reason": "CrashLoopBackOff"}}, {"exitCode": 1})
    said = verdict(*last, held, log=UNREAD.format("$(DB_PORT)"))
    assert "cannot use `DB_URL=pg://db:$(DB_PORT)/x`" in said["headline"]
    assert "in what comes from a ConfigMap Kubernetes puts in nothing" in said["headline"]


def test_a_move_is_taken_back_by_the_opposite_one() -> None:
    owner, one = made(
        {"env": [url("pg://$(DB_HOST)/x"), HOST]}, {"waiting": {"reason": "CrashLoopBackOff"}}, {"exitCode": 1}
    )

    def plan(case: Case) -> Plan:
        kept = as_written(case, case.pods[0].main_containers[0].spec)
        return put_in(Ending(case, case.pods[0].main_containers[0], WEB, 1), kept)

    change = Reading(owner, one).see(plan).steps[0].operation
    assert isinstance(change, Patch)
    (move,), (back,) = change.body, change.back
    assert (back["from"], back["path"]) == (move["path"], move["from"])
