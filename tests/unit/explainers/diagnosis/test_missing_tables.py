"""Tables that a database does not have, and the Job that should have made them."""

import pytest

from explainers.diagnosis.logs.databases import missing_table
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.test_harmless_lines import said

LINE = 'ERROR app: OperationalError: ERROR:  relation "orders" does not exist'
URL = {"name": "DATABASE_URL", "value": "postgres://pg:5432/shop"}
END = {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-02T11:50:00Z", "finishedAt": "2026-01-02T11:50:01Z"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (LINE, "orders"),
        ("Table 'shop.orders' doesn't exist", "shop.orders"),
        ("sqlite3.OperationalError: no such table: orders", "orders"),
        ("Invalid object name 'orders'.", "orders"),
        ('database "orders" does not exist', ""),
    ],
)
def test_the_name_of_a_table_that_is_missing(line: str, name: str) -> None:
    assert missing_table(line) == name


def job(name: str, failed: bool = True, **container: object) -> list[Json]:
    labels = {"job-name": name}
    spec = {"containers": [{"name": "m", "image": "tool:1", **container}]}
    condition = {"type": "Failed" if failed else "Complete", "status": "True", "reason": "BackoffLimitExceeded"}
    made = thing("Job", name, spec={"selector": {"matchLabels": labels}, "template": {"spec": spec}})
    made["status"] = {"failed": 1, "conditions": [condition]}
    one = pod(f"{name}-x", labels, ready=False)
    one["spec"] |= spec
    one["metadata"]["ownerReferences"] = [{"kind": "Job", "name": name, "controller": True}]
    state = {"name": "m", "ready": False, "restartCount": 0, "state": {"terminated": END}}
    one["status"] |= {"phase": "Failed", "containerStatuses": [state]}
    return [made, one]


@pytest.mark.parametrize(
    ("objects", "by"),
    [
        (job("migrate"), "by its name a migration"),
        (job("once", command=["flyway", "migrate"]), "by what it starts a migration"),
        (job("once", command=["psql", "-h", "pg", "-c", "create tabel orders()"]), "which calls `pg` as well"),
    ],
)
@pytest.mark.parametrize("ready", [True, False])
def test_a_job_that_failed_is_why_the_table_is_not_there(objects: list[Json], by: str, ready: bool) -> None:
    found = said(LINE, URL, objects=tuple(objects), ready=ready)
    name = objects[0]["metadata"]["name"]
    assert (found["cause"]["object"], found["cause"]["confidence"]) == (f"job/{name}", "likely")
    assert f"asks for the table `orders`, which its database does not have, and Job `{name}`, {by}" in found["headline"]
    assert any(f"logs {name}-x" in row["kubectl"] for row in found["plan"])


@pytest.mark.parametrize(
    "objects", [job("migrate", failed=False), job("report", command=["report", "--to", "pgadmin"]), []]
)
def test_no_other_job_is_blamed(objects: list[Json]) -> None:
    assert "Job" not in said(LINE, URL, objects=tuple(objects))["headline"]
