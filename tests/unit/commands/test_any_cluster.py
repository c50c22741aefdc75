"""Whatever a cluster answers, each command gives an answer or says what is wrong: never a traceback.

What is answered can be shown on every surface.
"""

import io
import json
from contextlib import suppress
from dataclasses import replace
from functools import cache
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.cluster.snapshot import SnapshotCluster
from bot.page.render import page
from bot.slack.blocks import render
from bot.slack.limits import validate_message
from bot.source.context import build_context
from bot.terminal.render import show
from commands.base.errors import TesseraError
from commands.base.ports import Builds, Services
from commands.base.request import Reply
from commands.capture import take
from tests.contract.fakes.engine import FakeEngine
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.fakes.registry import FakeRegistry
from tests.madeup import made_up
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, Bench, deployment, empty_bench, scenario_bench
from tests.unit.fakes import NoSecrets
from tests.unit.odd import OddCluster
from tests.unit.sandboxed import Desk

READING = (
    "diagnose checkout", "diagnose web", "diagnose pg", "why checkout", "logs checkout", "events web",
    "pods checkout", "services", "network web", "network web --as checkout", "cheatsheet checkout", "forward web",
    "bind --all", "bind web", "commit web", "image web --tags",
)  # fmt: skip
CHANGING = (
    "scale web 2", "restart web", "rollback web", "image web 2", "build web", "build web main",
    "bind web team/web ghcr.io/team/web",
)  # fmt: skip
IMAGES = """  acme/web:*: {listens: [80]}
  acme/bad:*: {exit: {after: 1, code: 3, log: ["no config"]}}"""
SHARES = st.sampled_from([0.05, 0.2, 0.5, 1.0])
quickly = settings(made_up(50), suppress_health_check=list(HealthCheck))


class OddDesk(Desk):
    """Somebody who types commands where this share of the cluster's answers is odd; all else is sound."""

    chance = Random(0)
    share = 0.0

    @property
    def services(self) -> Services:
        return replace(super().services, cluster=OddCluster(self.cluster, self.chance, self.share))


def desk(bench: Bench) -> OddDesk:
    repository = FakeRepository()
    repository.push("main", {"Dockerfile": "FROM busybox"})
    code = FakeCodeHost({"team/web": repository})
    return OddDesk(bench, builds=Builds(code, build_context, FakeEngine(), FakeRegistry(), NoSecrets()))


@cache
def shop() -> OddDesk:
    """The demo's shop, which nothing changes here."""
    return desk(scenario_bench("shop"))


def odd_shop(seed: int, share: float) -> OddDesk:
    made = shop()
    made.chance, made.share = Random(seed), share
    return made


def answered(desk: OddDesk, line: str) -> Reply | TesseraError:
    """The reply, after the yes that it asks for; or the error meant for people."""
    try:
        reply = desk.types(line)
        yes = next((one for one in reply.document.buttons if one.approves), None)
        return desk.presses(yes) if yes else reply
    except TesseraError as error:
        return error


def check(reply: Reply | TesseraError) -> None:
    """It says something, and every surface can show it."""
    if isinstance(reply, TesseraError):
        assert reply.message
        return
    document = reply.document
    assert document.headline
    rendered = render(document, "", ["id"] * len(document.buttons))
    for message in (rendered.root, *rendered.thread):
        validate_message(message)
    show(document, Console(file=io.StringIO(), width=80))
    assert page(document)
    json.dumps(reply.data)


@quickly
@given(st.sampled_from(READING), st.integers(0, 2**32), SHARES)
def test_what_is_read_may_be_odd(line: str, seed: int, share: float) -> None:
    check(answered(odd_shop(seed, share), line))


@quickly
@given(st.sampled_from(CHANGING), st.integers(0, 2**32), SHARES)
def test_what_is_changed_may_be_odd(line: str, seed: int, share: float) -> None:
    bench = empty_bench(IMAGES)
    for name, image in (("web", "acme/web:1"), ("checkout", "acme/bad:1")):
        bench.post(DEPLOYMENTS, deployment(name, image, 2))
    bench.pass_time(30)
    person = desk(bench)
    person.types("bind web team/web ghcr.io/team/web")
    person.chance, person.share = Random(seed), share
    check(answered(person, line))


@quickly
@given(st.integers(0, 2**32), SHARES)
def test_what_is_captured_may_be_odd(seed: int, share: float) -> None:
    with suppress(TesseraError):
        made = take(odd_shop(seed, share).services, "shop")
        SnapshotCluster(json.loads(json.dumps(made.as_json())))
