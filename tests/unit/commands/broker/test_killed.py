"""The process is killed right before and right after every call of every operation; what is started again ends it.

Killed while it lends, a broker cannot know of the lease: the same binding's next try gets the same one, as the lender
here and Vault's own leases by token have it.
"""

from collections.abc import Callable

import pytest

from commands.broker.errors import Gone
from commands.broker.records import State
from tests.unit.commands.broker.bench import Bench, Killed, same_listing

MOST = 200


def swept(prepare: Callable[[Bench], None], act: Callable[[Bench], None], check: Callable[[Bench], None]) -> int:
    """Kill `act` at each point in turn, start again, repeat it, and check; how many points there are."""
    for point in range(1, MOST):
        bench = Bench()
        prepare(bench)
        bench.kill_at(point)
        try:
            act(bench)
        except Killed:
            bench.restart()
            bench.drain()
            act(bench)
            same_listing(bench)
            check(bench)
        else:
            bench.killer.at = 0
            same_listing(bench)
            check(bench)
            return point - 1
    raise AssertionError("it never ends")


def nothing(_bench: Bench) -> None:
    """Nothing has to be there before."""


def ready(bench: Bench) -> None:
    records = bench.ledger.instances()
    assert [record.state for record in records] == [State.READY]
    assert records[0].coordinates["host"]


@pytest.mark.parametrize("offering", ["pg", "db"])
def test_provision(offering: str) -> None:
    def act(bench: Bench) -> None:
        bench.broker.provision(bench.wish(offering))
        bench.drain()

    assert swept(nothing, act, ready) >= (10 if offering == "pg" else 4)


@pytest.mark.parametrize("offering", ["pg", "db"])
def test_bind(offering: str) -> None:
    def act(bench: Bench) -> None:
        bench.broker.bind(bench.bind_wish(offering))

    def check(bench: Bench) -> None:
        assert [one.state for one in bench.ledger.bindings()] == [State.READY]
        assert bench.delivery.secrets[("shop", "pg")].data["password"]

    assert swept(lambda bench: bench.provisioned(offering), act, check) >= 8


def test_rotate() -> None:
    def act(bench: Bench) -> None:
        try:
            bench.broker.bindings.rotate("b-1", "b-2", "ana")
        except Gone:
            raise AssertionError("the predecessor is good until its time is over") from None

    def check(bench: Bench) -> None:
        old, new = bench.ledger.binding("b-1"), bench.ledger.binding("b-2")
        assert old
        assert new
        assert (old.secret, old.until != "") == ("", True)
        assert new.state is State.READY
        assert bench.delivery.secrets[("shop", "pg")].data["password"] == new.hidden["credentials"]["password"]
        assert len(bench.lender.open) == 2

    assert swept(lambda bench: bench.bound("db"), act, check) >= 8


@pytest.mark.parametrize("offering", ["pg", "db"])
def test_unbind(offering: str) -> None:
    def act(bench: Bench) -> None:
        service, plan = bench.ids(offering)
        try:
            bench.broker.unbind("i-1", "b-1", service, plan, incomplete=False)
        except Gone:
            assert bench.ledger.gone("b-1")

    def check(bench: Bench) -> None:
        assert (bench.ledger.bindings(), bench.delivery.secrets, bench.lender.open) == ([], {}, {})

    assert swept(lambda bench: bench.bound(offering), act, check) >= 6


@pytest.mark.parametrize("offering", ["pg", "db"])
def test_deprovision(offering: str) -> None:
    def act(bench: Bench) -> None:
        service, plan = bench.ids(offering)
        try:
            bench.broker.deprovision("i-1", service, plan, incomplete=True)
        except Gone:
            assert bench.ledger.gone("i-1")
        bench.drain()

    def check(bench: Bench) -> None:
        assert (bench.ledger.instances(), bench.provisioner.world) == ([], {})

    assert swept(lambda bench: bench.provisioned(offering), act, check) >= 4


def test_stopping_what_is_being_made() -> None:
    """A removal that is asked for at any point of the making stops it, and nothing is left."""

    def prepare(bench: Bench) -> None:
        bench.broker.provision(bench.wish())
        bench.kill_at(6)
        try:
            bench.drain()
        except Killed:
            bench.restart()

    def act(bench: Bench) -> None:
        service, plan = bench.ids("pg")
        try:
            bench.broker.deprovision("i-1", service, plan, incomplete=True)
        except Gone:
            assert bench.ledger.gone("i-1")
        bench.drain()

    def check(bench: Bench) -> None:
        assert (bench.ledger.instances(), bench.provisioner.world) == ([], {})

    assert swept(prepare, act, check) >= 6
