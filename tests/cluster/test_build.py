"""`/build` on a real node: a real Docker Engine, registry and git repository; built, broken, diagnosed, rolled back."""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

import pytest

from bot import wiring
from bot.building import builds
from bot.settings import Settings
from bot.state.connect import connect_redis
from bot.state.memory import MemoryState
from bot.state.store import RedisState
from commands.base.dispatch import run
from commands.base.ports import Audience, Clusters, StateStore
from commands.base.registry import commands
from commands.base.request import Actor, Approval, Identity, Reply, Request
from explainers.document import Button, Stage, StageState, Tone
from tests.cluster.install import kubectl
from tests.cluster.workloads import bound, leave_to_image, web
from tests.contract.redis_server import redis_server
from tests.faults.verdicts import PROBE_IMAGE
from tests.parts import docker

pytestmark = [
    pytest.mark.cluster, pytest.mark.docker, pytest.mark.registry, pytest.mark.timeout(600),
    pytest.mark.xdist_group("builds"),
]  # fmt: skip
DOCKERFILE = 'FROM python:3.11\nCOPY app.py /app.py\nCMD ["python3", "-u", "/app.py"]\n'
APP = """import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{text}")
http.server.HTTPServer(("", 8000), Page).serve_forever()
"""
CRASH = 'raise SystemExit("fatal: required environment variable SESSION_KEY is not set")\n'


@dataclass
class Desk:
    """Somebody who types commands at the cluster, with an engine behind them."""

    clusters: Clusters
    namespace: str
    folder: Path
    state: StateStore = field(default_factory=MemoryState)

    def types(self, line: str, approval: Approval | None = None) -> Reply:
        name, _, text = line.partition(" ")
        import_module(f"commands.{name}")
        settings = Settings(docker_host=f"unix://{docker()}", buildkit_host="", git_root=self.folder)
        parts = builds(settings)
        services = wiring.live_services(self.clusters, Identity(), PROBE_IMAGE, Audience(), self.state, parts)
        request = Request(name, text, Actor("ada"), namespace=self.namespace, approval=approval)
        return run(commands()[name].handler, request, services)

    def presses(self, reply: Reply, label: str) -> Reply:
        button: Button = next(one for one in reply.document.buttons if one.label == label)
        approval = Approval(button.approves, button.at) if button.approves else None
        return self.types(f"{button.action} {button.argument}", approval)

    def serves(self) -> str:
        """What the service answers, through the API server."""
        return kubectl("get", "--raw", f"/api/v1/namespaces/{self.namespace}/services/shop:80/proxy/")

    def revision(self) -> int:
        """How often the Deployment was rolled out."""
        found = json.loads(kubectl("-n", self.namespace, "get", "deployment", "shop", "-o", "json"))
        return int(found["metadata"]["annotations"]["deployment.kubernetes.io/revision"])

    def image(self) -> str:
        found = json.loads(kubectl("-n", self.namespace, "get", "deployment", "shop", "-o", "json"))
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])


def add_branch(repository: Path, name: str, app: str, dockerfile: str = DOCKERFILE) -> None:
    git = ["git", "-C", str(repository), "-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    subprocess.run([*git, "checkout", "-q", "-b", name], check=True)
    (repository / "app.py").write_text(app)
    (repository / "Dockerfile").write_text(dockerfile)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", f"The branch {name}"], check=True)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    name, folder = f"test-{secrets.token_hex(4)}", tmp_path_factory.mktemp("git")
    repository = folder / "shop"
    repository.mkdir()
    subprocess.run(["git", "-C", str(repository), "init", "-q"], check=True)
    add_branch(repository, "main", APP.replace("{text}", f"old {name}"))
    add_branch(repository, "feature/login", APP.replace("{text}", f"new {name}"))
    add_branch(repository, "broken/dockerfile", APP, DOCKERFILE.replace("COPY app.py", "COPY none.py"))
    add_branch(repository, "broken/crash", f"# {name}\n{CRASH}")
    add_branch(repository, "mounts", APP, "FROM python:3.11\nRUN --mount=type=cache,target=/c true\n")
    slow = DOCKERFILE.replace("CMD", "RUN sleep 3\nCMD")
    add_branch(repository, "slow", f"# slow {name}\n{APP}".replace("{text}", f"slow {name}"), slow)
    add_branch(repository, "broken/slow", APP, slow.replace("sleep 3", "sleep 3; echo no such module; exit 3"))
    image = f"{os.environ['TESSERA_REGISTRY'].replace('127.0.0.1', 'localhost')}/{name}"
    kubectl("create", "namespace", name)
    clusters = wiring.live_clusters()
    try:
        kubectl("-n", name, "apply", "-f", "-", text=web("shop", bound("shop", image), replicas=2))
        kubectl("-n", name, "rollout", "status", "deployment/shop", "--timeout=170s")
        leave_to_image(name, "shop")
        yield Desk(clusters, name, folder)
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


def soon(desk: Desk, text: str) -> None:
    """The service answers with that text, within the moment that the node needs for its rules."""
    until = time.monotonic() + 10
    while text not in desk.serves():
        assert time.monotonic() < until, desk.serves()
        time.sleep(0.2)


def test_built_broken_crashed_and_rolled_back(desk: Desk) -> None:
    first = desk.types("build shop main")
    assert first.outcome == "healthy", first.document
    soon(desk, f"old {desk.namespace}")

    new = desk.types("build shop feature/login")
    assert (new.outcome, new.document.tone) == ("healthy", Tone.HEALTHY)
    assert desk.image() == new.data["image"]
    assert "2 of 2 pods ready" in new.document.facts
    soon(desk, f"new {desk.namespace}")

    again = desk.types("build shop feature/login")
    assert "already: the same image" in again.document.headline
    assert desk.image() == new.data["image"]

    broken = desk.types("build shop broken/dockerfile")
    assert broken.outcome == "fault"
    assert "none.py" in broken.document.headline
    assert "none.py" in broken.document.evidence[0].text
    assert desk.image() == new.data["image"]

    crashed = desk.types("build shop broken/crash")
    assert crashed.outcome == "fault"
    assert "SESSION_KEY" in crashed.document.headline
    assert any("SESSION_KEY is not set" in item.text for item in crashed.document.evidence)
    assert f"new {desk.namespace}" in desk.serves()

    back = desk.presses(desk.presses(crashed, "Roll back"), "Apply")
    assert (back.outcome, desk.image()) == ("healthy", new.data["image"])
    soon(desk, f"new {desk.namespace}")
    older = desk.types("build shop main")
    assert older.outcome == "healthy"
    soon(desk, f"old {desk.namespace}")


def test_what_needs_buildkit_is_explained_where_there_is_none(desk: Desk) -> None:
    before = desk.image()
    reply = desk.types("build shop mounts")
    assert reply.outcome == "fault"
    assert "BuildKit" in reply.document.headline
    assert "line 2" in reply.document.evidence[0].text
    assert desk.image() == before


@pytest.fixture
def both(desk: Desk, tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two workers: nothing is shared but Redis, the engine and the cluster."""
    with redis_server(tmp_path) as url, connect_redis(url) as one, connect_redis(url) as other:
        yield replace(desk, state=RedisState(one)), replace(desk, state=RedisState(other))


def at_once(both: tuple[Desk, Desk], line: str) -> tuple[Reply, Reply]:
    """Both type it at the same moment; the reply of the one who built first."""
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(lambda desk: desk.types(line), both)
    return (other, one) if stage(one, "build").detail.startswith("done by request") else (one, other)


def stage(reply: Reply, name: str) -> Stage:
    return next(one for one in reply.document.stages if one.name == name)


@pytest.mark.redis
def test_two_who_build_the_same_at_once_build_it_once_and_roll_it_out_once(desk: Desk, both: tuple[Desk, Desk]) -> None:
    before = desk.revision()
    first, second = at_once(both, "build shop slow")
    assert first.outcome == "healthy", first.document
    assert (stage(first, "build").state, stage(second, "build").state) == (StageState.DONE, StageState.SKIPPED)
    assert "already: the same image" in second.document.headline
    assert first.data["image"] == second.data["image"] == desk.image()
    assert desk.revision() == before + 1
    soon(desk, f"slow {desk.namespace}")


@pytest.mark.redis
def test_two_who_build_what_fails_at_once_are_told_the_same(desk: Desk, both: tuple[Desk, Desk]) -> None:
    before = desk.image(), desk.revision()
    replies = [one.document for one in at_once(both, "build shop broken/slow")]
    [told] = {one.headline for one in replies}
    assert "was not built from" in told
    built = [one for one in replies if "no such module" in one.code]
    [joined] = [one for one in replies if one not in built]
    assert any("it was built for request" in fact for fact in joined.facts)
    assert (desk.image(), desk.revision()) == before
