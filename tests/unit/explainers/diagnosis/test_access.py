"""A refused read is named such that whoever grants rights knows what to grant, and where."""

from datetime import UTC, datetime

import pytest

from explainers import kinds
from explainers.diagnosis.access import grant, grant_probes, refused, unchecked
from explainers.diagnosis.facts import Facts
from explainers.network.probes import Resolve
from explainers.operations.base import Answer, Permission
from explainers.operations.reads import Get, GetMetadata, List, Rows

REFUSED = Answer(403, problem='User "ada" cannot do that')


@pytest.mark.parametrize(
    ("read", "what", "missing"),
    [
        (List(kinds.SERVICE, "shop"), "services in shop", "list services in shop"),
        (List(kinds.SERVICE, ""), "services in all namespaces", "list services in all namespaces"),
        (List(kinds.NODE, ""), "nodes", "list nodes"),
        (Get(kinds.NODE, "", "worker-1"), "nodes", "get nodes"),
    ],
)
def test_where_a_right_is_missing_is_said(read: List | Get, what: str, missing: str) -> None:
    row = refused(read, REFUSED)
    assert (row.what, row.missing) == (what, missing)


def test_what_lies_in_one_namespace_has_its_grant() -> None:
    assert (
        "-n shop create rolebinding view-ada --clusterrole=view --user=ada"
        in refused(List(kinds.SERVICE, "shop"), REFUSED).grant
    )


def test_what_lies_in_no_namespace_has_its_grant_too() -> None:
    make, bind = refused(Get(kinds.NODE, "", "worker-1"), REFUSED).grant.split(" && ")
    assert make == "kubectl create clusterrole tessera-read-nodes-ada --verb=get,list --resource=nodes"
    assert bind == (
        "kubectl create clusterrolebinding tessera-read-nodes-ada --clusterrole=tessera-read-nodes-ada --user=ada"
    )


def test_what_was_to_be_listed_in_all_namespaces_is_granted_in_all() -> None:
    assert "create clusterrole " in refused(List(kinds.SERVICE, ""), REFUSED).grant


ONE, OTHER = "system:serviceaccount:team:a-b", "system:serviceaccount:team-a:b"


def test_the_line_for_one_user_is_not_in_the_way_of_the_next() -> None:
    named = [
        [
            change.kubectl()[5]
            for change in (*grant(Permission("get", "secrets", "shop"), user), *grant_probes("shop", user))
        ]
        for user in ("ada", "ben", ONE, OTHER)
    ]
    assert len({name for each in named for name in each}) == 2 * len(named)


def test_one_grant_is_for_reading_by_name_and_listing_and_nothing_is_said_twice() -> None:
    facts = Facts(datetime(2026, 11, 29, tzinfo=UTC))
    for read in (Get(kinds.SERVICE, "shop", "web"), List(kinds.SERVICE, "shop"), Get(kinds.SERVICE, "shop", "api")):
        facts.learn(read, REFUSED)
    for read in (GetMetadata(kinds.SECRET, "shop", "login"), List(kinds.SECRET, "shop", metadata_only=True)):
        facts.learn(read, REFUSED)
    services, secrets = unchecked(facts)
    assert (services.what, services.missing) == ("services in shop", "get services in shop, list services in shop")
    assert secrets.what == "secrets in shop"
    assert secrets.grant.count("create role ") == 1


def test_what_was_read_otherwise_is_not_unchecked() -> None:
    facts = Facts(datetime(2026, 11, 29, tzinfo=UTC))
    facts.learn(Rows(kinds.POD, "shop", "app=web"), Answer(406, problem="only JSON here"))
    facts.learn(Get(kinds.POD, "shop", "web-1"), REFUSED)
    assert [row.missing for row in unchecked(facts)] == ["get pods in shop"]
    facts.learn(List(kinds.POD, "shop", "app=web"), Answer(200, {"items": []}))
    assert unchecked(facts) == ()
    facts.learn(Get(kinds.DEPLOYMENT, "shop", "web"), REFUSED)
    assert [row.missing for row in unchecked(facts)] == ["get deployments.apps in shop"]


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ('pods "tessera-probe-1" is forbidden: minimum memory usage per Container is 64Mi', ""),
        (
            'pods is forbidden: User "ann" cannot create resource "pods" in API group ""',
            "create pods and get pods/exec",
        ),
    ],
)
def test_a_probe_that_admission_refuses_is_no_missing_right(said: str, missing: str) -> None:
    facts = Facts(datetime(2026, 1, 1, tzinfo=UTC))
    facts.learn(Resolve("shop", (), "web"), Answer(403, problem=said))
    (row,) = unchecked(facts)
    assert row.missing.startswith(missing) if missing else not row.missing
