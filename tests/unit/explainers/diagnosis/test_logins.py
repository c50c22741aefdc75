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
