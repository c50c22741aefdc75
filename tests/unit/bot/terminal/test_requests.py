"""The catalog's commands in the terminal: fields asked for or named, and nothing made that nobody would remember."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from bot.terminal.run import Asked, run
from bot.terminal.wording import typed_here
from commands.base.errors import Unavailable, UsageError
from commands.base.ports import Services
from commands.base.registry import commands as registered
from commands.broker.broker import Broker
from commands.broker.records import State
from tests.unit.bot.terminal.test_app import tessera
from tests.unit.clusters import services
from tests.unit.commands.broker.bench import Bench, entry, objects, objects_entry

SIZES = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "title": "Size in GiB"}}}


class Worked:
    """The bench's clock; while somebody waits, its workers work."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def now(self) -> datetime:
        return self._bench.clock.now()

    def wait(self, seconds: float) -> None:
        self._bench.clock.time += timedelta(seconds=seconds)
        self._bench.drain()


@pytest.fixture
def bench() -> Bench:
    needing = {"parameters": SIZES}
    approved = {"approval": True, "owners": {"groups": ["api-people"]}}
    return Bench(
        entry(), objects_entry(), objects_entry("sized", **needing), objects_entry("guarded", **approved),
        *objects(), *objects("sized"), *objects("guarded"),
    )  # fmt: skip


def ports(bench: Bench, **more: Any) -> Services:
    return replace(services(), clock=Worked(bench), broker=bench.broker, **more)


def typed(bench: Bench, line: str, values: Mapping[str, str] | None = None, yes: bool = True, **more: Any) -> int:
    """The exit code of a command whose text stands in `line`."""
    name, _, text = line.partition(" ")
    import_module(f"commands.{name}")
    asked = Asked(name, registered()[name].handler, text, yes=yes, values=values or {})
    return run(asked, lambda _audience: ports(bench, **more))


def names(bench: Bench) -> list[str]:
    return [one.name for one in bench.ledger.instances()]


def test_what_is_requested_is_made_and_waited_for(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(bench, "request api/pg -n shop", {"secret-name": "orders"}) == 0
    assert names(bench) == ["orders"]
    secret = bench.delivery.secrets["shop", "orders"]
    said = capsys.readouterr().out
    assert "the Secret orders says how to reach it" in said
    assert secret.data["password"] not in said
    assert typed(bench, "services --mine -n shop") == 0
    assert "Secret orders" in capsys.readouterr().out
    assert typed(bench, "release orders -n shop") == 0
    assert (names(bench), bench.provisioner.world, bench.delivery.secrets) == ([], {}, {})


def test_without_a_yes_and_nobody_there_it_names_the_fields_and_asks_for_nothing(bench: Bench) -> None:
    with pytest.raises(UsageError, match="nobody is here to answer") as refused:
        typed(bench, "request api/sized -n shop", yes=False)
    assert "`--yes`" in refused.value.hint
    assert "`--set secret-name=sized`" in refused.value.hint
    assert "`--set size=…`" in refused.value.hint
    assert names(bench) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Say `size`"),
        ({"size": "large"}, "`size`: This must be a whole number"),
        ({"size": "3", "secret-name": "No Name"}, "`secret-name`"),
        ({"size": "3", "colour": "blue"}, "There is no field `colour`"),
    ],
)
def test_what_is_missing_or_wrong_is_named(bench: Bench, values: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        typed(bench, "request api/sized -n shop", values)
    assert names(bench) == []


def test_a_name_that_is_taken_is_said_once_and_not_asked_for_ever(bench: Bench) -> None:
    typed(bench, "request api/pg -n shop", {"secret-name": "orders"})
    with pytest.raises(UsageError, match="has a `orders` already"):
        typed(bench, "request api/pg -n shop", {"secret-name": "orders"})
    assert names(bench) == ["orders"]


def test_a_team_that_has_to_agree_is_not_waited_for(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {"secret-name": "orders"}
    assert typed(bench, "request api/guarded -n shop", wanted) == 2
    assert "the same request gives you" in capsys.readouterr().out
    [record] = bench.ledger.instances()
    bench.broker.instances.approve(record.id, "ana")
    assert typed(bench, "request api/guarded -n shop", wanted) == 0
    assert ("shop", "orders") in bench.delivery.secrets
    assert len(bench.ledger.instances()) == 1


def test_a_terminal_that_was_closed_meanwhile_goes_on(bench: Bench) -> None:
    class Closed(Worked):
        def wait(self, seconds: float) -> None:
            raise KeyboardInterrupt

    wanted = {"secret-name": "orders"}
    name = "request api/pg -n shop"
    import_module("commands.request")
    asked = Asked("request", registered()["request"].handler, name.partition(" ")[2], yes=True, values=wanted)
    with pytest.raises(KeyboardInterrupt):
        run(asked, lambda _audience: replace(ports(bench), clock=Closed(bench)))
    assert [one.state for one in bench.ledger.instances()] == [State.WORKING]
    assert typed(bench, name, wanted) == 0
    assert names(bench) == ["orders"]


def test_where_no_worker_runs_nothing_is_begun(bench: Bench) -> None:
    bench.broker = Broker(replace(bench.broker.parts, worked=lambda: False))
    with pytest.raises(Unavailable, match="No worker of the broker") as refused:
        typed(bench, "request api/pg -n shop")
    assert "tessera broker" in refused.value.hint
    assert names(bench) == []
    assert typed(bench, "request api/db -n shop") == 0, "nothing takes time there"


@pytest.mark.parametrize(
    "line",
    [
        "request api/db -n shop", "approve db -n shop", "reject db no -n shop", "withdraw db -n shop",
        "extend db -n shop", "rotate db -n shop", "release db -n shop", "services --mine -n shop",
    ],
)  # fmt: skip
def test_without_a_memory_nothing_is_made_and_nothing_is_said_to_be_none(bench: Bench, line: str) -> None:
    with pytest.raises(UsageError, match="remembered in the bot's Redis") as refused:
        typed(bench, line, lasting=False)
    assert "TESSERA_REDIS_URL" in refused.value.hint
    assert names(bench) == []


def test_without_a_memory_the_catalog_is_there_and_says_what_it_does_not_see(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(bench, "catalog -n shop", lasting=False) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "api/pg" in said
    assert "what shop has of it is not seen from here" in said


def test_without_a_broker_it_says_how_to_get_one(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no catalog here"):
        run(Asked("catalog", registered()["catalog"].handler, ""), lambda _audience: services())


def test_scripts_get_the_error_as_json(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    done = tessera("request", "api/db", "-o", "json", KUBECONFIG="/none")
    assert done.exit_code == 2
    assert set(json.loads(done.stdout)) == {"error", "hint"}


@pytest.mark.parametrize(("name", "has"), [("request", True), ("reject", True), ("scale", False), ("release", False)])
def test_only_what_asks_with_a_form_takes_fields(name: str, has: bool) -> None:
    done = tessera(name, "--help")
    assert (done.exit_code, "--set" in done.stdout) == (0, has)


def test_a_field_without_a_value_teaches_the_form() -> None:
    done = tessera("request", "api/db", "--set", "size")
    assert (done.exit_code, "--set reason=tests" in done.stderr) == (2, True)


def test_forms_of_other_commands_are_those_of_the_terminal_too() -> None:
    assert typed_here("`/services --mine` and `/tessera release db`") == (
        "`tessera services --mine` and `tessera release db`"
    )
    assert typed_here("/tessera release NAME; the file /build, `/build/Dockerfile`") == (
        "tessera release NAME; the file /build, `/build/Dockerfile`"
    )
