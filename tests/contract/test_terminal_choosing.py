"""`tessera bind --all`: each proposal is accepted, edited or skipped at a terminal; elsewhere the lines are printed."""

import os
import pty
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DESK = """
import sys
from dataclasses import replace
from bot.terminal.output import Output
from bot.terminal.run import Asked, run
from commands.bind import bind
from tests.fakes.code_host import FakeCodeHost, FakeRepository
from tests.fakes.registry import FakeRegistry
from tests.unit.bot.sandbox.clusters import DEPLOYMENTS, deployment, empty_bench
from tests.unit.fakes import builds_with
from tests.unit.sandboxed import Desk

bench = empty_bench("  ghcr.io/team/*: {}")
code = FakeCodeHost({f"team/{name}": FakeRepository() for name in ("cart", "pay", "shop", "denied")})
for name, held in code.held.items():
    held.push("main", {"Dockerfile": "FROM busybox", "build/Dockerfile": "FROM busybox"})
    host = "quay.io" if name == "team/denied" else "ghcr.io"
    bench.post(DEPLOYMENTS, deployment(name.removeprefix("team/"), f"{host}/{name}:1", 1))
desk = Desk(bench, builds=replace(builds_with(FakeRegistry(denied={"quay.io"})), code=code))
def connect(audience):
    return replace(desk.services, audience=audience, lasting="forgets" not in sys.argv)
asked = Asked("bind", bind, "--all", Output.JSON if "json" in sys.argv else Output.TEXT)
print("exit", run(asked, connect))
for name in ("cart", "pay", "shop", "denied"):
    print(desk.types(f"bind {name}").document.headline)
"""


def said(types: str | None, *words: str) -> str:
    """What is printed when somebody types this at a terminal; None: nobody is there."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "200", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", DESK, *words],
        stdin=subprocess.DEVNULL if types is None else theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    )
    try:
        os.write(ours, (types or "").encode())
        return process.communicate(timeout=240)[0]
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)


def test_each_is_accepted_edited_or_skipped() -> None:
    """The proposals come in the order of their names: cart, denied, pay, shop."""
    edited = "\n".join(["e", "", "", "build/Dockerfile", "build", ""])
    told = said(f"what?\na\naccept\n{edited}\n\n")
    assert "Type accept, edit or skip" in told
    assert "✓ cart is built from team/cart now." in told
    assert "`cart` is built from `team/cart`." in told
    assert "`pay` is built from `team/pay`." in told
    assert "`shop` is not bound" in told
    assert "`denied` is not bound" in told
    assert "skipped: deployment/denied, deployment/shop" in told, "what did not work is not proposed again"
    assert "exit 2" in told


def test_enter_skips_and_nothing_is_bound() -> None:
    told = said("\n\n\n\n")
    assert "exit 0" in told
    assert told.count("is not bound to a repository") == 4


def test_where_nobody_is_the_lines_are_printed_that_do_it() -> None:
    told = said(None)
    assert "    tessera bind deployment/pay team/pay ghcr.io/team/pay -n shop\n" in told
    assert "Accept, edit or skip" not in told
    assert told.count("is not bound to a repository") == 4


def test_where_nothing_keeps_a_binding_the_workloads_are_annotated_instead() -> None:
    told = said("", "forgets")
    line = "kubectl -n shop annotate deployment/pay --overwrite tessera.dev/repository=team/pay"
    assert f"    {line} tessera.dev/image=ghcr.io/team/pay\n" in told
    assert "TESSERA_REDIS_URL" in told


def test_scripts_get_json_alone() -> None:
    told = said(None, "json")
    assert '"command": "/bind deployment/pay team/pay ghcr.io/team/pay -n shop"' in told
    assert "To do it" not in told
