"""Jobs that have failed because what they call was not there: whether it is now."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, services
from tests.unit.explainers.diagnosis.test_next_tries import pg, verdict
from tests.unit.explainers.diagnosis.test_runs_that_fail import OVER, ended, job

VAGUE = "ERROR could not connect to pg:5432"
"""So a script says it of any failure, whether or not the name is found."""


def said(line: str, *others: Json, aliases: list[Json] | None = None) -> Json:
    over = job("load", "11:58:00", {"failed": 2, "conditions": OVER}, 1)
    over["spec"]["template"]["spec"]["hostAliases"] = aliases or []
    made = services(over, ended("load"), *others, logs={"shop/load-1/app": f"migrating\n{line}\n"})
    data = diagnose(Request("diagnose", "job/load", Actor("test"), namespace="shop"), made).data
    assert isinstance(data, dict)
    return data


def test_what_is_not_there_is_the_cause() -> None:
    found = said(VAGUE)
    assert found["headline"] == "`load` has failed: it calls `pg`, and there is no service `pg` in `shop`."
    assert not any(step["changes"] for step in found["plan"])
    assert found["alternatives"][0]["kubectl"] == "kubectl -n shop delete job load"
    assert found["alternatives"][0]["why"].startswith("once there is a service `pg`, make the Job again, unchanged")


def test_a_name_that_was_found_is_another_matter() -> None:
    assert "there is no service" not in said("dial tcp: connect to pg:5432: connection refused")["headline"]


def test_a_name_that_the_pods_are_given_an_address_for_needs_no_service() -> None:
    given = [{"ip": "192.0.2.7", "hostnames": ["pg"]}]
    assert "there is no service" not in said(VAGUE, aliases=given)["headline"]


def test_the_same_words_of_a_container_that_is_tried_again() -> None:
    assert verdict(VAGUE)["headline"].endswith("it calls `pg`, and there is no service `pg` in `shop`.")


@pytest.mark.parametrize(("ready", "since"), [(30, True), (900, False)])
def test_what_came_up_since_is_the_reason_to_make_it_again(ready: int, since: bool) -> None:
    found = said(VAGUE, *pg(ready=ready))
    assert ("; since then `pg` has got a ready endpoint" in found["headline"]) is since
    first = found["plan"][0]
    assert (first["kubectl"] == "kubectl -n shop delete job load") is since
    assert first["why"].startswith("since then `pg` has got a ready endpoint: make the Job again") is since
