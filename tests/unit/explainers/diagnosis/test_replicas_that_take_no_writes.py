"""A server that is a replica says so to who writes there, and its own log is about its replication, no call."""

import pytest

from explainers.diagnosis.logs.replication import master, of_server, turned_down
from explainers.diagnosis.rules.complaints import goes_on
from explainers.diagnosis.rules.read_only import read_only
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading, well

SAID = "[worker] READONLY You can't write against a read only replica."
SYNC = [
    "1:S 01 Jan 2026 11:59:50.1 * Connecting to MASTER 10.9.9.9:6379",
    "1:S 01 Jan 2026 11:59:50.2 * MASTER <-> REPLICA sync started",
    "1:S 01 Jan 2026 11:59:50.3 # Error condition on socket for SYNC: Network is unreachable",
]


@pytest.mark.parametrize(
    ("line", "port"),
    [
        (SAID, 6379),
        ("ERROR: cannot execute INSERT in a read-only transaction", 5432),
        ("ERROR 1290: The MySQL server is running with the --read-only option so it cannot execute this", 3306),
        ("MongoServerError[NotWritablePrimary]: not primary", 27017),
        ("OSError: Read-only file system", 0),
        ("INFO opened in read-only mode", 0),
    ],
)
def test_how_a_write_is_turned_down(line: str, port: int) -> None:
    kind = turned_down(line)
    assert (kind.port if kind else 0) == port


def test_what_a_server_says_of_its_replication() -> None:
    assert all(of_server(line) for line in SYNC)
    assert not of_server("ERROR cannot reach cache:6379")
    assert (master("\n".join(SYNC)), master(SAID)) == ("10.9.9.9:6379", "")


def writer(log: str, *hosts: str) -> Reading:
    objects, server = well(1), pod("redis-x-1", {"app": "redis"})
    env = [{"name": f"HOST_{index}_URL", "value": host} for index, host in enumerate(hosts)]
    container: Json = {"name": "app", "env": env}
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = {"containers": [container]}
    offer = thing("Service", "redis", spec={"selector": {"app": "redis"}, "ports": [{"port": 6379}]})
    logs = {f"shop/{objects[1]['metadata']['name']}/app": log, "shop/redis-x-1/app": "\n".join(SYNC)}
    return Reading(*objects, deployment("redis"), server, offer, logs=logs)


def test_the_server_that_takes_no_writes_is_named_with_its_master() -> None:
    reading = writer(f"tick\n{SAID}\n", "redis://redis:6379", "http://rates:8090")
    (found,) = reading.see(lambda case: [*read_only(case)])
    assert found.number == 74
    assert found.clause == (
        "`redis`, which it calls, is a replica of `10.9.9.9:6379` and takes no writes: "
        "[worker] READONLY You can't write against a read only replica"
    )
    assert found.plan.steps[0].operation.line() == "kubectl -n shop logs redis-x-1 -c app --tail=20"


def test_nothing_is_said_where_it_is_past_or_nobody_knows_who_is_meant() -> None:
    assert not writer(f"{SAID}\n" + "tick\n" * 20, "redis://redis:6379").see(lambda case: [*read_only(case)])
    assert not writer(f"{SAID}\n", "http://a:80", "http://b:80").see(lambda case: [*read_only(case)])
    assert not writer(f"{SAID}\n").see(lambda case: [*read_only(case)])


def test_the_log_of_a_replica_is_not_about_something_that_it_calls() -> None:
    (found,) = writer("\n".join(SYNC * 3)).see(lambda case: [*goes_on(case)])
    assert found.benign
    assert "it is a replica, and its log goes on about its master `10.9.9.9:6379`: " in found.clause
