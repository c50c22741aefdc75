"""Changes from the terminal, on a sandbox cluster: shown first, done after a yes, never without one."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cluster.adapter import KubernetesClusters
from bot.sandbox.server import Sandbox
from bot.terminal import app as terminal
from bot.terminal.run import Asked, run
from commands.base.errors import Unavailable
from commands.base.ports import Services
from commands.base.request import Identity, Reply, Request
from explainers import kinds
from explainers.document import Button, Document, Tone
from explainers.operations.reads import Get
from tests.unit.clusters import services


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with Sandbox(["shop"]) as sandbox:
        yield sandbox.write_kubeconfig(tmp_path_factory.mktemp("sandbox") / "kubeconfig", "shop")


def tessera(kubeconfig: Path, *words: str) -> Result:
    environment = {"COLUMNS": "200", "KUBECONFIG": str(kubeconfig)}
    return CliRunner().invoke(terminal.app, words, env=environment, prog_name="tessera")


def replicas(kubeconfig: Path) -> int:
    cluster = KubernetesClusters.connect(str(kubeconfig)).as_identity(Identity())
    found = cluster.run(Get(kinds.DEPLOYMENT, "shop", "web")).object
    return int(found["spec"]["replicas"])


def test_without_a_yes_nothing_is_sent(kubeconfig: Path) -> None:
    before = replicas(kubeconfig)
    done = tessera(kubeconfig, "scale", "web", str(before + 1))
    assert f"kubectl -n shop scale deployment/web --replicas={before + 1}" in done.stdout
    assert "--yes" in done.stderr
    assert (done.exit_code, replicas(kubeconfig)) == (2, before)


def test_a_no_shows_the_plan_once_and_sends_nothing(kubeconfig: Path) -> None:
    before = replicas(kubeconfig)
    said = at_a_terminal(kubeconfig, "n\n", "scale", "web", str(before + 1))
    assert said.count(f"--replicas={before + 1}") == 1
    assert "Nothing was changed." in said
    assert replicas(kubeconfig) == before


def at_a_terminal(kubeconfig: Path, types: str, *words: str) -> str:
    """What somebody sees who types this; standard input is a terminal."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"KUBECONFIG": str(kubeconfig), "COLUMNS": "200"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
    )
    try:
        os.write(ours, types.encode())
        return process.communicate(timeout=120)[0]
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)


def test_with_a_yes_it_is_done_and_followed(kubeconfig: Path) -> None:
    wanted = replicas(kubeconfig) + 1
    done = tessera(kubeconfig, "scale", "web", str(wanted), "-n", "shop", "--yes")
    assert f"web has {wanted} pods, all ready" in done.stdout
    assert (done.exit_code, replicas(kubeconfig)) == (0, wanted)


def test_scripts_get_json_and_are_never_asked(kubeconfig: Path) -> None:
    before = replicas(kubeconfig)
    done = tessera(kubeconfig, "scale", "web", "0", "-o", "json")
    assert json.loads(done.stdout)["applied"] is False
    assert (done.exit_code, replicas(kubeconfig)) == (2, before)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scale", "web"), "Which one, and how many?"),
        (("scale", "web", "lots"), "lots is not a number of pods"),
        (("scale", "web", "-3"), "I know no -3 here"),
        (("scale", "wbe", "3"), "did you mean web"),
    ],
)
def test_mistakes_teach_the_form(kubeconfig: Path, words: tuple[str, ...], said: str) -> None:
    done = tessera(kubeconfig, *words)
    assert said in done.stderr
    assert done.exit_code == 2


def test_what_has_no_form_of_its_own_works_as_in_the_chat(kubeconfig: Path) -> None:
    done = tessera(kubeconfig, "pods", "web")
    assert "web has" in done.stdout
    assert done.exit_code == 0
    assert tessera(kubeconfig, "no-such").exit_code == 2


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (("bind", "web", "team/web", "ghcr.io/team/web"), "tessera.dev/repository"),
        (("connect", "registry", "ghcr.io"), "TESSERA_REGISTRY_LOGINS"),
    ],
)
def test_nothing_is_said_to_be_kept_where_nothing_keeps_it(
    kubeconfig: Path, words: tuple[str, ...], instead: str
) -> None:
    environment = {"KUBECONFIG": str(kubeconfig), "TESSERA_DOCKER_HOST": "unix:///none.sock", "COLUMNS": "200"}
    done = CliRunner().invoke(terminal.app, words, env=environment, prog_name="tessera")
    assert "TESSERA_REDIS_URL" in done.stderr
    assert instead in done.stderr
    assert done.exit_code == 2


class Restless:
    """A change whose plan is another one so many times when it is said yes to."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.said: list[str] = []

    def __call__(self, request: Request, services: Services) -> Reply:
        if request.approval:
            self.said.append(request.approval.hash)
            if len(self.said) > self.times:
                return Reply(Document(Tone.HEALTHY, "Done."), outcome="healthy")
        yes = Button(
            "Apply", "scale", "web 3 -n shop", approves=f"plan {len(self.said)}", at="2026-03-01T12:00:00+00:00"
        )
        return Reply(Document(Tone.INFO, "Change it?", buttons=(yes,)), outcome="proposed")


def test_a_plan_that_the_cluster_has_overtaken_is_agreed_to_anew() -> None:
    handler = Restless(2)
    assert run(Asked("scale", handler, "web 3", yes=True), lambda _audience: services()) == 0
    assert handler.said == ["plan 0", "plan 1", "plan 2"]


def test_a_cluster_that_never_rests_is_said_to_be_one() -> None:
    with pytest.raises(Unavailable, match="Nothing was changed"):
        run(Asked("scale", Restless(99), "web 3", yes=True), lambda _audience: services())
