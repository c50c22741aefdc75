"""The API over the real broker, its ledger included: what platforms see is what happened."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.broker.drawing import Drawing
from bot.osb.api import Api
from bot.osb.users import Users
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable
from commands.broker.ports import Blueprint, Issued, Note, Order, Tell
from tests.fakes.provisioner import FakeProvisioner
from tests.unit.bot.osb.cases import CASES, Case
from tests.unit.bot.osb.platforms import BINDING, INSTANCE, Got, Platform, ids, users_file, wish
from tests.unit.bot.osb.shelves import FAST, FAST_2, SLOW, configmaps
from tests.unit.bot.osb.test_fields import BODIES, WRONG, with_value
from tests.unit.commands.broker.bench import Bench, Lender, same_listing


class Troubled(FakeProvisioner):
    """Fails with `trouble` where it is set, also for what consists of nothing."""

    trouble: TesseraError | None = None

    def make(self, order: Order, blueprint: Blueprint, note: Note, tell: Tell) -> Mapping[str, str]:
        if self.trouble:
            raise self.trouble
        return super().make(order, blueprint, note, tell)


class Grudging(Lender):
    """Takes nothing back while there is `trouble`; lends anew each time, and meanwhile does what `during` is, once."""

    trouble: TesseraError | None = None
    during: Callable[[], object] | None = None

    def issue(self, order: Order, binding: str) -> Issued:
        during, self.during = self.during, None
        if during:
            during()
        return super().issue(order, f"{binding}-{len(self.open)}")

    def revoke(self, order: Order, lease: str) -> None:
        if self.trouble:
            raise self.trouble
        super().revoke(order, lease)


class Stage(Bench):
    """A bench that tests of the API lead like the broker in memory."""

    def __init__(self) -> None:
        super().__init__(*configmaps())
        self.provisioner: Troubled = Troubled(Drawing("api-team"))
        self.lender: Grudging = Grudging(self.killer)
        self.broker = self._broker()

    def finish(self, _id: str) -> None:
        self.provisioner.fails.clear()
        self.drain()

    def fail(self, _id: str, why: str) -> None:
        self.provisioner.fails["Service"] = NotFound(why)
        self.drain()

    def everything(self) -> object:
        """All that the ledger and the world hold."""
        instances = [self.ledger.instance(one.id) for one in self.ledger.instances()]
        bindings = [self.ledger.binding(one.id) for one in self.ledger.bindings()]
        return instances, bindings, dict(self.provisioner.world), dict(self.lender.open), list(self.jobs)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def platform(stage: Stage, tmp_path: Path) -> Platform:
    return Platform(Api(stage.broker, Users(users_file(tmp_path))))


@pytest.mark.parametrize("case", [case for case in CASES if case.real], ids=str)
def test_status_and_after_a_refusal_nothing_has_changed(case: Case, stage: Stage, platform: Platform) -> None:
    for step in case.steps[:-1]:
        assert step(platform, stage).status < 400
    before = stage.everything()
    got = case.steps[-1](platform, stage)
    assert (got.status, got.error) == (case.status, case.error)
    if case.status >= 400:
        assert set(got.body) == {"error", "description"}
        assert stage.everything() == before


@pytest.mark.parametrize(("method", "path"), WRONG)
def test_bad_input_changes_nothing(stage: Stage, platform: Platform, method: str, path: str) -> None:
    if path == BINDING or method == "PATCH":
        platform.provision()
    before = stage.everything()
    body, wrong = WRONG[method, path]
    for place, value in wrong:
        assert platform.ask(method, path, with_value(body, place, value)).status == 400, (place, value)
    for raw in BODIES:
        assert platform.ask(method, path, raw).status == 400
    assert stage.everything() == before
    assert platform.ask(method, path, body).status < 300, "the whole request was refused for what it is"


def test_a_whole_life_leaves_nothing(stage: Stage, platform: Platform) -> None:
    assert platform.provision(SLOW, parameters={"size": 3}).status == 202
    stage.drain()
    assert platform.poll().body["state"] == "succeeded"
    assert platform.ask("GET", INSTANCE).body["parameters"] == {"size": 3}
    made = platform.bind(SLOW)
    host = made.body["credentials"]["host"]
    assert made.body["endpoints"] == [{"host": host, "ports": ["5432"], "protocol": "tcp"}]
    assert platform.ask("GET", BINDING).body["credentials"] == made.body["credentials"]
    same_listing(stage)
    assert platform.delete(BINDING, SLOW).status == 200
    assert platform.delete(entry=SLOW).status == 202
    stage.drain()
    assert platform.poll().status == 410
    assert not stage.provisioner.world
    assert not stage.ledger.instances()
    same_listing(stage)
    assert {line[0] for line in stage.audit.lines} == {"platform (broker API)"}


def test_what_would_have_to_be_made_anew_cannot_be_changed(stage: Stage, platform: Platform) -> None:
    platform.provision(SLOW)
    stage.drain()
    before = stage.everything()
    got = platform.update(SLOW, parameters={"size": 2})
    assert (got.status, got.error) == (422, "Unsupported")
    assert "second instance" in got.body["description"]
    assert stage.everything() == before


def test_an_update_that_fails_leaves_the_instance_as_it_was(stage: Stage, platform: Platform) -> None:
    platform.provision()
    before = platform.ask("GET", INSTANCE).body
    for error, status in ((NotFound("There is no Service db."), 400), (Unavailable("The cluster is away."), 503)):
        stage.provisioner.trouble = error
        assert platform.update(plan_id=FAST_2.plan_id).status == status
        stage.provisioner.trouble = None
        assert platform.ask("GET", INSTANCE).body == before
    assert platform.update(plan_id=FAST_2.plan_id).status == 200


def test_a_maintenance_that_the_catalog_has_left_behind_is_refused(stage: Stage, platform: Platform) -> None:
    held = {"version": SLOW.maintenance}
    platform.provision(SLOW)
    stage.drain()
    assert platform.update(SLOW, maintenance_info=held).status == 200
    stage.catalog.configmaps = configmaps(maintenance={"version": "16.5.0"})
    assert platform.update(SLOW, maintenance_info=held).error == "MaintenanceInfoConflict"
    assert platform.ask("GET", INSTANCE).body["maintenance_info"] == held


def test_a_binding_that_cannot_be_taken_back_is_not_forgotten(stage: Stage, platform: Platform) -> None:
    platform.provision()
    platform.bind()
    stage.lender.trouble = Denied("Vault says no.")
    got = platform.delete(BINDING)
    assert (got.status, got.error) == (500, "InternalError")
    assert "Vault says no" in got.body["description"]
    stage.lender.trouble = None
    assert platform.delete(BINDING).status == 200, "platforms try again until it is gone"
    same_listing(stage)


def test_the_allow_list_counts_on_the_api_and_again_at_each_binding(stage: Stage, platform: Platform) -> None:
    strange = wish(FAST, context={"platform": "kubernetes", "namespace": "elsewhere"})
    assert platform.ask("PUT", INSTANCE, strange).status == 201, "the entry allows every namespace"
    stage.catalog.configmaps = configmaps(whitelist=["shop"])
    assert platform.ask("PUT", BINDING, ids(FAST)).status == 400
    other = INSTANCE.replace("i1", "i2")
    refused = platform.ask("PUT", other, strange)
    unknown = platform.ask("PUT", other, strange | {"plan_id": "none"})
    assert (refused.status, unknown.status) == (400, 400)
    assert platform.provision(path=other).status == 201


def test_platforms_without_namespaces_may_use_what_everybody_may(stage: Stage, platform: Platform) -> None:
    assert platform.provision(context={"platform": "cloudfoundry", "organization_guid": "org"}).status == 201
    stage.catalog.configmaps = configmaps(whitelist=["shop"])
    other = INSTANCE.replace("i1", "i2")
    assert platform.provision(path=other, context=None).status == 400


@pytest.mark.parametrize("parameters", [{"size": "large"}, {"size": 1.5}])
def test_parameters_that_break_the_schema(stage: Stage, platform: Platform, parameters: dict[str, Any]) -> None:
    for entry in (FAST, SLOW):
        got = platform.provision(entry, parameters=parameters)
        assert got.status == 400
        assert "size" in got.body["description"]
    assert not stage.ledger.instances()


def test_rotation_gives_newer_credentials_and_both_are_good(stage: Stage, platform: Platform) -> None:
    platform.provision()
    old = platform.bind(parameters={"a": 1}).body
    successor = f"{INSTANCE}/service_bindings/b2"
    new = platform.ask("PUT", successor, {"predecessor_binding_id": "b1"})
    assert new.status == 201
    assert new.body["credentials"]["password"] != old["credentials"]["password"]
    assert platform.ask("GET", BINDING).body["credentials"] == old["credentials"]
    assert platform.ask("PUT", successor, {"predecessor_binding_id": "b1"}).body == new.body


def test_the_same_binding_twice_at_once_borrows_once(stage: Stage, platform: Platform) -> None:
    platform.provision()
    second: list[Got] = []
    stage.lender.during = lambda: second.append(platform.bind())
    first = platform.bind()
    assert [first.status, second[0].status] == [201, 201]
    assert first.body == second[0].body
    assert len(stage.lender.open) == 1
    same_listing(stage)


def test_many_at_once_are_one_instance_and_one_binding(stage: Stage, platform: Platform) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: platform.provision().status, range(24)))
        bound = list(pool.map(lambda _: platform.bind().status, range(24)))
    assert set(made) | set(bound) <= {200, 201}
    assert [len(stage.ledger.instances()), len(stage.ledger.bindings())] == [1, 1]
    same_listing(stage)
