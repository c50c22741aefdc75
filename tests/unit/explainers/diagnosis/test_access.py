"""A refused read is named such that whoever grants rights knows what to grant, and where."""

import pytest

from explainers import kinds
from explainers.diagnosis.access import refused
from explainers.operations.base import Answer
from explainers.operations.reads import Get, List

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
