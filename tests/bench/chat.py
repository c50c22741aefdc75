"""What the chat costs: acknowledgements under load, and the memory of a worker after a thousand diagnoses."""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.console.delivery import encode
from bot.console.payloads import slash_command
from bot.console.server import Console
from bot.console.signing import signature_headers
from bot.demo import sandbox_clusters
from bot.sandbox.server import Sandbox
from bot.slack.manifest import manifest
from bot.wiring import live_services
from commands.base import dispatch
from commands.base.request import Actor, Identity, Request
from commands.diagnose import diagnose
from tests.bench.at_once import all_at_once, post
from tests.bench.figures import Figure
from tests.contract.redis_server import redis_server
from tests.parts import missing
from tests.ports import free_port

AT_ONCE, BURSTS = 100, 9
PATH = "/slack/events"


def acknowledgements() -> Iterator[Figure]:
    """100 commands at once over loopback HTTP, signed; the time until each is acknowledged. Of several bursts the
    median one counts: the machine does other things, too."""
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        kubeconfig = running.enter_context(Sandbox(["shop"])).write_kubeconfig(folder / "kubeconfig")
        redis = "" if missing("redis") else running.enter_context(redis_server(folder))
        with intake(str(kubeconfig), redis) as slack:
            slack.slash("ana", "shop", "/tessera", "help")
            bursts = [all_at_once(slack.bot_port, [slack.command() for _ in range(AT_ONCE)]) for _ in range(BURSTS)]
    refused = sum(status != 200 for acks in bursts for _, status in acks)
    slowest = statistics.median(
        sorted(1000 * seconds for seconds, _ in acks)[int(AT_ONCE * 0.99) - 1] for acks in bursts
    )
    every = statistics.median(1000 * seconds for acks in bursts for seconds, _ in acks)
    queue = "Redis, append-only" if redis else "Redis in the process"
    detail = f"median {every:.0f} ms, {refused} not acknowledged; {queue}"
    yield Figure(f"acknowledgement with {AT_ONCE} commands at once, p99", slowest, 300, "ms", detail)


class Slack(Console):
    """A local Slack, and its requests as they go over the line."""

    def __init__(self, port: int, secret: str, token: str) -> None:
        self.bot_port = port
        self._secret = secret
        super().__init__(f"http://127.0.0.1:{port}{PATH}", secret, token, None, manifest=manifest())

    def command(self) -> bytes:
        """Ana's `/diagnose web` in #shop, signed now."""
        ana, shop = self.workspace.person("ana"), self.workspace.channel("shop")
        body, kind = encode("slash_commands", slash_command(self.backend, ana, shop, "/diagnose", "web"))
        signed = signature_headers(self._secret, body, int(time.time()))
        return post(PATH, body, {"Content-Type": kind, **signed})


@contextmanager
def intake(kubeconfig: str, redis: str = "") -> Iterator[Slack]:
    """A local Slack here, and the bot's intake in a process of its own; `redis` is the URL of one, if there is one."""
    secret, token, port = "s" * 32, "-".join(["xoxb", "bench"]), free_port()
    slack = Slack(port, secret, token)
    command = [sys.executable, "-m", "tests.bench.intake", str(port), slack.api_url, secret, token, kubeconfig, redis]
    with slack, subprocess.Popen(command) as process:
        try:
            wait_for(port)
            yield slack
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    """Wait until something listens; at most ten seconds."""
    for _ in range(100):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def memory(diagnoses: int) -> Iterator[Figure]:
    """Resident memory of this process while it works like a worker; its growth after the first tenth."""
    with sandbox_clusters("shop") as clusters:
        early = 0.0
        for number in range(diagnoses):
            services = live_services(clusters, Identity(), "busybox:1.36")
            dispatch.run(diagnose, Request("diagnose", "web", Actor("bench"), namespace="shop"), services)
            if number == diagnoses // 10:
                early = resident()
        late = resident()
    yield Figure(f"resident memory after {diagnoses:,} diagnoses", late, 150, "MB", "the sandbox included")
    yield Figure("growth since the first tenth", late - early, 10, "MB")


def resident() -> float:
    """Resident memory of this process in MB, from /proc."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0
