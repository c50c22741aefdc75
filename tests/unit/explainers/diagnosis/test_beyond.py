"""What stands behind a wrong address or a policy is looked at, too, and the plan promises no more than it can keep."""

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, pod, services, thing
from tests.unit.explainers.diagnosis.reading import service, web_pod, well


def verdict(calls: str, said: str, *others: Json) -> Json:
    """The verdict about `web`, which calls an address, says so again and again, and is not ready."""
    objects = well(1)
    container: Json = {"name": "app", "env": [{"name": "UPSTREAM", "value": calls}]}
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = {"containers": [container]}
    objects[0]["status"]["readyReplicas"] = 0
    objects[1]["status"] |= web_pod(1, "x")["status"] | pod("web", {}, ready=False)["status"]
    objects[1]["status"]["containerStatuses"][0]["name"] = "app"
    logs = {f"shop/{objects[1]['metadata']['name']}/app": f"ERROR {said}\n" * 4}
    made = services(*objects, *others, logs=logs)
    reply = diagnose(Request("diagnose", "deployment/web", Actor("test"), namespace="shop"), made)
    assert isinstance(reply.data, dict)
    return reply.data


def cache(replicas: int) -> list[Json]:
    """A Service `cache` on port 6379, and what runs behind it."""
    found = service(*(["cache-1"] if replicas else []), name="cache")
    found[0]["spec"]["ports"] = [{"port": 6379}]
    return [*found, deployment("cache", replicas), *([pod("cache-1", {"app": "cache"})] if replicas else [])]


WRONG = [
    ("cache:6380", "cannot connect to cache:6380: Connection refused", 11),
    ("cachee:6379", "cannot connect to cachee:6379: Name or service not known", 38),
]


@pytest.mark.parametrize(("calls", "said", "number"), WRONG)
def test_a_right_address_where_nobody_serves_is_not_all(calls: str, said: str, number: int) -> None:
    found = verdict(calls, said, *cache(0))
    assert found["cause"]["class"] == number
    assert (4, "deployment/cache") in [(one["class"], one["object"]) for one in found["consequences"]]
    assert "what else is told of `deployment/cache` is then still to be mended" in found["plan"][0]["expect"]


@pytest.mark.parametrize(("calls", "said", "number"), WRONG)
def test_where_something_serves_the_address_is_all(calls: str, said: str, number: int) -> None:
    found = verdict(calls, said, *cache(1))
    assert found["cause"]["class"] == number
    assert "deployment/cache" not in [one["object"] for one in found["consequences"]]
    assert "still to be mended" not in found["plan"][0]["expect"]


def test_a_service_that_is_led_by_hand_is_taken_to_serve() -> None:
    by_hand = thing("Service", "cache", spec={"ports": [{"port": 6379}], "clusterIP": "10.1.0.2"})
    found = verdict("cache:6380", "cannot connect to cache:6380: Connection refused", by_hand)
    assert found["cause"]["class"] == 11
    assert "still to be mended" not in found["plan"][0]["expect"]
