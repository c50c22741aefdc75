"""What was approved is what runs: proposals, yeses, refusals, and a job that is run again after a crash."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from commands.base.change import BEGAN, DONE, Change, sendable, settle
from commands.base.errors import Denied, Unavailable
from commands.base.journal import Journal
from commands.base.request import Actor, Approval, Reply, Request
from explainers.document import Document, Tone
from explainers.kinds import DEPLOYMENT
from explainers.operations.base import Answer
from explainers.operations.rollouts import Pause, RolloutStatus
from explainers.operations.workloads import Scale
from explainers.plan import Step, plan
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.sandboxed import Desk, as_user

SCALE = Step(Scale(DEPLOYMENT, "shop", "web", 3, 1), "more")
PAUSE = Step(Pause(DEPLOYMENT, "shop", "web"), "wait")
LOOK = Step(RolloutStatus(DEPLOYMENT, "shop", "web"), "look")
SENT_SCALE = "kubectl -n shop scale deployment/web --replicas=3"
SENT_PAUSE = "kubectl -n shop rollout pause deployment/web"
ASKED = Request("scale", "web 3", Actor("ada"), id="r-1")


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench("  acme/web:*: {}")
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1"))
    return Desk(bench)


def change(*steps: Step) -> Change:
    document = Document(Tone.INFO, "Scale?", facts=("1 wanted now",), plan=plan(*steps))
    return Change(document, "deployment/web", "shop", verified, "deployment/web in shop: 1 → 3")


def verified() -> Reply:
    return Reply(Document(Tone.HEALTHY, "done"), outcome="healthy")


def approved(*steps: Step) -> Request:
    return replace(ASKED, approval=Approval(plan(*steps).hash, "2026-11-21T14:20:00+00:00"))


def test_without_a_yes_it_is_only_proposed(desk: Desk) -> None:
    reply = settle(change(SCALE, LOOK), ASKED, desk.services)
    (yes,) = reply.document.buttons
    assert reply.outcome == "proposed"
    assert (yes.action, yes.argument) == ("scale", "web 3 -n shop")
    assert (yes.approves, yes.at) == (plan(SCALE, LOOK).hash, desk.bench.now.isoformat())
    assert yes.confirm == "deployment/web in shop: 1 → 3"
    assert reply.data["applied"] is False
    assert desk.cluster.sent == []


def test_a_namespace_that_was_typed_stays_as_it_was(desk: Desk) -> None:
    reply = settle(change(SCALE), replace(ASKED, text="web 3 --namespace=shop"), desk.services)
    assert reply.document.buttons[0].argument == "web 3 --namespace=shop"


def test_the_yes_sends_the_changes_and_not_the_looks(desk: Desk) -> None:
    reply = settle(change(SCALE, LOOK, PAUSE), approved(SCALE, LOOK, PAUSE), desk.services)
    assert reply.outcome == "healthy"
    assert desk.cluster.sent == [SENT_SCALE, SENT_PAUSE]
    assert desk.said == [SENT_SCALE, SENT_PAUSE]
    assert [step.operation.line() for step in sendable(plan(SCALE, LOOK))] == [SENT_SCALE]


def test_a_yes_to_another_plan_shows_the_plan_for_now(desk: Desk) -> None:
    reply = settle(change(SCALE), approved(PAUSE), desk.services)
    assert reply.outcome == "proposed"
    assert "has changed since" in reply.document.facts[0]
    assert reply.document.buttons[0].approves == plan(SCALE).hash
    assert desk.cluster.sent == []


def test_the_plan_shown_anew_can_be_approved(desk: Desk) -> None:
    """Its time is the one that the plan was worked out for, so working it out for the next yes gives the same hash."""
    first = approved(PAUSE)
    again = settle(change(SCALE), first, desk.services).document.buttons[0]
    assert first.approval is not None
    assert again.at == first.approval.at


def refusing(desk: Desk) -> Desk:
    """The same cluster as somebody who may change Deployments, but not scale them."""
    return as_user(desk, ["get", "list", "patch"], ["deployments"])


def test_who_may_not_is_told_before_any_button(desk: Desk) -> None:
    with pytest.raises(Denied, match=r"patch deployments\.apps/scale in shop") as refused:
        settle(change(PAUSE, SCALE), ASKED, refusing(desk).services)
    assert (
        "create role tessera-patch-deployments-scale-intern --verb=patch --resource=deployments.apps/scale"
        in refused.value.hint
    )
    assert "--user=intern" in refused.value.hint


def test_what_the_api_refuses_ends_with_what_was_done_before(desk: Desk) -> None:
    limited = refusing(desk)
    with pytest.raises(Denied) as refused:
        settle(change(PAUSE, SCALE), approved(PAUSE, SCALE), limited.services)
    assert SENT_SCALE in refused.value.message
    assert f"Done before it: `{SENT_PAUSE}`" in refused.value.message
    assert "rollout resume deployment/web" in refused.value.hint


def test_a_first_step_that_is_refused_changed_nothing(desk: Desk) -> None:
    with pytest.raises(Denied, match="Nothing was changed"):
        settle(change(SCALE), approved(SCALE), refusing(desk).services)


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_an_api_that_does_not_answer_can_be_asked_again(desk: Desk, status: int) -> None:
    desk.cluster.broken = Answer(status, problem="no answer")
    with pytest.raises(Unavailable, match="not known"):
        settle(change(SCALE), approved(SCALE), desk.services)
    desk.cluster.broken = None
    assert settle(change(SCALE), approved(SCALE), desk.services).outcome == "healthy"
    assert desk.cluster.sent == [SENT_SCALE]


# --- a job that is run again ---------------------------------------------------------------------


@contextmanager
def killed() -> Iterator[None]:
    with pytest.raises(KeyboardInterrupt):
        yield


def interrupted() -> Reply:
    raise KeyboardInterrupt


def test_what_was_sent_is_not_sent_again(desk: Desk) -> None:
    with killed():
        settle(replace(change(SCALE), verify=interrupted), approved(SCALE), desk.services)
    assert settle(change(SCALE), approved(SCALE), desk.services).outcome == "healthy"
    assert desk.cluster.sent == [SENT_SCALE]


def test_it_goes_on_with_the_step_that_was_not_sent(desk: Desk) -> None:
    def dies(line: str) -> None:
        if line == SENT_SCALE:
            raise KeyboardInterrupt

    services = replace(desk.services, audience=replace(desk.services.audience, progress=dies))
    with killed():
        settle(change(PAUSE, SCALE), approved(PAUSE, SCALE), services)
    assert desk.cluster.sent == [SENT_PAUSE]
    # Worked out anew, the plan no longer has the step that is done, so its hash is another one.
    assert settle(change(SCALE), approved(PAUSE, SCALE), desk.services).outcome == "healthy"
    assert desk.cluster.sent == [SENT_PAUSE, SENT_SCALE]


def test_a_step_that_nobody_approved_is_not_sent_then(desk: Desk) -> None:
    Journal(desk.state, "r-1").note(BEGAN, "[]")
    assert settle(change(SCALE), approved(PAUSE), desk.services).outcome == "healthy"
    assert desk.cluster.sent == []
    assert Journal(desk.state, "r-1").noted(DONE)


def test_another_request_starts_over(desk: Desk) -> None:
    settle(change(SCALE), approved(SCALE), desk.services)
    settle(change(SCALE), replace(approved(SCALE), id="r-2"), desk.services)
    assert desk.cluster.sent == [SENT_SCALE, SENT_SCALE]
