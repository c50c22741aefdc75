"""What comes of requests: approval, the end of a lifetime, grace after a rotation, what is stuck, what has drifted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from commands.base.errors import Denied, Unavailable
from commands.broker.errors import Absent, Busy, Clash, Gone, Malformed, NeedsAsync
from commands.broker.finishing import asking
from commands.broker.housekeeping import tend
from commands.broker.instances import may_decide
from commands.broker.offered import held_entry
from commands.broker.reconciling import reconcile
from commands.broker.records import Instance, Progress, State, Thing
from tests.unit.commands.broker.bench import Bench, entry, objects, objects_entry, same_listing

ROOT = "tessera:broker:bench:"


def approving() -> Bench:
    return Bench(objects_entry(approval=True, owners={"users": ["U0ANA"], "groups": ["api-people"]}), *objects())


def test_what_needs_approval_waits_and_is_made_after_it() -> None:
    bench = approving()
    record = bench.broker.provision(bench.wish()).instance
    bench.drain()
    assert (record.state, bench.provisioner.world) == (State.ASKED, {})
    with pytest.raises(Denied, match="Only the team api"):
        may_decide(held_entry(record), "U0BEN", ("shop-people",))
    may_decide(held_entry(record), "U0BEN", ("api-people",))
    bench.broker.instances.approve("i-1", "ana")
    bench.drain()
    assert bench.broker.instance("i-1").approved == "ana"
    with pytest.raises(Gone, match="does not wait"):
        bench.broker.instances.reject("i-1", "cleo", "too late")
    same_listing(bench)


def test_the_owning_team_is_asked_once_and_the_asker_is_not() -> None:
    bench = Bench(objects_entry(approval=True, owners={"users": ["U0ANA", "U0CLEO"]}), *objects())
    bench.broker.provision(bench.wish(user="U0CLEO"))
    asked: list[tuple[str, str]] = []
    there = False

    def ask(user: str, record: Instance) -> bool:
        asked.append((user, asking(record).headline))
        return there

    assert tend(bench.broker, lambda _: True, ask) == [], "Slack did not take it"
    there = True
    said = tend(bench.broker, lambda _: True, ask)
    assert said == ["instance i-1: U0ANA asked to decide"]
    assert tend(bench.broker, lambda _: True, ask) == []
    assert asked == [("U0ANA", "ana asks for `api/pg` 1 in `shop`; you decide.")] * 2
    assert [button.action for button in asking(bench.ledger.instances()[0]).buttons] == ["approve", "reject"]


def test_a_rejected_request_says_why_and_makes_nothing() -> None:
    bench = approving()
    bench.broker.provision(bench.wish())
    bench.broker.instances.reject("i-1", "ana", "use the shared one")
    told = bench.broker.last_operation("i-1")
    assert (told.progress, told.told) == (Progress.FAILED, "rejected by ana: use the shared one")
    service, plan = bench.ids("pg")
    bench.broker.deprovision("i-1", service, plan, incomplete=True)
    bench.drain()
    assert (bench.ledger.instances(), bench.provisioner.world) == ([], {})


def test_an_instance_ends_with_its_time_after_a_warning() -> None:
    bench = Bench(objects_entry(lifetime="30d"), *objects())
    bench.bound()
    warned: list[str] = []

    def warn(record: Instance) -> bool:
        warned.append(record.id)
        return True

    bench.clock.time += timedelta(days=28)
    assert (tend(bench.broker, warn), warned) == ([], [])
    bench.clock.time += timedelta(days=1, hours=1)
    tend(bench.broker, warn)
    tend(bench.broker, warn)
    assert warned == ["i-1"]
    bench.broker.instances.extend("i-1", 2, "ana")
    bench.clock.time += timedelta(days=1)
    tend(bench.broker, warn)
    assert bench.broker.instance("i-1").state is State.READY
    bench.clock.time += timedelta(days=2)
    tend(bench.broker, warn)
    bench.drain()
    assert (bench.ledger.instances(), bench.provisioner.world, bench.delivery.secrets) == ([], {}, {})


def test_the_predecessor_ends_with_its_grace() -> None:
    bench = Bench()
    bench.bound("db")
    bench.broker.bindings.rotate("b-1", "b-2", "ana")
    tend(bench.broker, lambda _: True)
    assert len(bench.lender.open) == 2
    bench.clock.time += timedelta(hours=1)
    tend(bench.broker, lambda _: True)
    bench.drain()
    assert [one.id for one in bench.ledger.bindings()] == ["b-2"]
    assert list(bench.lender.open) == ["lease-b-2"]
    assert ("shop", "pg") in bench.delivery.secrets


def test_a_rotation_that_fails_leaves_the_secret_as_it_was() -> None:
    bench = Bench()
    bench.bound("db")
    before = dict(bench.delivery.secrets[("shop", "pg")].data)
    usual = bench.delivery.reach

    def away(_what: Callable[[], Any]) -> Any:
        raise Unavailable("The cluster does not answer.")

    bench.delivery.reach = away
    with pytest.raises(Unavailable):
        bench.broker.bindings.rotate("b-1", "b-2", "ana")
    bench.delivery.reach = usual
    bench.drain()
    assert bench.delivery.secrets[("shop", "pg")].data == before
    assert (list(bench.lender.open), [one.id for one in bench.ledger.bindings()]) == (["lease-b-1"], ["b-1"])


def test_what_has_one_set_of_credentials_cannot_be_rotated() -> None:
    bench = Bench()
    bench.bound()
    with pytest.raises(Malformed, match="one set of credentials"):
        bench.broker.bindings.rotate("b-1", "b-2", "ana")


def test_somebody_who_is_not_listed_sees_and_gets_nothing() -> None:
    bench = Bench()
    with pytest.raises(Malformed, match="no plan"):
        bench.broker.provision(bench.wish(namespace="billing"))
    bench.provisioned()
    bench.catalog.configmaps = [objects_entry(whitelist=["billing"]), *objects()]
    with pytest.raises(Malformed, match="no plan"):
        bench.broker.bind(bench.bind_wish())
    assert bench.ledger.bindings() == []


def test_a_plan_that_takes_long_must_be_polled() -> None:
    bench = Bench()
    with pytest.raises(NeedsAsync):
        bench.broker.provision(bench.wish(incomplete=False))
    assert bench.ledger.instances() == []


def test_an_id_that_is_taken_stays_as_it_is() -> None:
    bench = Bench()
    bench.provisioned()
    with pytest.raises(Clash):
        bench.broker.provision(bench.wish(organization="another"))
    assert not bench.broker.provision(bench.wish()).made
    service, plan = bench.ids("pg")
    bench.broker.deprovision("i-1", service, plan, incomplete=True)
    with pytest.raises(Busy):
        bench.broker.provision(bench.wish())


def test_what_is_bound_is_not_removed() -> None:
    bench = Bench()
    bench.bound()
    service, plan = bench.ids("pg")
    with pytest.raises(Malformed, match="b-1"):
        bench.broker.deprovision("i-1", service, plan, incomplete=True)


def test_a_finalizer_is_named_and_what_it_holds_can_be_abandoned() -> None:
    bench = Bench()
    bench.provisioned()
    place = next(place for place in bench.provisioner.world if place[0] == "Deployment")
    bench.provisioner.held[place] = "example.com/backup"
    service, plan = bench.ids("pg")
    bench.broker.deprovision("i-1", service, plan, incomplete=True)
    job = bench.jobs.pop()
    with pytest.raises(Unavailable, match=r"example\.com/backup") as stuck:
        bench.broker.work(job)
    bench.broker.failed(job, stuck.value, final=True)
    told = bench.broker.last_operation("i-1")
    assert told.progress is Progress.FAILED
    assert "example.com/backup" in told.told
    bench.broker.instances.abandon("i-1", "ana")
    assert bench.audit.lines[-1][1] == "abandon"
    assert "Deployment" in bench.audit.lines[-1][3]
    with pytest.raises(Gone):
        bench.broker.last_operation("i-1")


def test_what_could_not_be_delivered_leaves_nothing() -> None:
    bench = Bench()
    bench.provisioned("db")
    bench.delivery.closed.add("shop")
    with pytest.raises(Malformed, match="has not let the broker in"):
        bench.broker.bind(bench.bind_wish("db"))
    bench.delivery.closed.clear()
    bench.drain()
    assert (bench.ledger.bindings(), bench.lender.open) == ([], {})


class Own:
    """What a cluster holds with the broker's label."""

    def __init__(self, *more: tuple[Thing, str]) -> None:
        self.things = list(more)

    def listed(self) -> Sequence[tuple[Thing, str]]:
        return self.things

    def remove(self, thing: Thing) -> None:
        self.things = [one for one in self.things if one[0] != thing]


def test_drift_is_found_and_mended() -> None:
    bench = Bench()
    bench.bound()
    place = next(place for place in bench.provisioner.world if place[0] == "Service")
    del bench.provisioner.world[place]
    bench.delivery.secrets[("shop", "pg")].data["password"] = "edited"
    found = reconcile(bench.broker, Own(), repair=False)
    assert {(one.what, one.mended) for one in found} == {("missing", ""), ("changed", "")}
    mended = reconcile(bench.broker, Own(), repair=True)
    assert all(one.mended for one in mended)
    bench.drain()
    assert reconcile(bench.broker, Own(), repair=False) == []
    same_listing(bench)


def test_the_credentials_of_a_namespace_that_is_gone_are_taken_back() -> None:
    bench = Bench()
    bench.bound("db")
    bench.delivery.secrets.clear()
    bench.delivery.absent.add("shop")
    found = reconcile(bench.broker, Own(), repair=True)
    assert [(one.what, one.mended) for one in found] == [("missing", "taken back, since its namespace is gone")]
    bench.drain()
    assert (bench.ledger.bindings(), bench.lender.open) == ([], {})
    assert [one.state for one in bench.ledger.instances()] == [State.READY]


def test_what_the_ledger_does_not_know_is_removed_only_when_asked_for() -> None:
    bench = Bench()
    thing = Thing("Deployment", "apps/v1", "api-team", "forgotten", "uid-9")
    own = Own((thing, "i-older"))
    found = reconcile(bench.broker, own, repair=True)
    assert [(one.what, one.mended) for one in found] == [("unknown", "")]
    assert reconcile(bench.broker, own, repair=True, remove_unknown=True) == [replace(found[0], mended="removed")]
    assert own.things == []


def test_no_credential_is_in_what_is_kept_or_carried() -> None:
    bench = Bench(entry(), objects_entry(), *objects())
    bench.bound("db")
    stored = json.dumps([repr(one) for one in (*bench.ledger.instances(), *bench.ledger.bindings())])
    bound = bench.broker.binding("i-1", "b-1")
    secret = bound.credentials["password"]
    assert secret.startswith("canary-")
    raw = b"".join(value for table in ("instances", "bindings") for value in bench.redis.hvals(f"{ROOT}{table}"))
    for text in (stored, repr(bound), repr(bench.audit.lines), repr(bench.jobs), raw.decode()):
        assert secret not in text
    assert b"b-1" in raw


def test_what_is_not_there() -> None:
    bench = Bench()
    with pytest.raises(Absent):
        bench.broker.instance("nothing")
    with pytest.raises(Absent):
        bench.broker.last_operation("nothing")
