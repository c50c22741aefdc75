"""Every status of every endpoint that the specification names, each brought about by what a platform sends."""

from pathlib import Path

import pytest
import yaml

from tests.fakes.broker import FakeBroker
from tests.unit.bot.osb import platforms
from tests.unit.bot.osb.cases import CASES, Case
from tests.unit.bot.osb.platforms import BINDING, INSTANCE, Platform, ids, wish
from tests.unit.bot.osb.shelves import FAST

EVERYWHERE = (401, 412, 413, 500, 503)
"""Answers of every endpoint; test_order.py has them."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_status_and_after_a_refusal_nothing_has_changed(case: Case, tmp_path: Path) -> None:
    broker = platforms.fake(case.slow)
    platform = platforms.platform(broker, tmp_path)
    for step in case.steps[:-1]:
        assert step(platform, broker).status < 400
    before = broker.everything()
    got = case.steps[-1](platform, broker)
    assert (got.status, got.error) == (case.status, case.error)
    if case.status >= 400:
        assert set(got.body) == {"error", "description"}
        assert len(got.body["description"]) > 10, "it teaches nothing"
        assert broker.everything() == before


def test_every_status_of_the_description_is_walked() -> None:
    text = Path("bot/osb/openapi.yaml").read_text(encoding="utf-8")
    described = {
        (method.upper(), path, int(status))
        for path, methods in yaml.safe_load(text)["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
        for status in operation["responses"]
        if int(status) not in EVERYWHERE
    }
    assert {(case.method, case.endpoint, case.status) for case in CASES} == described


def test_wishes_reach_the_broker_as_they_were_sent(platform: Platform, broker: FakeBroker) -> None:
    assert platform.ask("PUT", INSTANCE, wish(FAST, parameters={"size": 3})).status == 201
    made = broker.instances["i1"]
    assert (made.namespace, made.name, made.organization, made.space) == ("shop", "index", "org", "space")
    assert (made.platform, made.by, made.hidden) == ("kubernetes", "platform (broker API)", {"asked": {"size": 3}})
    resource = {"app_guid": "a", "route": "https://r"}
    assert platform.ask("PUT", BINDING, ids() | {"bind_resource": resource, "app_guid": "old"}).status == 201
    assert (broker.bindings["b1"].app, broker.bindings["b1"].resource) == ("a", resource)
