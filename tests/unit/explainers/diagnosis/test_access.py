"""A refused read is named such that whoever grants rights knows what to grant, and where."""

from datetime import UTC, datetime

import pytest

from explainers import kinds
from explainers.diagnosis.access import refused, unchecked
from explainers.diagnosis.facts import Facts
from explainers.network.probes import Resolve
from explainers.operations.base import Answer
from explainers.operations.reads import Get, List, Rows

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
