"""The catalog: services and their plans, their versions, and what a platform has already."""

from dataclasses import replace
from typing import Any

from explainers.catalog.model import Consumers, Shelf
from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb.platforms import Platform
from tests.unit.bot.osb.shelves import FAST, FAST_2, SCHEMA, SHELF, SLOW

CATALOG = "/v2/catalog"


def services(platform: Platform, version: str = "2.17") -> dict[str, Any]:
    got = platform.ask("GET", CATALOG, None, {"x-broker-api-version": version})
    return {service["name"]: service for service in got.body["services"]}


def plans(service: dict[str, Any]) -> dict[str, Any]:
    return {plan["name"]: plan for plan in service["plans"]}


def test_entries_of_one_offering_are_plans_of_one_service(platform: Platform) -> None:
    found = services(platform)
    assert set(found) == {"search-index", "data-postgres"}, "what nobody may use is not offered"
    index = found["search-index"]
    assert (index["id"], index["bindable"], index["plan_updateable"]) == (FAST.service_id, True, True)
    assert index["tags"] == ["elasticsearch"]
    assert {name: plan["id"] for name, plan in plans(index).items()} == {
        "search-index-1": FAST.uuid,
        "search-index-2": FAST_2.uuid,
    }
    assert (index["instances_retrievable"], index["bindings_retrievable"]) == (True, True)


def test_a_plan_tells_what_platforms_use(platform: Platform) -> None:
    plan = plans(services(platform)["data-postgres"])["data-postgres-16"]
    assert plan["maintenance_info"] == {"version": "16.4.0", "description": "Minor release"}
    assert (plan["free"], plan["bindable"], plan["binding_rotatable"]) == (True, True, False)
    assert plan["maximum_polling_duration"] == 3600
    inputs = {"parameters": {"$schema": "http://json-schema.org/draft-04/schema#"} | SCHEMA}
    assert plan["schemas"] == {"service_instance": {"create": inputs}}, "its parameters cannot be changed later"
    other = plans(services(platform)["search-index"])
    assert set(other["search-index-1"]["schemas"]["service_instance"]) == {"create", "update"}
    assert other["search-index-1"]["binding_rotatable"]
    assert "schemas" not in other["search-index-2"]


def test_no_credential_of_an_entry_is_in_the_catalog(platform: Platform) -> None:
    assert "canary" not in str(platform.ask("GET", CATALOG).body)


def test_each_version_gets_only_its_own_fields(platform: Platform) -> None:
    def fields(version: str) -> set[str]:
        found = services(platform, version)["data-postgres"]
        return {*found, *plans(found)["data-postgres-16"]}

    oldest = fields("2.13")
    assert fields("2.14") - oldest == {"instances_retrievable", "bindings_retrievable"}
    assert fields("2.15") - fields("2.14") == {"maintenance_info", "maximum_polling_duration"}
    assert fields("2.16") == fields("2.15")
    assert fields("2.17") - fields("2.16") == {"binding_rotatable"}


def test_ids_and_names_appear_once_whatever_the_entries_say(platform: Platform, broker: FakeBroker) -> None:
    twin = replace(SLOW, uuid=FAST.uuid)
    namesake = replace(FAST, uuid="another", team="search-index", offering="1", version="x")
    same_name = replace(FAST_2, uuid="a-third")
    broker.stock(Shelf((FAST, FAST_2, twin, namesake, same_name), revision="two"))
    found = services(platform)
    every = [plan["id"] for service in found.values() for plan in service["plans"]]
    assert sorted(every) == sorted({FAST.uuid, FAST_2.uuid, "another"})


def test_a_schema_that_is_too_large_for_platforms_is_left_out(platform: Platform, broker: FakeBroker) -> None:
    large = replace(FAST, schema={"description": "x" * 70_000})
    broker.stock(Shelf((large,), revision="two"))
    assert "schemas" not in plans(services(platform)["search-index"])["search-index-1"]


def test_an_empty_catalog_is_a_catalog(platform: Platform, broker: FakeBroker) -> None:
    broker.stock(Shelf(revision="none"))
    assert platform.ask("GET", CATALOG).body == {"services": []}


def test_what_the_platform_has_is_not_sent_again_until_it_changes(platform: Platform, broker: FakeBroker) -> None:
    def ask(known: str, version: str = "2.17") -> tuple[int, str]:
        sent = {"if-none-match": known, "x-broker-api-version": version}
        got = platform.ask("GET", CATALOG, None, sent)
        return got.status, got.headers["ETag"]

    status, etag = ask("")
    assert status == 200
    assert [ask(known)[0] for known in (etag, f'"a", W/{etag}', "*", '"a"', etag.strip('"'))] == [
        304,
        304,
        304,
        200,
        200,
    ]
    assert ask(etag, "2.13")[0] == 200, "another version is another document"
    restricted = replace(FAST, consumers=Consumers(("shop",)), description="changed")
    broker.stock(Shelf((restricted, *SHELF.entries[1:]), revision="two"))
    assert ask(etag)[0] == 200
    assert platform.ask("GET", CATALOG, None, {"if-none-match": ask("")[1]}).body is None
