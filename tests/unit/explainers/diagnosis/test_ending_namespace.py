"""A namespace that is being deleted explains what nothing else does."""

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, services, thing

CONTENT: Json = {
    "type": "NamespaceFinalizersRemaining", "status": "True",
    "message": "Some content in the namespace has finalizers remaining: example.com/backup in 1 resource instances",
}  # fmt: skip


def verdict(*objects: Json, typed: str = "web") -> Json:
    reply = diagnose(Request("diagnose", typed, Actor("test"), namespace="shop"), services(*objects))
    assert isinstance(reply.data, dict)
    return reply.data


def namespace(*conditions: Json) -> Json:
    made = thing("Namespace", "shop", namespace="", status={"phase": "Terminating", "conditions": list(conditions)})
    made["metadata"]["deletionTimestamp"] = "2026-01-02T11:50:00Z"
    return made


def test_what_goes_with_its_namespace() -> None:
    found = verdict(namespace(CONTENT), deployment("web", 1, 0))
    assert (found["cause"]["class"], found["cause"]["object"]) == (124, "namespace/shop")
    assert "its namespace `shop` is being deleted" in found["headline"]
    assert "example.com/backup" in found["headline"]


def test_what_is_well_there_is_well() -> None:
    assert verdict(namespace(), deployment("web"))["headline"].startswith("`web` is healthy")


def test_one_that_stays_explains_nothing() -> None:
    there = thing("Namespace", "shop", namespace="", status={"phase": "Active"})
    assert "I cannot say why" in verdict(there, deployment("web", 1, 0))["headline"]
