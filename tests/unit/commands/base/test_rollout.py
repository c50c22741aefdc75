"""Following a rollout: how long, when it is given up, and what is said then."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from commands.base.errors import Unavailable
from commands.base.ports import Services
from commands.base.rollout import AWAY, HOPE, PATIENCE, follow, unserved, verified, watch_steps
from explainers.document import Tone
from explainers.kinds import Ref
from explainers.operations.base import Answer
from explainers.operations.workloads import SetImage
from explainers.plan import Step, plan
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.sandboxed import Desk, SandboxedClock

WEB = Ref("Deployment", "shop", "web")
IMAGES = """  acme/web:1: {listens: [80]}
  acme/web:2: {listens: [80], pull: 40}
  acme/web:3: {exit: {after: 1, code: 3}}
  acme/web:4: {listens: [80], listens_after: 3000}"""
STEPS = plan(Step(SetImage(WEB.type, "shop", "web", "web", "acme/web:2"), "newer"))
PROBE = {"tcpSocket": {"port": 80}, "periodSeconds": 1}


@pytest.fixture
def desk() -> Desk:
    bench = empty_bench(IMAGES)
    bench.post(DEPLOYMENTS, deployment("web", "acme/web:1", readinessProbe=PROBE))
    bench.pass_time(30)
    return Desk(bench)


def set_image(desk: Desk, image: str) -> None:
    containers = [{"name": "web", "image": image}]
    template = {"spec": {"template": {"spec": {"containers": containers}}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "strategic-merge-patch", template)


def elapsed(desk: Desk, services: Services | None = None, patience: timedelta = PATIENCE) -> tuple[bool, timedelta]:
    began = desk.bench.now
    ended = follow(services or desk.services, WEB, patience)
    return ended.good, desk.bench.now - began


def test_through_at_once(desk: Desk) -> None:
    assert elapsed(desk) == (True, timedelta())


def test_a_slow_pull_is_waited_for_and_each_step_said_once(desk: Desk) -> None:
    set_image(desk, "acme/web:2")
    good, took = elapsed(desk)
    assert good
    assert timedelta(seconds=40) <= took < timedelta(seconds=60)
    assert len(desk.said) == len(set(desk.said))
    assert desk.said[-1] == "1 of 1 pod ready"


def test_a_crash_is_given_a_little_hope(desk: Desk) -> None:
    set_image(desk, "acme/web:3")
    good, took = elapsed(desk)
    assert not good
    assert HOPE < took < timedelta(seconds=60)


def without_probe(desk: Desk, image: str) -> None:
    containers = [{"name": "web", "image": image, "readinessProbe": None}]
    template = {"spec": {"template": {"spec": {"containers": containers}}}}
    desk.bench.patch(f"{DEPLOYMENTS}/web", "strategic-merge-patch", template)


def test_a_program_that_nothing_probes_is_watched_for_a_moment(desk: Desk) -> None:
    without_probe(desk, "acme/web:1")
    good, took = elapsed(desk)
    assert good
    assert timedelta(seconds=4) < took < timedelta(seconds=20)
    assert any("no readiness probe" in said for said in desk.said)


def test_a_crash_soon_after_the_start_is_no_success_though_nothing_probes(desk: Desk) -> None:
    without_probe(desk, "acme/web:3")
    good, took = elapsed(desk)
    assert not good
    assert HOPE < took < timedelta(seconds=60)


def test_patience_ends(desk: Desk) -> None:
    set_image(desk, "acme/web:4")
    good, took = elapsed(desk, patience=timedelta(minutes=2))
    assert not good
    assert timedelta(minutes=2) < took < timedelta(minutes=2, seconds=2)


def test_whoever_cancels_is_heard(desk: Desk) -> None:
    set_image(desk, "acme/web:4")
    until = desk.bench.now + timedelta(seconds=5)
    ended = follow(desk.services, WEB, stop=lambda: desk.bench.now >= until)
    assert (ended.good, ended.stopped) == (False, True)
    assert desk.bench.now - until < timedelta(seconds=1)


@dataclass
class Returning(SandboxedClock):
    """A clock with which the cluster comes back after a while."""

    desk: Desk
    back: datetime

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        if self.bench.now >= self.back:
            self.desk.cluster.broken = None


def away(desk: Desk, length: timedelta) -> Services:
    desk.cluster.broken = Answer(0, problem="connection refused")
    return replace(desk.services, clock=Returning(desk.bench, desk, desk.bench.now + length))


def test_a_cluster_that_is_away_for_a_moment_is_waited_for(desk: Desk) -> None:
    assert elapsed(desk, away(desk, AWAY - timedelta(seconds=5)))[0]


def test_a_cluster_that_stays_away_is_said_without_denying_the_change(desk: Desk) -> None:
    with pytest.raises(Unavailable, match="The change is made") as error:
        elapsed(desk, away(desk, AWAY * 2))
    assert "Nothing was changed" not in error.value.message


def test_a_workload_that_was_deleted_meanwhile_is_not_waited_for(desk: Desk) -> None:
    desk.bench.ask("DELETE", f"{DEPLOYMENTS}/web")
    good, took = elapsed(desk)
    assert not good
    assert took < timedelta(seconds=10)


def test_what_serves_is_told_in_the_words_of_the_command(desk: Desk) -> None:
    reply = verified(desk.services, WEB, STEPS, "good", "bad")
    assert (reply.outcome, reply.document.headline, reply.document.facts) == ("healthy", "good", ("1 of 1 pod ready",))
    assert reply.document.plan == STEPS
    assert reply.data["good"] is True


def test_what_does_not_is_diagnosed(desk: Desk) -> None:
    set_image(desk, "acme/web:3")
    reply = verified(desk.services, WEB, STEPS, "good", "bad")
    assert (reply.outcome, reply.document.tone) == ("fault", Tone.FAULT)
    assert reply.document.headline.startswith("bad: `web`")
    assert reply.document.buttons[0].label == "Roll back"
    assert reply.data["good"] is False
    assert len(set(reply.document.facts)) == len(reply.document.facts)


def test_a_cause_that_is_not_clear_is_not_called_healthy(desk: Desk) -> None:
    ended = follow(desk.services, WEB)
    reply = unserved(desk.services, WEB, ended, "bad")
    assert reply.document.tone is Tone.UNKNOWN
    assert reply.document.headline == "bad: it is not clear yet why."
    assert reply.outcome == "unknown"


def test_a_pause_is_no_fault_and_the_way_on_is_shown(desk: Desk) -> None:
    desk.bench.patch(f"{DEPLOYMENTS}/web", "merge-patch", {"spec": {"paused": True}})
    set_image(desk, "acme/web:2")
    reply = verified(desk.services, WEB, STEPS, "good", "bad", "held")
    assert (reply.document.headline, reply.outcome) == ("held", "unknown")
    assert reply.document.plan.steps[-1].operation.line() == "kubectl -n shop rollout resume deployment/web"


def test_a_line_to_follow_only_where_kubectl_follows() -> None:
    assert watch_steps(WEB, {})
    assert not watch_steps(WEB, {"spec": {"updateStrategy": {"type": "OnDelete"}}})
