"""A name that is nowhere: the nearest that was meant, be it the object's or the namespace's."""

import pytest

from commands.base.errors import Denied, NotFound
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.sandboxed import Desk, as_user


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  acme/web:*: {}")
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1"))
    bench.pass_time(10)
    return Desk(bench)


def missed(desk: Desk, text: str) -> tuple[str, str]:
    with pytest.raises(NotFound) as caught:
        desk.types(text)
    return caught.value.message, caught.value.hint


def test_a_name_gets_the_nearest_of_its_namespace(desk: Desk) -> None:
    said, hint = missed(desk, "pods wbe -n shop")
    assert "I know no `wbe` in `shop`" in said
    assert hint == "did you mean `web` (Deployment)?"


@pytest.mark.parametrize("text", ["pods web -n shpo", "diagnose svc/web -n shpo", "services -n shpo"])
def test_a_namespace_that_is_not_there_gets_the_nearest(text: str, desk: Desk) -> None:
    assert missed(desk, text) == ("There is no namespace `shpo`.", "did you mean `shop`?")


def test_without_a_near_one_the_namespaces_are_listed(desk: Desk) -> None:
    _, hint = missed(desk, "pods web -n xyzzy")
    assert hint.startswith("there are: `")
    assert "`shop`" in hint


def test_an_empty_namespace_is_there(desk: Desk) -> None:
    assert missed(desk, "pods web -n default")[0] == "I know no `web` in `default`."


def test_who_may_not_see_namespaces_is_told_what_was_looked_for(desk: Desk) -> None:
    with pytest.raises((Denied, NotFound)) as caught:
        as_user(desk, ["get", "list"], ["deployments"]).types("pods web -n shpo")
    assert "no namespace" not in caught.value.message
