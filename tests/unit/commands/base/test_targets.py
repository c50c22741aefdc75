"""A name that is nowhere: the nearest that was meant, be it the object's or the namespace's."""

import pytest

from commands.base.errors import Denied, NotFound, Unavailable
from commands.base.request import Actor, Request
from commands.capture import capture
from commands.pods import pods
from explainers.operations.base import Answer
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


def test_a_name_that_another_namespace_has_is_told_with_it(desk: Desk) -> None:
    said, hint = missed(desk, "pods deploy/web -n default")
    assert "I know no `deploy/web` in `default`" in said
    assert hint == "`deploy/web` is in `shop`: add `-n shop`"
    assert missed(desk, "scale web 2 -n default")[1] == "`web` is in `shop`: add `-n shop`"


def test_a_chat_is_told_of_no_namespace_that_its_policy_may_hide(desk: Desk) -> None:
    with pytest.raises(NotFound) as caught:
        pods(Request("pods", "web -n default", Actor("U1"), surface="slack"), desk.services)
    assert "shop" not in caught.value.hint


def test_where_other_names_are_another_namespace_is_thought_of(desk: Desk) -> None:
    _, hint = missed(desk, "pods xyzzy")
    assert hint.startswith("there are: `web`")
    assert "-n NAMESPACE" in hint


def test_who_sees_one_namespace_alone_gets_the_nearest_of_it(desk: Desk) -> None:
    said, hint = missed(as_user(desk, ["get", "list"], ["*"]), "pods wbe")
    assert "I know no `wbe`" in said
    assert "`web`" in hint


def test_what_may_not_be_looked_for_is_told_with_the_grant(desk: Desk) -> None:
    with pytest.raises(Denied) as caught:
        as_user(desk, ["get", "list"], ["deployments"]).types("pods wbe")
    assert "create rolebinding" in caught.value.hint


@pytest.mark.parametrize("line", ["diagnose web", "diagnose svc/web", "services", "capture"])
def test_what_has_no_namespaces_is_no_kubernetes(desk: Desk, line: str) -> None:
    desk.cluster.broken = Answer(404, problem="The cluster's API answered 404 Not Found: nothing.")
    with pytest.raises(Unavailable, match="no Kubernetes API"):
        capture(Request("capture", "", Actor("ada")), desk.services) if line == "capture" else desk.types(line)


def test_an_empty_namespace_is_there(desk: Desk) -> None:
    assert missed(desk, "pods web -n default")[0] == "I know no `web` in `default`."


def test_who_may_not_see_namespaces_is_told_what_was_looked_for(desk: Desk) -> None:
    with pytest.raises((Denied, NotFound)) as caught:
        as_user(desk, ["get", "list"], ["deployments"]).types("pods web -n shpo")
    assert "no namespace" not in caught.value.message
