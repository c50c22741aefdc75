"""Fifty builds while bots, workers, Redis and engines are killed at random: each ends, once, with a true message.

Real everywhere: two bots and two workers as processes, redis-server with an append-only file, the Docker Engine behind
a socket that dies, a buildkitd that is killed, a registry, the cluster; Slack is the strict local one. Five people
build at the same time, each for a deployment of their own, so that a death meets builds at every stage.

TESSERA_SEED repeats what is killed, and for how long; TESSERA_ALL_FAULTS=1 builds two hundred times.
"""

import json
import os
import random
import re
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisError

from bot.console.server import Console
from bot.jobs.queue import LONG_QUEUE, NAMESPACE, QUEUE
from bot.state.connect import connect_redis
from tests.cluster.disasters import Disasters, Mortal, Process
from tests.cluster.install import kubectl
from tests.cluster.workloads import bound, leave_to_image, web
from tests.contract.buildkit_server import mortal_buildkitd
from tests.contract.engine_proxy import Proxy, proxied
from tests.contract.redis_server import mortal_redis
from tests.parts import docker as docker_socket
from tests.scenario.slack.stack import APP_TOKEN, BOT_TOKEN, SECRET

pytestmark = [
    pytest.mark.cluster, pytest.mark.docker, pytest.mark.buildkit, pytest.mark.registry, pytest.mark.redis,
    pytest.mark.timeout(1800), pytest.mark.xdist_group("builds"),
]  # fmt: skip
QUEUES = (QUEUE, f"{QUEUE}.DQ", LONG_QUEUE, f"{LONG_QUEUE}.DQ")
PEOPLE = 5
EACH = 40 if os.environ.get("TESSERA_ALL_FAULTS") else 10
"""Builds of each of them."""
SLOWEST = 300.0
"""Seconds for a build that is hit again and again, on a busy machine."""
APP = """import http.server, signal
signal.signal(signal.SIGTERM, lambda *_: exit())
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{text}")
http.server.ThreadingHTTPServer(("", 8000), H).serve_forever()
"""
DOCKERFILE = 'FROM python:3.11\nCOPY app.py /app.py\nRUN {flag}sleep 1\nCMD ["python3", "/app.py"]\n'


@dataclass(frozen=True)
class Place:
    """Where the builds happen: a namespace with a bound deployment for each person, and a repository of branches."""

    namespace: str
    image: str
    repository: Path
    folder: Path

    def deployment(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(kubectl("-n", self.namespace, "get", "deployment", name, "-o", "json"))
        return found

    def sha(self, branch: str) -> str:
        return git(self.repository, "rev-parse", branch).strip()


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout


def name_of(person: int) -> str:
    return f"shop-{person}"


def branch_of(person: int, number: int) -> str:
    return f"{name_of(person)}/{number}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Of every second person the Dockerfiles need BuildKit."""
    namespace, folder = f"test-builds-{secrets.token_hex(3)}", tmp_path_factory.mktemp("builds")
    repository = folder / "git" / "shop"
    repository.mkdir(parents=True)
    git(repository, "init", "-q")
    for person in range(PEOPLE):
        flag = "--mount=type=cache,target=/cache " if person % 2 else ""
        (repository / "Dockerfile").write_text(DOCKERFILE.format(flag=flag))
        for number in range(EACH):
            branch = branch_of(person, number)
            (repository / "app.py").write_text(APP.replace("{text}", f"{namespace} {branch}"))
            git(repository, "checkout", "-q", "-b", branch)
            git(repository, "add", ".")
            git(repository, "commit", "-q", "-m", branch)
    image = f"{os.environ['TESSERA_REGISTRY'].replace('127.0.0.1', 'localhost')}/{namespace}"
    kubectl("create", "namespace", namespace)
    try:
        for person in range(PEOPLE):
            name = name_of(person)
            text = web(name, bound(str(repository), f"{image}/{name}"))
            kubectl("-n", namespace, "apply", "-f", "-", text=text)
            leave_to_image(namespace, name)
        yield Place(namespace, image, repository, folder)
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


@dataclass
class Cut:
    """The Docker Engine as its clients see it: dead, then back."""

    proxy: Proxy

    def kill(self) -> None:
        self.proxy.die()

    def start(self) -> None:
        self.proxy.recover()


@dataclass(frozen=True)
class World:
    """The parts, and what may die of them."""

    slack: Console
    redis_url: str
    mortal: dict[str, Mortal]
    engine: str


@contextmanager
def world(place: Place, folder: Path) -> Iterator[World]:
    scratch = place.folder / "scratch"
    scratch.mkdir(exist_ok=True)  # the test may be run once more
    with ExitStack() as running:
        redis = running.enter_context(mortal_redis(folder))
        buildkit = running.enter_context(mortal_buildkitd(place.image.partition("/")[0]))
        engine = running.enter_context(proxied(folder, docker_socket()))
        slack = running.enter_context(Console(None, SECRET, BOT_TOKEN, APP_TOKEN, event_retries=(0.2,)))
        environment = {
            **os.environ, "TESSERA_DOCKER_HOST": engine.url, "TESSERA_BUILDKIT_HOST": buildkit.address,
            "TESSERA_GIT_ROOT": str(place.repository.parent), "TMPDIR": str(scratch),
        }  # fmt: skip
        mortal: dict[str, Mortal] = {"Redis": redis, "buildkitd": buildkit, "Docker": Cut(engine)}
        for role in ("bot", "worker"):
            for number in range(2):
                words = ("tests.cluster.build_process", role, redis.url, slack.api_url)
                process = mortal[f"{role} {number}"] = Process(words, environment)
                process.start()
                running.callback(process.kill)
        assert slack.sockets.wait_connected(2, 60)
        yield World(slack, redis.url, mortal, buildkit.address)


@dataclass(frozen=True)
class Person:
    """Somebody who builds one branch after another for their deployment, and asks again where Slack says to."""

    number: int
    world: World
    place: Place
    asked: list[str]

    @property
    def name(self) -> str:
        return name_of(self.number)

    def works(self) -> None:
        for number in range(EACH):
            branch = branch_of(self.number, number)
            sha = self.place.sha(branch)
            self.builds(branch, sha)
            self.sees(branch, sha)

    def builds(self, branch: str, sha: str) -> None:
        """Ask until the deployment runs it. Every answer on the way is final, and true at that moment."""
        until = time.monotonic() + SLOWEST
        while time.monotonic() < until:
            before = self.place.deployment(self.name)["spec"]["template"]
            request = self.asks(branch)
            self.wait(self.idle)
            if not request:
                continue
            [said] = [root["text"] for root in self.roots() if request in json.dumps(root["blocks"])]
            if said.startswith(f"✓ {self.name} runs {sha[:7]}") or f"{self.name} runs {sha[:7]}" in said:
                return
            untouched = f"✗ {self.name} was not built from {sha[:7]}", "? I could not finish"
            assert said.startswith(untouched), said
            assert said.startswith("?") or self.place.deployment(self.name)["spec"]["template"] == before, said
        raise AssertionError(f"{branch} was not built within {SLOWEST:.0f} s: {[one['text'] for one in self.roots()]}")

    def asks(self, branch: str) -> str:
        """Type it; the request's id, empty where nobody took it: then Slack says so, and one types it again."""
        ack = self.world.slack.slash("ana", "shop", "/build", f"{self.name} {branch} -n {self.place.namespace}")
        found = re.search(r"request (r-[0-9a-f]+)", json.dumps(ack.body))
        if ack.ok and found:
            self.asked.append(found.group(1))
            return found.group(1)
        wait(1)
        return ""

    def sees(self, branch: str, sha: str) -> None:
        """What was said is so."""
        found = self.place.deployment(self.name)
        [container] = found["spec"]["template"]["spec"]["containers"]
        assert found["metadata"]["annotations"]["tessera.dev/commit"] == sha, branch
        assert container["image"].startswith(f"{self.place.image}/{self.name}@sha256:"), branch
        assert found["status"]["readyReplicas"] == 1, branch
        path, heard = f"/api/v1/namespaces/{self.place.namespace}/services/{self.name}:80/proxy/", [""]

        def says() -> bool:
            heard[0] = kubectl("get", "--raw", path)
            return heard[0] == f"{self.place.namespace} {branch}"

        until(says, 20, lambda: f"{branch} should be served, and it says {heard[0]!r}")

    def roots(self) -> list[dict[str, Any]]:
        """The bot's messages about this deployment, outside of threads."""
        return [one for one in roots(self.world.slack) if self.name in one["text"]]

    def idle(self) -> bool:
        """Whether nothing is under way for this deployment: every answer is final, the last request has one, and no
        request waits, such as one whose bot was killed between taking it and saying so."""
        found = self.roots()
        answered = all(any(request in json.dumps(one["blocks"]) for one in found) for request in self.asked[-1:])
        return answered and all(final(one) for one in found) and not self.waiting()

    def waiting(self) -> bool:
        try:
            with connect_redis(self.world.redis_url) as redis:
                kept = [redis.hvals(f"{NAMESPACE}:{queue}.msgs") for queue in QUEUES]
        except RedisError:
            return True
        return any(f"{self.name} ".encode() in job for queue in kept for job in queue)

    def wait(self, ready: Callable[[], bool]) -> None:
        until(ready, SLOWEST, lambda: f"{self.name} waits: {[one['text'][:90] for one in self.roots()]}")


def roots(slack: Console) -> list[dict[str, Any]]:
    return [one for one in slack.messages("shop") if one.get("bot_id") and not one.get("thread_ts")]


def final(root: dict[str, Any]) -> bool:
    """Whether a message is how a request ended, rather than how far it is."""
    return not root["text"].startswith("…") and "I try again by myself" not in root["text"]


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def test_fifty_builds_end_once_each_whatever_dies(place: Place, tmp_path: Path) -> None:
    seed = os.environ.get("TESSERA_SEED", secrets.token_hex(4))
    print(f"TESSERA_SEED={seed}")
    began = time.monotonic()
    with world(place, tmp_path) as parts, connect_redis(parts.redis_url) as redis:
        people = [Person(number, parts, place, []) for number in range(PEOPLE)]
        # As many as builds: a machine that is slow would else be killed more often for being slow.
        with Disasters(parts.mortal, random.Random(seed), most=PEOPLE * EACH) as disasters:
            with ThreadPoolExecutor(PEOPLE) as threads:
                ends = [threads.submit(person.works) for person in people]
            print(f"{time.monotonic() - began:.0f} s; killed: {', '.join(disasters.story)}")
        for end in ends:
            end.result()
        assert disasters.failure is None
        for name in parts.mortal:
            assert disasters.killed(name), f"seed {seed}: {name} was never killed"
        for person in people:
            person.wait(person.idle)
        for request in [request for person in people for request in person.asked]:
            answers = [one for one in roots(parts.slack) if request in json.dumps(one["blocks"])]
            assert len(answers) == 1, (seed, request, [one["text"] for one in answers])
        until(lambda: not [*redis.keys("*building:*"), *redis.keys("*running:*"), *redis.keys("*at-work:*")])
        until(lambda: processes(parts.engine) == 1)  # the engine itself
    until(lambda: left_over(place) == [])


def until(holds: Callable[[], object], seconds: float = 30, why: Callable[[], str] = str) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, why()
        wait(0.3)


def left_over(place: Place) -> list[str]:
    """Containers and names of these builds in the engine, files of theirs, and pods that nobody wants."""
    names = [line for line in docker("images", "--format", "{{.Repository}}").split() if place.image in line]
    containers = [one for name in names for one in docker("ps", "-aq", "--filter", f"ancestor={name}").split()]
    files = [
        str(path)
        for path in (place.folder / "scratch").rglob("*")
        if path.is_dir() and path.name.startswith(("git-", "tessera-build"))
    ]
    pods = kubectl("-n", place.namespace, "get", "pods", "-o", "name").split()
    return [*containers, *names, *files, *pods[PEOPLE:]]


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


def processes(word: str) -> int:
    """How many processes name `word` on their command line."""
    count = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            count += word in path.read_text(errors="replace")
    return count
