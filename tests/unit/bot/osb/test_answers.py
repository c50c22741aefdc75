"""Bodies of answers: what each version gets, operations and how they are polled, rotation, and older clients."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb import platforms
from tests.unit.bot.osb.platforms import BINDING, INSTANCE, Platform, ids, wish
from tests.unit.bot.osb.shelves import FAST, FAST_2, SLOW

SUCCESSOR = f"{INSTANCE}/service_bindings/b2"
LABELS = {"labels": {"team": "data", "offering": "postgres", "version": "16"}}


def test_the_same_operation_is_told_until_it_is_over(platform: Platform, broker: FakeBroker) -> None:
    first = platform.provision(SLOW).body
    assert first == {"operation": "op-1", "metadata": LABELS}
    assert platform.provision(SLOW).body == first
    for query in ({}, {"operation": "op-1"}, {"operation": "op-1"} | ids(SLOW)):
        polled = platform.poll(**query)
        assert polled.body == {"state": "in progress", "description": "begun"}
        assert int(polled.headers["Retry-After"]) > 0
    broker.finish("i1")
    polled = platform.poll()
    assert polled.body == {"state": "succeeded", "description": "ready"}
    assert "Retry-After" not in polled.headers
    assert platform.ask("GET", INSTANCE).status == 200, "it is there as soon as it succeeded"
    assert platform.poll().body == polled.body, "it is not forgotten"


def test_a_removal_takes_the_place_of_what_is_being_made(platform: Platform, broker: FakeBroker) -> None:
    platform.provision(SLOW)
    removal = platform.delete(entry=SLOW)
    assert removal.body == {"operation": "op-2"}
    assert platform.delete(entry=SLOW).body == removal.body
    broker.fail("i1", "a finalizer holds it")
    assert platform.poll().body == {
        "state": "failed",
        "description": "a finalizer holds it",
        "instance_usable": False,
    }
    assert platform.delete(entry=SLOW).status == 202, "platforms go on until it is gone"
    broker.finish("i1")
    assert platform.poll(operation="op-3").status == 410
    assert platform.delete(entry=SLOW).status == 410


def test_a_failed_instance_says_why_and_can_be_removed(platform: Platform, broker: FakeBroker) -> None:
    platform.provision(SLOW)
    broker.fail("i1", "the image cannot be pulled")
    assert platform.poll().body == {"state": "failed", "description": "the image cannot be pulled"}
    assert platform.delete(entry=SLOW).status == 202


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("2.14", {"service_id", "plan_id", "parameters"}),
        ("2.15", {"service_id", "plan_id", "parameters"}),
        ("2.16", {"service_id", "plan_id", "parameters", "maintenance_info", "metadata"}),
        ("2.17", {"service_id", "plan_id", "parameters", "maintenance_info", "metadata"}),
    ],
)
def test_a_fetched_instance(broker: FakeBroker, tmp_path: Path, version: str, fields: set[str]) -> None:
    platform = platforms.platform(broker, tmp_path, version)
    platform.provision(SLOW, parameters={"size": 3})
    broker.finish("i1")
    got = platform.ask("GET", INSTANCE).body
    assert set(got) == fields
    assert (got["plan_id"], got["parameters"]) == (SLOW.plan_id, {"size": 3})
    assert got.get("maintenance_info", {"version": "16.4.0"}) == {"version": "16.4.0"}


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("2.14", {"credentials"}),
        ("2.15", {"credentials", "endpoints"}),
        ("2.16", {"credentials", "endpoints", "metadata"}),
        ("2.17", {"credentials", "endpoints", "metadata"}),
    ],
)
def test_a_binding_with_an_end(broker: FakeBroker, tmp_path: Path, version: str, fields: set[str]) -> None:
    platform = platforms.platform(broker, tmp_path, version)
    platform.provision()
    platform.bind(parameters={"a": 1})
    broker.bindings["b1"] = replace(broker.bindings["b1"], until="2030-01-02T05:04:05.250000+02:00")
    repeated = platform.bind(parameters={"a": 1})
    assert (repeated.status, set(repeated.body)) == (200, fields)
    assert repeated.body["credentials"]["password"] == "of b1"
    assert repeated.body.get("endpoints", [])[:1] == (
        [{"host": "db", "ports": ["5432"], "protocol": "tcp"}] if "endpoints" in fields else []
    )
    expires = {"expires_at": "2030-01-02T03:04:05.2Z"}
    assert repeated.body.get("metadata", expires) == expires
    assert platform.ask("GET", BINDING).body == repeated.body | {"parameters": {"a": 1}}


def test_a_binding_that_is_being_made_has_no_credentials_yet(slow_platform: Platform, slow_broker: FakeBroker) -> None:
    slow_platform.provision()
    started = slow_platform.bind()
    assert (started.status, started.body) == (202, {"operation": "op-2"})
    assert slow_platform.poll(BINDING, operation="op-2").body["state"] == "in progress"
    slow_broker.finish("b1")
    assert slow_platform.ask("GET", BINDING).body["credentials"]["password"] == "of b1"


def test_bindings_are_asynchronous_since_2_14(slow_broker: FakeBroker, tmp_path: Path) -> None:
    old = platforms.platform(slow_broker, tmp_path, "2.13")
    old.provision()
    assert old.bind().error == "AsyncRequired"


def test_rotation_names_the_predecessor_and_nothing_else(platform: Platform, broker: FakeBroker) -> None:
    resource = {"app_guid": "app"}
    platform.provision()
    platform.bind(parameters={"a": 1}, bind_resource=resource)
    rotate = {"predecessor_binding_id": "b1"}
    assert platform.ask("PUT", SUCCESSOR, rotate).status == 201
    made = broker.bindings["b2"]
    assert (made.predecessor, made.app, made.resource) == ("b1", "app", resource)
    assert made.hidden["parameters"] == {"a": 1}
    assert platform.ask("PUT", SUCCESSOR, rotate).status == 200
    assert platform.ask("GET", BINDING).status == 200, "both are valid"
    platform.delete(BINDING)
    assert platform.ask("PUT", SUCCESSOR, rotate).status == 200, "a repeat does not need the predecessor any more"


@pytest.mark.parametrize("predecessor", ["nothing", "..", "", " ", 5, {}, "a/b", "b" * 256])
def test_a_predecessor_that_is_none(platform: Platform, broker: FakeBroker, predecessor: Any) -> None:
    platform.provision()
    platform.bind()
    before = broker.everything()
    assert platform.ask("PUT", SUCCESSOR, ids() | {"predecessor_binding_id": predecessor}).status == 400
    assert broker.everything() == before


def test_rotation_is_not_known_before_2_17(broker: FakeBroker, tmp_path: Path) -> None:
    old = platforms.platform(broker, tmp_path, "2.16")
    old.provision()
    old.bind()
    assert old.ask("PUT", SUCCESSOR, {"predecessor_binding_id": "b1"}).status == 400
    assert old.ask("PUT", SUCCESSOR, ids() | {"predecessor_binding_id": "nothing"}).status == 201


@pytest.mark.parametrize("info", [None, {}, {"version": None}, {"description": 5}])
def test_maintenance_information_without_a_version_says_nothing(platform: Platform, info: object) -> None:
    assert platform.provision(SLOW, maintenance_info=info).status == 202


def test_maintenance_is_not_known_before_2_15(broker: FakeBroker, tmp_path: Path) -> None:
    old = platforms.platform(broker, tmp_path, "2.14")
    assert old.provision(SLOW, maintenance_info={"version": "older"}).status == 202


def test_older_clients_send_the_id_of_the_plan_twice(platform: Platform, broker: FakeBroker) -> None:
    twice = {"service_id": FAST.uuid, "plan_id": FAST.uuid}
    assert platform.ask("PUT", INSTANCE, wish() | twice).status == 201
    assert platform.ask("PUT", INSTANCE, wish() | twice).status == 200
    assert platform.provision().status == 200, "it is the same wish"
    assert broker.instances["i1"].service_id == FAST.service_id
    assert platform.ask("PATCH", INSTANCE, {"service_id": FAST.uuid, "parameters": {"size": 2}}).status == 200
    assert platform.ask("PUT", BINDING, twice).status == 201
    assert platform.ask("GET", f"{INSTANCE}/last_operation", None, None, **twice).status == 200
    assert platform.ask("DELETE", BINDING, None, None, **twice).status == 200
    assert platform.ask("DELETE", INSTANCE, None, None, **twice).status == 200


def test_a_change_leaves_what_it_does_not_name(platform: Platform, broker: FakeBroker) -> None:
    platform.provision(parameters={"size": 3})
    assert platform.update(plan_id=FAST_2.plan_id).body == {}
    assert broker.instances["i1"].hidden["asked"] == {"size": 3}
    assert platform.update(parameters={"size": 4}, plan_id=None).body == {}
    assert broker.instances["i1"].plan_id == FAST_2.plan_id
    assert platform.update(context={"platform": "kubernetes", "namespace": "shop"}, parameters=None).body == {}
    assert broker.instances["i1"].hidden["asked"] == {"size": 4}
    platform.update(parameters={})
    assert broker.instances["i1"].hidden["asked"] == {}, "an empty object is a value"


def test_fields_that_nobody_knows_are_ignored(platform: Platform) -> None:
    assert platform.provision(extra={"a": [1]}, x_vendor=None).status == 201
    assert platform.provision(other=True).status == 200
